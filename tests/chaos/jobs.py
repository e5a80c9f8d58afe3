"""What the oracle says of jobs: each look and each errand that was asked for was done, and told once in effect."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.loops.jobs import LOST, LOST_TRIES
from domain.dead_jobs import DEAD_NOTICE
from domain.voc.dm_questions import AgentAnswer, AgentPrompts
from handlers.setup.doctor import Examination
from handlers.setup.jobs import REPORT
from storage.models import Job
from tests.chaos.answers import Answers
from tests.chaos.errands import ANSWERED, Errand, words
from tests.chaos.ledger import Ledger, Said
from tests.chaos.records import Records, Violation

GIVEN_UP = (AgentAnswer.kind, AgentPrompts.kind)


@dataclass(frozen=True, slots=True)
class Errands:
    """The errands of one workspace. `asked`: their numbers by job; `served`: what was answered, by token."""

    team_id: str
    asked: Mapping[int, int]
    served: Mapping[str, str]


def look_at_jobs(records: Records, ledger: Ledger, answers: Answers, errands: Errands) -> Iterator[Violation]:
    """Whether jobs ended, and whether their effects stand in Slack once.

    Nobody has what was to be said in the Messages tab tried again, nor what ended its process time and again: where
    that was given up, an admin must know.
    """
    given_up = [one for one in records.jobs if _is_given_up(one)]
    yield from _given_up(given_up, records, ledger)
    for job in records.jobs:
        if job.state != "done" and job not in given_up:
            wrong = "failed" if job.state == "dead" else "unsettled"
            yield Violation(wrong, f"{job.kind} {job.id} is {job.state} after {job.attempts} tries: {job.error}")
        elif job.secret is not None:
            yield Violation("stray", f"{job.kind} {job.id} has ended, and its secret stands in the database")
    yield from _looks([one for one in records.jobs if one.kind == Examination.kind], records, ledger, answers)
    yield from _errands([one for one in records.jobs if one.kind == Errand.kind], records, ledger, errands)


def _is_given_up(job: Job) -> bool:
    return job.state == "dead" and (job.kind in GIVEN_UP or (job.error == LOST and job.lost >= LOST_TRIES))


def _given_up(jobs: Sequence[Job], records: Records, ledger: Ledger) -> Iterator[Violation]:
    """An admin reads once a day of each kind and each reason."""
    told_of = Counter(job_id for job_id, _said in _posts(DEAD_NOTICE, records, ledger))
    reasons: dict[tuple[str, str], list[int]] = {}
    for job in jobs:
        reasons.setdefault((job.kind, job.error or ""), []).append(job.id)
    admins = sum(one.role == "admin" and one.active for one in records.members.values())
    for (kind, reason), ids in reasons.items():
        told = sum(told_of[one] for one in ids)
        if told != admins:
            wrong = "lost" if told < admins else "doubled"
            yield Violation(wrong, f"{kind} {ids} ended dead ({reason}), and {admins} admins read {told} times of that")


def _looks(jobs: Sequence[Job], records: Records, ledger: Ledger, answers: Answers) -> Iterator[Violation]:
    """The record's effect is a DM, wherever the card could not be shown where it was asked for."""
    asked = len(jobs)
    if not answers.looks <= asked <= answers.looks + answers.perhaps:
        told = f"{answers.looks} looks were acknowledged, {answers.perhaps} perhaps"
        yield Violation("doubled" if asked > answers.looks else "lost", f"{told}, and there are {asked} jobs")
    told_of = Counter(job_id for job_id, _said in _posts(REPORT, records, ledger))
    for job in jobs:
        if told_of[job.id] > 1:
            yield Violation("doubled", f"the card of job {job.id} stands {told_of[job.id]} times in a DM")
    # A process may die between the showing and its record: then the card is shown again, and never kept from both.
    places = len(ledger.shown) + len(ledger.kept_out)
    if len(told_of) != len(ledger.kept_out):
        wrong = "lost" if len(told_of) < len(ledger.kept_out) else "doubled"
        yield Violation(wrong, f"{len(ledger.kept_out)} cards had to go into a DM, {len(told_of)} did")
    dead = sum(_is_given_up(one) for one in jobs)  # shown before its process died, or not
    if not asked - dead <= places <= asked:
        yield Violation("lost", f"{asked} jobs, and {places} places where a card was shown or to be shown")


def _errands(jobs: Sequence[Job], records: Records, ledger: Ledger, errands: Errands) -> Iterator[Violation]:
    """Each answer stands once, in a DM of the workspace whose errand it was."""
    there = {one.id: one for one in jobs}
    for job_id in errands.asked.keys() ^ there.keys():
        wrong = "lost" if job_id in errands.asked else "doubled"
        yield Violation(wrong, f"errand {job_id} of {errands.team_id} was asked for, or is there, and not both")
    told_of: dict[int, list[str]] = {}
    for job_id, said in _posts(ANSWERED, records, ledger):
        told_of.setdefault(job_id, []).append(said.content["text"])
    for job_id in errands.asked.keys() & there.keys():
        told = told_of.get(job_id, [])
        wanted = words(errands.served.get(there[job_id].token, "nothing"), errands.asked[job_id], errands.team_id)
        if len(told) != 1:
            yield Violation("doubled" if told else "lost", f"the answer of errand {job_id} stands {len(told)} times")
        elif told != [wanted]:
            yield Violation("wrong card", f"errand {job_id} says {told[0]!r}, should be {wanted!r}")


def _posts(kind: str, records: Records, ledger: Ledger) -> Iterator[tuple[int, Said]]:
    """Of which job each message of a kind tells."""
    for row in records.deliveries.values():
        if row.kind == kind:
            for said in ledger.posts.get(row.token, ()):
                yield row.subject_id, said
