"""What a workspace may use of the language model in a month: reserved before a call, settled after it.

What is reserved counts as used. So two processes that call at the same time cannot use more than the budget, and a
process that dies in a call has used what was reserved for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from domain.people import Actor, audit
from storage.models import LlmUsage, Workspace

BUDGET: Final = "budget"
TROUBLES: Final = (
    BUDGET,
    "busy",
    "quota",
    "timeout",
    "not_reached",
    "server_error",
    "key_refused",
    "model_unknown",
    "request_refused",
    "refusal",
    "malformed",
)
"""Why a call came to nothing: what bot/llm.py and handlers/llm.py tell apart."""

PAUSE: Final = timedelta(hours=1)
"""So long nothing is asked after a call that came to nothing."""

_INSERT: Final[dict[str, Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


class BudgetSpent(Exception):
    """The rest of the month's budget is too small for another call."""


class TurnedOff(Exception):
    """An admin of the workspace wants nothing of it to reach a language model."""


@dataclass(frozen=True, slots=True)
class LlmSet:
    """The language model that whoever runs Tandem has set. `host`: where it is; `monthly_tokens`: for a workspace."""

    model: str
    host: str
    monthly_tokens: int


@dataclass(frozen=True, slots=True)
class LlmUse:
    """What a workspace used in a month, such as "2026-11". `off`: an admin turned it off. `trouble`: one of TROUBLES.

    `month` "": nothing was ever used.
    """

    month: str = ""
    tokens: int = 0
    calls: int = 0
    remembered: int = 0
    trouble: str | None = None
    trouble_at: datetime | None = None
    off: bool = False


NOTHING_USED: Final = LlmUse()


def month_of(at: datetime) -> str:
    """The month by which budgets are counted, in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m")


def reserve_tokens(session: Session, workspace_id: int, tokens: int, *, limit: int, at: datetime) -> str:
    """Reserve for one call; returns the month in which it counts. Raises BudgetSpent, and TurnedOff."""
    if session.scalar(select(Workspace.llm_off_at).where(Workspace.id == workspace_id)) is not None:
        raise TurnedOff
    month = month_of(at)
    _open_month(session, workspace_id, month)
    reserved = session.execute(
        update(LlmUsage)
        .where(*_of(workspace_id, month), LlmUsage.tokens + tokens <= limit)
        .values(tokens=LlmUsage.tokens + tokens, calls=LlmUsage.calls + 1)
        .returning(LlmUsage.month)
        .execution_options(synchronize_session=False)
    ).all()
    if not reserved:
        raise BudgetSpent
    return month


def settle_tokens(session: Session, workspace_id: int, month: str, *, reserved: int, spent: int) -> None:
    """The call ended: `spent` counts in the place of what was `reserved`."""
    _change(session, workspace_id, month, tokens=LlmUsage.tokens + (spent - reserved))


def note_remembered(session: Session, workspace_id: int, count: int, *, at: datetime) -> None:
    """So many items needed no call, as their answer was known."""
    month = month_of(at)
    _open_month(session, workspace_id, month)
    _change(session, workspace_id, month, remembered=LlmUsage.remembered + count)


def note_trouble(session: Session, workspace_id: int, trouble: str | None, *, at: datetime) -> None:
    """Why a call came to nothing, one of TROUBLES; None: it came to something."""
    month = month_of(at)
    _open_month(session, workspace_id, month)
    _change(session, workspace_id, month, trouble=trouble, trouble_at=at if trouble else None)


def load_use(session: Session, workspace_id: int, *, at: datetime) -> LlmUse:
    """What the workspace used in the month of `at`."""
    return _use_in(session, workspace_id, month_of(at))


def _use_in(session: Session, workspace_id: int, month: str) -> LlmUse:
    off = session.scalar(select(Workspace.llm_off_at).where(Workspace.id == workspace_id)) is not None
    row = session.execute(select(LlmUsage.__table__).where(*_of(workspace_id, month))).first()
    if row is None:
        return LlmUse(month, off=off)
    return LlmUse(month, row.tokens, row.calls, row.remembered, row.trouble, row.trouble_at, off)


def latest_use(session: Session, workspace_id: int) -> LlmUse:
    """What the workspace used in the last month in which it used anything."""
    month = session.scalar(select(func.max(LlmUsage.month)).where(LlmUsage.workspace_id == workspace_id))
    return _use_in(session, workspace_id, month or "")


def rests(use: LlmUse, at: datetime) -> bool:
    """Whether nothing is to be asked for a while, since a call came to nothing just now."""
    return use.trouble_at is not None and use.trouble_at > at - PAUSE


def switch_llm(session: Session, *, on: bool, by: Actor, at: datetime) -> None:
    """Let a language model be asked about what the workspace logs, or not. A second time changes nothing."""
    workspace = session.get_one(Workspace, by.workspace_id)
    if (workspace.llm_off_at is None) != on:
        workspace.llm_off_at = None if on else at
        action = "workspace.llm_on" if on else "workspace.llm_off"
        audit(session, by.workspace_id, action, "workspace", by.workspace_id, by=by, at=at)
        session.flush()


def _of(workspace_id: int, month: str) -> tuple[Any, ...]:
    return LlmUsage.workspace_id == workspace_id, LlmUsage.month == month


def _open_month(session: Session, workspace_id: int, month: str) -> None:
    insert = _INSERT[session.get_bind().dialect.name]
    first = {"workspace_id": workspace_id, "month": month, "tokens": 0, "calls": 0, "remembered": 0}
    session.execute(insert(LlmUsage).values(first).on_conflict_do_nothing())


def _change(session: Session, workspace_id: int, month: str, **values: Any) -> None:
    session.execute(
        update(LlmUsage).where(*_of(workspace_id, month)).values(**values),
        execution_options={"synchronize_session": False},
    )
