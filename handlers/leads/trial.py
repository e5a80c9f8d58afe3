"""The button “Send a test lead”: what would become of one, from its reading to its owner. Nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.errors import FieldProblems, NotFound
from domain.leads.arriving import NewLead
from domain.leads.trying import Tried, try_leads
from domain.people import ADMINS, Actor
from domain.text import shorten
from handlers import blocks as b
from handlers.answers import Answer, Block, UpdateModal, View
from handlers.arrival import Arrival
from handlers.intake.adapter import Adapter, Ignored
from handlers.intake.senders import sender_of
from handlers.intake.sources import ADAPTERS
from handlers.intake.trial import could_not_read, read_trial
from handlers.intake.views import BadBody
from handlers.leads.why import IN_SLACK, why_lines
from handlers.listeners import Listeners
from handlers.setup.lists import TRY
from handlers.setup.rule_listeners import remembered_of
from handlers.setup.views import Context, back
from storage.models import Source

_READ: Final = (
    ("Name", "name"),
    ("E-mail", "email"),
    ("Phone", "phone"),
    ("Company", "company"),
    ("Job title", "job_title"),
    ("What they want", "asked"),
    ("Score", "score"),
    ("Tier", "tier"),
    ("Team", "team"),
)


@dataclass(frozen=True, slots=True)
class Trial:
    """What would become of a test lead. `unread`: why there is none; `named`: what would name it for good."""

    source: str
    paused: bool
    lead: NewLead | None = None
    tried: Tried | None = None
    named: bool = False
    unread: str = ""


def declare(listeners: Listeners) -> None:
    """Declare it on the subject's listeners."""
    listeners.action(TRY, roles=ADMINS)(on_try)


async def on_try(arrival: Arrival) -> Answer:
    trial = await arrival.look(_try, arrival.value)
    return UpdateModal(trial_view(trial, remembered_of(arrival)))


def _try(session: Session, name: str, *, by: Actor, at: datetime) -> Trial:
    """Read a test lead as the source would, and see where it would go. Raises NotFound."""
    source = session.scalar(select(Source).where(Source.workspace_id == by.workspace_id, Source.name == name))
    adapter = ADAPTERS.get(source.auth) if source is not None else None
    if source is None or adapter is None:
        raise NotFound("source")
    # No secret is needed: nobody posts anything, so nobody has to prove anything.
    sender = sender_of(source, lambda _sealed: "", at)
    try:
        lead = read_trial(adapter, sender)
    except (BadBody, FieldProblems) as error:
        return Trial(name, source.paused, unread=could_not_read(error))
    if isinstance(lead, Ignored):
        return Trial(name, source.paused, unread=lead.reason)
    lead = replace(lead, team=lead.team or source.team_key, tier=lead.tier or source.tier)
    tried = try_leads(session, by.workspace_id, [lead], at=at)[0]
    return Trial(name, source.paused, lead, tried, _is_named(adapter, lead))


def _is_named(adapter: Adapter, lead: NewLead) -> bool:
    return lead.key is not None or lead.external_id is not None or adapter.ask is not None


def trial_view(trial: Trial, remembered: Context) -> View:
    """What would become of the test lead, step by step."""
    blocks: list[Block] = [back(shorten(trial.source, 40), f"source:{trial.source}")]
    if trial.paused:
        blocks.append(b.section(":warning: This source is paused: what it sends is refused until it is resumed."))
    if trial.lead is None or trial.tried is None:
        blocks.append(b.section(f":warning: *A test lead would not be read:* {b.escape(trial.unread)}"))
    else:
        blocks += _became(trial.lead, trial.tried, named=trial.named)
    blocks.append(
        b.context(
            "Nothing was stored: no clock runs, nobody’s turn is taken, nothing is counted. The signature is not "
            "part of this test. To try it, send a test from the system itself."
        )
    )
    return b.modal("lead.tried", "A test lead", blocks, submit=None, close="Close", context=remembered)


def _became(lead: NewLead, tried: Tried, *, named: bool) -> list[Block]:
    values = [(label, getattr(lead, name)) for label, name in _READ]
    read = "\n".join(f"{label}: {b.escape(shorten(str(value), 100))}" for label, value in values if value is not None)
    owner = f"*{b.escape(shorten(tried.owner, 80))}*" if tried.owner else "*nobody*, until somebody is there"
    why = "\n".join(f"•  {line}" for line in why_lines(tried.why, tried.owner, IN_SLACK))
    if tried.open_lead is not None:
        why = f"•  The person has an open lead, number {tried.open_lead}: it would be written on that."
    where = f"*It goes to* team {b.escape(shorten(tried.team, 80))}, {owner}\n{why}".rstrip()
    if tried.held:
        fails = "\n".join(f"•  {b.escape(shorten(one, 150))}" for one in tried.held)
        where = f"*It is held for marketing*, because it does not meet the definition:\n{fails}"
    again = (
        "Sent once more, it is known by its id, and nothing happens."
        if named
        else "Sent once more within an hour, it is known by its words, and nothing happens. After that it is news."
    )
    notes = [b.context(*(f":warning: {b.escape(note)}" for note in tried.notes[:5]))] if tried.notes else []
    return [
        b.section(f"*It is read like this*\n{read}"),
        *notes,
        b.section(where),
        b.section(f"*If it comes again*\n{again}"),
    ]
