"""What the oracle says of jobs: each look of the doctor that was acknowledged was done, and told once in effect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from handlers.setup.jobs import REPORT
from tests.chaos.arrivals import Answers
from tests.chaos.ledger import Ledger
from tests.chaos.records import Records, Violation


def look_at_jobs(records: Records, ledger: Ledger, answers: Answers) -> Iterator[Violation]:
    """The record's effect is a DM, wherever the card could not be shown where it was asked for."""
    for job in records.jobs:
        if job.state != "done":
            wrong = "failed" if job.state == "dead" else "unsettled"
            yield Violation(wrong, f"job {job.id} is {job.state} after {job.attempts} tries: {job.error}")
        elif job.secret is not None:
            yield Violation("stray", f"job {job.id} has ended, and its secret stands in the database")
    asked = len(records.jobs)
    if not answers.looks <= asked <= answers.looks + answers.perhaps:
        told = f"{answers.looks} looks were acknowledged, {answers.perhaps} perhaps"
        yield Violation("doubled" if asked > answers.looks else "lost", f"{told}, and there are {asked} jobs")
    rows = [row for row in records.deliveries.values() if row.kind == REPORT]
    told_of = Counter(row.subject_id for row in rows for _said in ledger.posts.get(row.token, ()))
    for job in records.jobs:
        if told_of[job.id] > 1:
            yield Violation("doubled", f"the card of job {job.id} stands {told_of[job.id]} times in a DM")
    # A process may die between the showing and its record: then the card is shown again, and never kept from both.
    places = len(ledger.shown) + len(ledger.kept_out)
    if len(told_of) != len(ledger.kept_out):
        wrong = "lost" if len(told_of) < len(ledger.kept_out) else "doubled"
        yield Violation(wrong, f"{len(ledger.kept_out)} cards had to go into a DM, {len(told_of)} did")
    if places != asked:
        yield Violation("lost", f"{asked} jobs, and {places} places where a card was shown or to be shown")
