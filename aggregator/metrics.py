"""How it goes, for Prometheus: its text format, by its own library."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from aggregator import __version__
from aggregator.services.status import Status

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def exposition(status: Status) -> bytes:
    """Return the metrics of a moment.

    Counters are sums over all days that are stored, so they go on across restarts, and across
    the processes of cron.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Moment(status))
    text: bytes = generate_latest(registry)
    return text


class _Moment(Collector):
    def __init__(self, status: Status) -> None:
        self._status = status

    def collect(self) -> Iterator[Metric]:
        status = self._status
        yield _gauge("info", "The program's version.", {"version": __version__})
        polls = CounterMetricFamily(
            "aggregator_polls", "Polls, by how they ended.", labels=["status", "failure"]
        )
        octets = CounterMetricFamily(
            "aggregator_received_bytes", "Bodies as they came in.", labels=["status"]
        )
        seconds = CounterMetricFamily(
            "aggregator_poll_seconds", "From the question until it was read.", labels=["status"]
        )
        ended: dict[tuple[str, str], int] = {}
        received: dict[str, int] = {}
        spent: dict[str, float] = {}
        for one in status.sums:
            name, failure = one.status.value, one.failure.value if one.failure else ""
            ended[name, failure] = ended.get((name, failure), 0) + one.polls
            received[name] = received.get(name, 0) + one.octets
            spent[name] = spent.get(name, 0.0) + one.seconds
        for (name, failure), count in sorted(ended.items()):
            polls.add_metric([name, failure], count)
        for name in sorted(received):
            octets.add_metric([name], received[name])
            seconds.add_metric([name], spent[name])
        yield from (polls, octets, seconds)
        feeds = GaugeMetricFamily("aggregator_feeds", "Feeds followed.", labels=["state"])
        well = status.feeds - status.paused - status.gone - status.failing
        states = {"well": well, "failing": status.failing}
        for state, count in (states | {"gone": status.gone, "paused": status.paused}).items():
            feeds.add_metric([state], count)
        yield feeds
        yield _value("feeds_due", "Feeds that wait for their poll.", status.queue.due)
        yield _value(
            "queue_age_seconds",
            "How long the feed has waited that is due the longest.",
            status.waiting.total_seconds(),
        )
        if status.queue.last_polled_at is not None:
            at = status.queue.last_polled_at.timestamp()
            yield _value("last_poll_timestamp_seconds", "When a feed was last asked.", at)
        if status.not_modified_share is not None:
            yield _value(
                "not_modified_ratio",
                "Good answers of today and yesterday that were a 304.",
                status.not_modified_share,
            )
        entries = GaugeMetricFamily("aggregator_entries", "Entries stored.", labels=["status"])
        for kind, count in sorted(status.entries.items()):
            entries.add_metric([kind.value], count)
        yield entries
        posts = GaugeMetricFamily("aggregator_posts", "Posts stored.", labels=["status"])
        for stage, count in sorted(status.posts.items()):
            posts.add_metric([stage.value], count)
        yield posts


def _value(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(f"aggregator_{name}", told, value=value)


def _gauge(name: str, told: str, labels: dict[str, str]) -> Metric:
    metric = GaugeMetricFamily(f"aggregator_{name}", told, labels=list(labels))
    metric.add_metric(list(labels.values()), 1)
    return metric
