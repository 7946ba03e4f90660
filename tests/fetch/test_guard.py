"""Which addresses may be asked."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from aggregator.fetch.guard import AddressPolicy

SPECIAL = """
0.0.0.0 10.0.0.1 100.64.0.1 100.127.255.255 127.0.0.1 127.255.255.255 169.254.169.254 172.16.0.1
172.31.255.255 192.0.0.1 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.19.255.255 198.51.100.1
203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
:: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:0:127.0.0.1 64:ff9b::7f00:1
64:ff9b::a00:1 64:ff9b:1::1 100::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:10::1
2001:20::1 2001:db8::1 2002:7f00:1:: 2002:a00:1::1 3fff::1 4000::1 5f00::1 fc00::1 fd12::1 fe80::1
fe80::1%eth0 2606:4700::1%eth0 fec0::1 ff02::1
""".split()

PUBLIC = """
1.1.1.1 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 172.15.255.255
172.32.0.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 223.255.255.255
::ffff:1.1.1.1 2001:200::1 2001:4860:4860::8888 2606:4700::1111 2a00:1450:4001::200e
""".split()


@pytest.mark.parametrize("address", SPECIAL)
def test_special_addresses_are_refused(address: str) -> None:
    refusal = AddressPolicy().refusal(ip_address(address), 443)
    assert refusal is not None
    assert "`fetch.allow_networks` in feeds.yaml can allow it" in refusal


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_not(address: str) -> None:
    assert AddressPolicy().refusal(ip_address(address), 443) is None


def test_the_refusal_says_what_kind_of_address_it_is() -> None:
    assert AddressPolicy().refusal(ip_address("10.0.0.1"), 80) == (
        "10.0.0.1 is a private address; `fetch.allow_networks` in feeds.yaml can allow it"
    )


def test_unusual_ports_are_refused_at_public_addresses() -> None:
    policy = AddressPolicy(allow_ports=(80, 8080))
    assert policy.refusal(ip_address("1.1.1.1"), 8080) is None
    for port in (22, 25, 443, 6379):
        assert "`fetch.allow_ports`" in (policy.refusal(ip_address("1.1.1.1"), port) or "")


def test_an_allowed_network_is_allowed_on_every_port_and_no_further() -> None:
    policy = AddressPolicy([ip_network("127.0.0.0/8"), ip_network("fd00::/8")])
    assert policy.refusal(ip_address("127.0.0.2"), 22) is None
    assert policy.refusal(ip_address("::ffff:127.0.0.2"), 22) is None
    assert policy.refusal(ip_address("fd00::1"), 9) is None
    assert policy.refusal(ip_address("10.0.0.1"), 80) is not None
    assert policy.refusal(ip_address("64:ff9b::7f00:1"), 80) is not None
