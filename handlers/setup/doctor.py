"""`/tandem doctor`: what the command line's doctor looks at, as a card that only the admin sees."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from domain.people import ADMINS, Actor
from domain.wall import local_time
from handlers import blocks as b
from handlers.answers import Answer, Block, Later, Receipt
from handlers.arrival import Arrival, Tandem
from handlers.listeners import Listeners
from handlers.setup.checks import Stored, check_schema, check_slack, check_stored, not_asked, rests, waits
from handlers.setup.finding import Finding
from storage.queue import Queue

MOST_TROUBLES = 12
SLACK_SECONDS = 20.0


def declare(listeners: Listeners) -> None:
    """Declare the command and its button on the subject's listeners."""
    listeners.command(
        "tandem", "doctor", roles=ADMINS, usage="doctor", help="What is well, what waits, what to mend (admins)"
    )(on_doctor)
    listeners.action("setup.doctor", roles=ADMINS)(on_again)


async def on_doctor(arrival: Arrival) -> Answer:
    """Slack is asked about every channel, which may take longer than it waits for us."""
    stored = await arrival.look(_stored, arrival.tandem)
    return Later(partial(_examine, arrival, stored))


async def on_again(arrival: Arrival) -> Answer:
    stored = await arrival.look(_stored, arrival.tandem)
    return Later(partial(_examine, arrival, stored, replacing=True))


def _stored(session: Session, tandem: Tandem, *, by: Actor, at: datetime) -> Stored:
    return check_stored(session, by.workspace_id, at=at, unseal=tandem.unseal, prefix=tandem.prefix)


async def _examine(arrival: Arrival, stored: Stored, *, replacing: bool = False) -> Receipt:
    tandem = arrival.tandem
    schema = await asyncio.to_thread(check_schema, tandem.db.engine)
    try:
        async with asyncio.timeout(SLACK_SECONDS):
            slack = await check_slack(arrival.client, stored, prefix=tandem.prefix)
    except TimeoutError:
        slack = [Finding("slack", False, f"no answer within {SLACK_SECONDS:.0f} s", "See status.slack.com.")]
        slack += not_asked("Slack kept silent")
    apart = (tandem.clock.outside() - local_time()).total_seconds()
    name = tandem.db.url.get_backend_name()
    database = Finding("database", True, name if tandem.db.is_sqlite else f"{name}, {apart:+.1f} s from our clock")
    card = doctor_card([database, schema, *stored.findings, *slack], stored.queue, arrival.at)
    return replace(card, replace=replacing)


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
