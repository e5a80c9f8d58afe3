"""What can be measured from outside, in Prometheus' format. Labels never hold names of people or secrets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from bot.slack.client import GONE, HICCUPS, PASSING, PERMANENT, TOKEN
from domain.lateness import GRACE, Overdue
from domain.leads.ladder import LADDER
from domain.llm.budget import TROUBLES
from domain.webhooks.rounds import Waiting
from handlers.catalog import all_job_kinds
from storage.database import Database
from storage.jobs import Jobs
from storage.models import OVERDUE_KINDS
from storage.outbox import Priority

NOT_SLACKS: Final = frozenset(
    {"ratelimited", "timeout", "connection_lost", "http_500", "http_502", "http_503", "http_504"}
)
"""What a call of Slack's Web API met without an error of Slack's own."""
REFUSED: Final = ("no_secret", "too_large", "unsigned", "malformed", "stale", "forged", "bad_body", "bad_shape")
ACKNOWLEDGED: Final = (
    "command",
    "block_actions",
    "block_suggestion",
    "view_submission",
    "view_closed",
    "shortcut",
    "message_action",
    "event_callback",
)
JOB_ENDS: Final = ("done", "again", "failed", "dead", "given back", "lost")
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
        self.slack_calls = Histogram(
            "tandem_slack_call_seconds",
            "From a call of Slack's Web API to its answer, refusals included",
            ["method"],
            registry=self.registry,
            buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
        )
        self.slack_errors = Counter(
            "tandem_slack_errors_total",
            "Calls of Slack's Web API that failed, by Slack's name for the error, or ours for a lost connection",
            ["error"],
            registry=self.registry,
        )
        self.editions = Histogram(
            "tandem_edition_seconds",
            "From gathering a digest's facts to their commit",
            registry=self.registry,
            buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15),
        )
        self.refused = Counter(
            "tandem_refused_requests_total", "Requests refused at the edge", ["reason"], registry=self.registry
        )
        self.intake_refused = Counter(
            "tandem_intake_refused_total",
            "Posts of leads that were refused, by the name of the source (unknown: there is none such) and the reason",
            ["source", "reason"],
            registry=self.registry,
        )
        self.asked = Counter(
            "tandem_items_asked_total",
            "Items about whose theme marketing was asked in a day's message",
            registry=self.registry,
        )
        self._of_the_model()
        self._of_webhooks()
        self._of_jobs()
        self._of_the_database()
        self._of_the_moment()
        self._at_zero()

    def _of_jobs(self) -> None:
        self._kinds_shown: set[str] = set()
        self.job_seconds = Histogram(
            "tandem_job_seconds",
            "From the taking of a job to the record of what came of it",
            ["kind"],
            registry=self.registry,
            buckets=(0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300),
        )
        self.jobs_ended = Counter(
            "tandem_jobs_total", "What came of each try of a job", ["kind", "end"], registry=self.registry
        )
        self.jobs_open = Gauge("tandem_jobs_open", "Jobs that have not ended yet", ["kind"], registry=self.registry)
        self.jobs_oldest = Gauge(
            "tandem_jobs_oldest_seconds",
            "How long ago the first job that has not ended was to be done",
            ["kind"],
            registry=self.registry,
        )
        self.jobs_dead = Gauge(
            "tandem_jobs_dead",
            "Jobs that no further try could help, and that nobody dropped",
            ["kind"],
            registry=self.registry,
        )

    def _of_webhooks(self) -> None:
        self.webhooks = Gauge(
            "tandem_webhook_messages",
            "Events for other systems that wait, and those that were given up",
            ["state"],
            registry=self.registry,
        )
        self.webhooks_oldest = Gauge(
            "tandem_webhook_oldest_seconds",
            "How long ago the oldest event happened that could be sent now",
            registry=self.registry,
        )
        self.webhooks_paused = Gauge(
            "tandem_webhook_endpoints_failed",
            "Endpoints that are paused because they failed for days, or are gone",
            registry=self.registry,
        )

    def show_webhooks(self, found: Waiting, paused: int) -> None:
        """Set the gauges of outgoing webhooks."""
        self.webhooks.labels("waiting").set(found.waiting)
        self.webhooks.labels("dead").set(found.dead)
        self.webhooks_oldest.set(found.late.total_seconds())
        self.webhooks_paused.set(paused)

    def _of_the_model(self) -> None:
        self.llm_questions = Counter(
            "tandem_llm_questions_total",
            "How questions to the language model ended",
            ["end"],
            registry=self.registry,
        )
        self.llm_tokens = Counter(
            "tandem_llm_tokens_total",
            "Tokens of questions and answers, as the language model counts them",
            registry=self.registry,
        )

    def _of_the_database(self) -> None:
        seconds = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 2.5)
        self.group_work = Histogram(
            "tandem_database_work_seconds",
            "What the use cases of one transaction took together, before the commit",
            registry=self.registry,
            buckets=seconds,
        )
        self.commits = Histogram(
            "tandem_database_commit_seconds",
            "What a commit took",
            registry=self.registry,
            buckets=seconds,
        )
        self.groups = Histogram(
            "tandem_database_group_size",
            "How many use cases shared a commit",
            registry=self.registry,
            buckets=(1, 2, 4, 8, 16, 32),
        )
        self.jobs_waiting = Gauge(
            "tandem_database_jobs_waiting", "Use cases that wait for a writer thread", registry=self.registry
        )

    def _of_the_moment(self) -> None:
        """What is read from the database when somebody asks, and by the self-audit."""
        self.clock_offset = Gauge(
            "tandem_clock_offset_seconds",
            "By how much the database's clock, which decides, is ahead of this computer's",
            registry=self.registry,
        )
        self.waiting = Gauge(
            "tandem_outbox_waiting", "Deliveries that have not left yet", ["priority"], registry=self.registry
        )
        self.oldest = Gauge(
            "tandem_outbox_oldest_seconds",
            "How long ago the oldest delivery that waits was wanted",
            ["priority"],
            registry=self.registry,
        )
        self.pauses = Gauge(
            "tandem_slack_pause_seconds",
            "For how long Slack asked not to call a method",
            ["method"],
            registry=self.registry,
        )
        self.overdue = Gauge(
            "tandem_overdue",
            "What is overdue though nothing of Slack's holds it back",
            ["what"],
            registry=self.registry,
        )
        self.overdue_age = Gauge(
            "tandem_overdue_oldest_seconds", "How long the first of it is overdue", ["what"], registry=self.registry
        )

    def show_jobs(self, found: Iterable[Jobs]) -> None:
        """Set the gauges of what is open and dead, for kinds that this version does not know, too."""
        found = list(found)
        for kind in self._kinds_shown - {one.kind for one in found}:
            for gauge in (self.jobs_open, self.jobs_oldest, self.jobs_dead):
                gauge.labels(kind).set(0)
        self._kinds_shown |= {one.kind for one in found}
        for one in found:
            self.jobs_open.labels(one.kind).set(one.open)
            self.jobs_oldest.labels(one.kind).set(one.late.total_seconds())
            self.jobs_dead.labels(one.kind).set(one.dead)

    def count_refused_lead(self, source: str, reason: str) -> None:
        """A post of a lead was refused; `source`: "unknown" for none."""
        self.intake_refused.labels(source, reason).inc()

    def _at_zero(self) -> None:
        """Every series whose labels are known begins at 0: Prometheus sees no increase in one that begins at 1."""
        known: Iterable[tuple[Any, Iterable[str]]] = (
            (self.acks, ACKNOWLEDGED),
            (self.rungs, LADDER),
            (self.deliveries, [one.name.lower() for one in Priority]),
            (self.sent, ("sent", "found", "dropped", "failed")),
            (self.slack_errors, sorted(PERMANENT | TOKEN | HICCUPS | PASSING | GONE | NOT_SLACKS)),
            (self.refused, REFUSED),
            (self.waiting, [one.name.lower() for one in Priority]),
            (self.oldest, [one.name.lower() for one in Priority]),
            (self.overdue, GRACE),
            (self.overdue_age, GRACE),
            (self.webhooks, ("waiting", "dead")),
            (self.llm_questions, ("answered", *TROUBLES)),
        )
        for metric, values in known:
            for value in values:
                metric.labels(value)
        for kind in all_job_kinds():
            for gauge in (self.job_seconds, self.jobs_open, self.jobs_oldest, self.jobs_dead):
                gauge.labels(kind)
            for end in JOB_ENDS:
                self.jobs_ended.labels(kind, end)

    def show_overdue(self, overdue: Iterable[Overdue], now: float) -> None:
        """Set the gauges of what is overdue; `now` in seconds of the epoch."""
        found = {one.what: one for one in overdue}
        for what in OVERDUE_KINDS:
            one = found.get(what)
            self.overdue.labels(what).set(one.count if one else 0)
            self.overdue_age.labels(what).set(now - one.since.timestamp() if one else 0)

    def watch_database(self, database: Database) -> None:
        """Measure the database's commits from now on; called from its threads."""

        def committed(jobs: int, worked: float, commit: float) -> None:
            self.groups.observe(jobs)
            self.group_work.observe(worked)
            self.commits.observe(commit)

        database.watch = committed
        self.jobs_waiting.set_function(lambda: database.waiting_jobs)
