"""`/tandem doctor`: what the command line's doctor looks at, as a card that only the admin sees.

The look takes longer than Slack waits, so it is a job (handlers/setup/jobs.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from sqlalchemy.orm import Session

from domain.lateness import Overdue, find_overdue
from domain.people import ADMINS, Actor
from handlers import blocks as b
from handlers.answers import NOTHING, Answer, Block, Receipt
from handlers.arrival import Arrival
from handlers.jobs import close_secret
from handlers.listeners import Listeners
from handlers.receipts import response_url
from handlers.setup.checks import rests, waits
from handlers.setup.finding import Finding
from handlers.setup.incidents import REMEDY, so_many
from handlers.words import listed
from storage import jobs
from storage.queue import Queue

MOST_TROUBLES = 12


@dataclass(frozen=True)
class Examination:
    """What the job of a look is told. `asked_by`: a Slack user id; `replacing`: an earlier card makes room for it."""

    kind: ClassVar[str] = "examination"

    asked_by: str
    replacing: bool = False


def declare(listeners: Listeners) -> None:
    """Declare the command and its button on the subject's listeners."""
    listeners.command(
        "tandem", "doctor", roles=ADMINS, usage="doctor", help="What is well, what waits, what to mend (admins)"
    )(on_doctor)
    listeners.action("setup.doctor", roles=ADMINS)(on_again)


async def on_doctor(arrival: Arrival) -> Answer:
    return await _ask(arrival, Examination(arrival.user_id))


async def on_again(arrival: Arrival) -> Answer:
    return await _ask(arrival, Examination(arrival.user_id, replacing=True))


async def _ask(arrival: Arrival, wanted: Examination) -> Answer:
    secret = close_secret(arrival.tandem, response_url(arrival.body))
    return await arrival.answer(ask_for_examination, wanted, secret, view=at_once)


def ask_for_examination(
    session: Session, wanted: Examination, secret: str | None, *, by: Actor, at: datetime
) -> list[Overdue]:
    """Have the doctor look. `secret`: where the card can go. Returns what is overdue already: then the look may be."""
    jobs.enqueue(session, by.workspace_id, wanted, at=at, secret=secret)
    return find_overdue(session, by.workspace_id, at)


def at_once(overdue: Sequence[Overdue]) -> Answer:
    """What can be told before the look, in case nobody is there to do it."""
    if not overdue:
        return NOTHING
    remedies = dict.fromkeys(REMEDY[one.what] for one in overdue)
    text = f":warning: {listed([so_many(one.what, one.count) for one in overdue])}. {' '.join(remedies)}"
    return Receipt(f"{text} The whole look follows as soon as a worker has done it.")


def doctor_card(findings: Sequence[Finding], queue: Queue, at: datetime) -> Receipt:
    """What needs somebody first, each with its remedy; then what waits; then, small, what is well."""
    troubles = [one for one in findings if not one.well]
    # What waits has a paragraph of its own.
    well = [one for one in findings if one.well and one.what != "queue"]
    title = _title(len(troubles), sum(one.checked for one in well))
    blocks: list[Block] = [b.section(title)]
    blocks += [_trouble(one) for one in troubles[:MOST_TROUBLES]]
    if len(troubles) > MOST_TROUBLES:
        blocks.append(
            b.context(f"and {len(troubles) - MOST_TROUBLES} more, which `./tandem doctor` on the server lists")
        )
    blocks.append(b.section("\n".join(["*Waiting to be sent*", *_waiting(queue, at)])))
    if well:
        blocks.append(b.context("\n".join(map(_well, well))[:2900]))
    blocks.append(b.actions(b.button("Look again", "setup.doctor"), block_id="doctor"))
    return Receipt(title.replace("*", ""), blocks)


def _title(troubles: int, well: int) -> str:
    if not troubles:
        return ":white_check_mark: *All is well.*"
    need = "1 thing needs you" if troubles == 1 else f"{troubles} things need you"
    return f":warning: *{need}.* {well} {'is' if well == 1 else 'are'} well."


def _trouble(one: Finding) -> Block:
    named = b.escape(one.what[:1].upper() + one.what[1:])
    remedy = f"\n:point_right: {one.remedy[:1].upper()}{one.remedy[1:]}" if one.remedy else ""
    return b.section(f"*{named}*\n{b.escape(one.found)}{remedy}")


def _well(one: Finding) -> str:
    return f"{'✓' if one.checked else '?'} *{b.escape(one.what)}*  {b.escape(one.found)}"


def _waiting(queue: Queue, at: datetime) -> list[str]:
    return [f"•  {line}" for line in [*waits(queue), *rests(queue, at)]] or ["Nothing waits."]
