"""Two accounts that may be one company, as marketing is asked: the card of a day, the list, and the two answers."""

from __future__ import annotations

from typing import Final

from domain.companies_asked import AccountSeen, CompanyDoubt, CompanyDoubts
from domain.marks import mark
from domain.one_company import decide_companies_apart, decide_one
from domain.people import MARKETERS
from domain.text import shorten
from handlers.answers import NOTHING, Answer, Block
from handlers.arrival import Arrival
from handlers.blocks import actions, button, context, date, escape, section
from handlers.leads.phrases import CALM, DONE, OVERDUE, named, sentence_case
from handlers.listeners import Listeners
from handlers.messages import Rendering

ONE: Final = "triage.one_company"
APART: Final = "triage.two_companies"
SHOWN: Final = 12
ABOUT: Final = (
    "Put together, they are one account: its leads, what customers said, and who gets its leads. "
    "Leads that somebody has stay with them."
)


def declare(listeners: Listeners) -> None:
    """Declare them on the subject's listeners."""
    listeners.action(ONE, roles=MARKETERS)(on_one)
    listeners.action(APART, roles=MARKETERS)(on_apart)


async def on_one(arrival: Arrival) -> Answer:
    return await arrival.answer(decide_one, arrival.subject_id, view=lambda _: NOTHING)


async def on_apart(arrival: Arrival) -> Answer:
    return await arrival.answer(decide_companies_apart, arrival.subject_id, view=lambda _: NOTHING)


def company_card(pairs: tuple[CompanyDoubt, ...], reader: str, prefix: str = "") -> Rendering:
    """The card of a day: each pair with its two answers, or with what was answered. `prefix`: of the commands."""
    left = sum(one.state == "asked" and not one.over for one in pairs)
    blocks: list[Block] = [section(f"*Same company?* {_count(left)}")]
    for one in pairs[:SHOWN]:
        blocks += pair_blocks(one, reader, prefix)
    if left:
        blocks.append(context(ABOUT))
    text = f"Same company? {_count(left)}."
    return Rendering(text, blocks, colour=OVERDUE if any(one.late for one in pairs) else CALM if left else DONE)


def companies_blocks(found: CompanyDoubts, reader: str | None = None, prefix: str = "") -> list[Block]:
    """All that wait, for the list and for Home; nothing where none does."""
    if not found.count:
        return []
    late = f" · *{found.late} late*" if found.late else ""
    blocks: list[Block] = [section(f"*Same company?* · {found.count}{late}")]
    for one in found.pairs:
        blocks += pair_blocks(one, reader, prefix)
    return blocks


def pair_blocks(one: CompanyDoubt, reader: str | None = None, prefix: str = "") -> list[Block]:
    """The two accounts, why they may be one, and by when somebody says so; or what was said."""
    asked = one.state == "asked" and not one.over
    lines = [_account_line(account, reader, short=not asked) for account in one.accounts]
    lines += [_why(one), _due(one)] if asked else [f"→ {_answer(one, reader, prefix)}"]
    blocks: list[Block] = [section("\n".join(lines))]
    if asked or (one.state == "two" and not one.together):
        marked, who = mark(one.id, one.at), shorten(one.accounts[0].name, 60)
        together = button("One company: put them together", ONE, marked, style="primary" if asked else None, about=who)
        apart = [button("Two companies", APART, marked, about=who)] if asked else []
        blocks.append(actions(together, *apart, block_id=f"company:{marked}"))
    return blocks


def _account_line(account: AccountSeen, reader: str | None, *, short: bool) -> str:
    name = f"*{escape(shorten(account.name, 60))}*"
    if short:
        return name
    open_leads = f"{account.open} open {'lead' if account.open == 1 else 'leads'}"
    if account.newest_with is not None:
        newest = "" if account.open == 1 else "the newest "
        open_leads += f", {newest}with {named(account.newest_with, reader)}"
    has = f" · {named(account.owner, reader)} gets its leads" if account.owner is not None else ""
    return f"{name} · {open_leads}{has}"


def _why(one: CompanyDoubt) -> str:
    if one.why == "name":
        return "They have one name, but for a place or a form"
    named_so = f" *{escape(shorten(one.label, 40))}*" if one.label else ""
    return f"People of both write from addresses with one name{named_so}"


def _due(one: CompanyDoubt) -> str:
    words = "Late since" if one.late else "Decide by"
    when = date(
        one.due_at, f"{words} {{date_short_pretty}} {{time}}", fallback=f"{words} {one.due_at:%a %d %b %H:%M} UTC"
    )
    return f"*{when}*" if one.late else when


def _answer(one: CompanyDoubt, reader: str | None, prefix: str) -> str:
    if one.over:
        return "Nothing to decide any more: the first is a part of another account by now"
    who = sentence_case(named(one.decided_by, reader))
    if one.state == "two":
        return f"{who} said: two companies. Nobody is asked again"
    if not one.together:
        return f"{who} put them together, and somebody took that back"
    owner = one.accounts[1].owner
    next_leads = f"; {named(owner, reader)} gets the next leads of both" if owner is not None else ""
    return f"{who} put them together{next_leads}. `/{prefix}voc history` takes it back"


def _count(left: int) -> str:
    if not left:
        return "All are answered"
    return f"{left} {'pair' if left == 1 else 'pairs'} of accounts, to be decided"
