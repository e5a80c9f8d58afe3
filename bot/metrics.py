"""What can be measured from outside, in Prometheus' format. Labels never hold names of people or secrets."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_LATENESS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300)


class Metrics:
    """The figures of one running program, in a registry of its own so that two can run in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.acks = Histogram(
            "tandem_ack_seconds",
            "From a request of Slack to its answer",
            ["kind"],
            registry=self.registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3),
        )
        self.rungs = Histogram(
            "tandem_rung_lateness_seconds",
            "How long after its time a rung was applied",
            ["rung"],
            registry=self.registry,
            buckets=_LATENESS,
        )
        self.deliveries = Histogram(
            "tandem_delivery_lateness_seconds",
            "From the cause of a message to Slack's confirmation",
            ["priority"],
            registry=self.registry,
            buckets=_LATENESS,
        )
        self.sent = Counter("tandem_deliveries_total", "How deliveries ended", ["state"], registry=self.registry)
        self.slack_errors = Counter(
            "tandem_slack_errors_total", "Errors that Slack answered", ["error"], registry=self.registry
        )
        self.refused = Counter(
            "tandem_refused_requests_total", "Requests refused at the edge", ["reason"], registry=self.registry
        )
        self.clock_offset = Gauge(
            "tandem_clock_offset_seconds",
            "By how much the database's clock, which decides, is ahead of this computer's",
            registry=self.registry,
        )
        self.waiting = Gauge("tandem_outbox_waiting", "Deliveries that have not left yet", registry=self.registry)
