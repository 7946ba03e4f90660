"""How it goes, for people, machines and Prometheus."""

from __future__ import annotations

import re

from servers import response, serving


def test_status_says_how_it_goes(folder, rss):
    folder.follow()
    assert "No feeds are followed yet" in folder.run("status").went_well().out
    state = {"answer": response(200, rss("one", "two"), etag='"1"')}
    with serving(lambda request: state["answer"]) as server:
        folder.follow(server.url("/"))
        assert "1 due now" in folder.run("status").went_well().out
        folder.run("poll").went_well()
        state["answer"] = response(304)
        folder.run("poll", "--force").went_well()
        out = folder.run("status").went_well().out
        assert "1 feed\n" in out
        assert "2 polls, 0 failed, 50% of the good answers not modified" in out
        assert "2 entries in the inbox" in out
        assert "the next is due" in out
        told = folder.run("status", "--json").went_well().json
        assert told["lately"]["not_modified_share"] == 0.5
        assert told["lately"]["octets"] == len(rss("one", "two"))
        assert told["queue"]["due"] == 0
        state["answer"] = response(500)
        folder.run("poll", "--force")
        out = folder.run("status").went_well().out
        assert "1 in trouble" in out
        assert "aggregator feeds --trouble" in out


def test_metrics_are_in_prometheus_own_format_and_go_on_across_processes(folder, rss):
    from prometheus_client.parser import text_string_to_metric_families

    with serving(lambda request: response(200, rss("one"))) as server:
        folder.follow(server.url("/"))
        folder.run("poll").went_well()
        folder.run("poll", "--force").went_well()
    text = folder.run("status", "--prometheus").went_well().out
    samples = {
        (sample.name, tuple(sorted(sample.labels.values()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert samples["aggregator_polls_total", ("", "new_content")] == 1
    assert samples["aggregator_polls_total", ("", "unchanged")] == 1
    assert samples["aggregator_received_bytes_total", ("unchanged",)] == len(rss("one"))
    assert samples["aggregator_feeds", ("well",)] == 1
    assert samples["aggregator_queue_age_seconds", ()] == 0
    assert samples["aggregator_entries", ("inbox",)] == 1
    assert re.search(r"^# TYPE aggregator_polls_total counter$", text, re.M)


def test_tidying_is_asked_for_by_a_rule(folder):
    folder.follow()
    assert "Everything is kept" in folder.run("tidy").went_well().out
    folder.config.write_text("keep: {age: 365d, at_least: 10}\nfeeds: []\n")
    assert "0 texts would be let go of" in folder.run("tidy", "--dry-run").went_well().out
    assert "0 texts let go of" in folder.run("tidy").went_well().out
