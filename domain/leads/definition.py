"""The definition of a lead that sales gets: criteria on what a lead says, in versions that both sides sign.

A lead that fails it is held (domain/leads/holding.py). Each version stays: a lead is judged by the one of its day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from domain.errors import NotFound
from domain.leads.conditions import Condition, LeadSays, parse_condition, unmet
from domain.people import Actor, audit
from storage.locking import locked
from storage.models import Decline, Definition, Lead, Member, Workspace
from storage.statements import Statement

Side = Literal["marketing", "sales"]

_ONE: Final = Statement(
    select(Definition.id, Definition.version, Definition.criteria, Definition.triage_seconds, Workspace.sql_means)
    .join(Workspace, Workspace.id == Definition.workspace_id)
    .where(Definition.id == bindparam("definition"))
)


MOST_VERSIONS: Final = 10

_VERSIONS: Final = Statement(
    select(Definition.version, Definition.at, Definition.criteria)
    .where(Definition.workspace_id == bindparam("workspace"), Definition.at <= bindparam("until"))
    .order_by(Definition.version.desc())
    .limit(MOST_VERSIONS)
)


@dataclass(frozen=True, slots=True)
class Criteria:
    """A version of the definition, to judge leads by. `stage`: what a lead that meets it is called here."""

    id: int
    version: int
    conditions: tuple[Condition, ...]
    triage_seconds: int | None
    stage: str


@dataclass(frozen=True, slots=True)
class Judged:
    """What a lead met, and what it failed: each with what it says instead, "" for nothing."""

    criteria: Criteria
    met: tuple[Condition, ...]
    failed: tuple[tuple[Condition, str], ...]

    def told(self) -> dict[str, Any]:
        """What the lead's timeline keeps of it."""
        return {
            "stage": self.criteria.stage,
            "definition": self.criteria.version,
            "met": [one.written for one in self.met],
            **({"failed": [one.written for one, _ in self.failed]} if self.failed else {}),
        }


def load_criteria(session: Session, definition_id: int) -> Criteria:
    """The criteria of a version."""
    row = _ONE.first(session, {"definition": definition_id})
    conditions = tuple(parse_condition(line) for line in row.criteria)
    return Criteria(row.id, row.version, conditions, row.triage_seconds, stage_named(row.sql_means))


def stage_named(sql_means: str | None) -> str:
    """What is handed over to sales is an MQL, where the company does not call that SQL."""
    return "SQL" if sql_means == "handed_over" else "MQL"


def judge_lead(criteria: Criteria, says: LeadSays) -> Judged:
    """Which of the criteria the lead meets."""
    failed = tuple(unmet(criteria.conditions, says))
    wrong = {one for one, _ in failed}
    return Judged(criteria, tuple(one for one in criteria.conditions if one not in wrong), failed)


def write_definition(
    session: Session,
    workspace: Workspace,
    criteria: Sequence[str],
    triage_seconds: int | None,
    *,
    by: Actor | None,
    at: datetime,
) -> None:
    """A new version is in force from now on; nobody has signed it. Without criteria nothing is held any more."""
    latest = session.scalar(select(func.max(Definition.version)).where(Definition.workspace_id == workspace.id)) or 0
    made = Definition(
        workspace_id=workspace.id,
        version=latest + 1,
        criteria=list(criteria),
        triage_seconds=triage_seconds,
        at=at,
        by_id=by.id if by is not None else None,
    )
    session.add(made)
    session.flush()
    workspace.definition_id = made.id if criteria else None
    session.flush()


def latest_definition(session: Session, workspace_id: int) -> Definition | None:
    """The newest version, in force or not."""
    newest = (
        select(Definition).where(Definition.workspace_id == workspace_id).order_by(Definition.version.desc()).limit(1)
    )
    return session.scalars(newest).first()


@dataclass(frozen=True, slots=True)
class InForce:
    """A version that came into force at `at` (aware UTC). `asks`: it has criteria."""

    version: int
    at: datetime
    asks: bool


def versions_in_force(session: Session, workspace_id: int, *, since: datetime, until: datetime) -> tuple[InForce, ...]:
    """The versions by which leads that came in the time were judged, the oldest first; of many the newest."""
    rows = _VERSIONS.all(session, {"workspace": workspace_id, "until": until})
    versions = [InForce(row.version, row.at, bool(row.criteria)) for row in reversed(rows)]
    before = [index for index, one in enumerate(versions) if one.at <= since]
    return tuple(versions[before[-1] if before else 0 :])


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed for a side, and when (aware UTC)."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Proposed:
    """What `by`, who ruled at `at` (aware UTC) on the lead called `lead`, proposes to change."""

    words: str
    by: str
    at: datetime
    lead: str


@dataclass(frozen=True, slots=True)
class AgreedDefinition:
    """The definition in force as people read it. `criteria`: in words; `sides`: those for which the reader can sign.

    `id` and `at` name it, for its buttons. `proposed`: by rulings since this version is there, the latest first.
    """

    id: int
    at: datetime
    version: int
    stage: str
    criteria: tuple[str, ...]
    triage_seconds: int | None
    by: str | None
    marketing: Signature | None
    sales: Signature | None
    sides: tuple[Side, ...]
    proposed: tuple[Proposed, ...] = ()


MOST_PROPOSED: Final = 5

SIGNS: Final[dict[str, tuple[Side, ...]]] = {
    "marketer": ("marketing",),
    "manager": ("sales",),
    "admin": ("marketing", "sales"),
}
"""For which side a member of a role can sign."""


def agreed_definition(session: Session, *, by: Actor, at: datetime) -> AgreedDefinition | None:  # noqa: ARG001
    """The definition in force; None where nothing is asked of leads."""
    workspace = session.get_one(Workspace, by.workspace_id)
    if workspace.definition_id is None:
        return None
    row = session.get_one(Definition, workspace.definition_id)
    return replace(_told(session, row, workspace, by), proposed=_proposed(session, row))


def signed_definition(session: Session, workspace_id: int, version: int) -> AgreedDefinition | None:
    """A version as it was agreed on, in force or not, for whoever reads of a lead that it was asked of."""
    row = session.scalars(
        select(Definition).where(Definition.workspace_id == workspace_id, Definition.version == version)
    ).one_or_none()
    return _told(session, row, session.get_one(Workspace, workspace_id)) if row is not None else None


def sign_definition(
    session: Session, definition_id: int, *, side: str, by: Actor, at: datetime
) -> AgreedDefinition | None:
    """The member signs the version for a side; who signed first stays. Returns the definition in force.

    A version that is in force no more is signed by nobody: the one that is comes back to be read. Raises NotFound.
    """
    row = session.scalars(
        locked(select(Definition).where(Definition.id == definition_id, Definition.workspace_id == by.workspace_id))
    ).one_or_none()
    if row is None:
        raise NotFound("definition")
    workspace = session.get_one(Workspace, by.workspace_id)
    if workspace.definition_id == row.id and side in SIGNS.get(by.role, ()):
        if side == "marketing" and row.marketing_by_id is None:
            row.marketing_by_id, row.marketing_at = by.id, at
        elif side == "sales" and row.sales_by_id is None:
            row.sales_by_id, row.sales_at = by.id, at
        audit(session, by.workspace_id, "definition.sign", "definition", row.id, by=by, at=at, data={"side": side})
        session.flush()
    return agreed_definition(session, by=by, at=at)


def _told(session: Session, row: Definition, workspace: Workspace, by: Actor | None = None) -> AgreedDefinition:
    names = _names(session, (row.by_id, row.marketing_by_id, row.sales_by_id))
    marketing = _signature(names, row.marketing_by_id, row.marketing_at)
    sales = _signature(names, row.sales_by_id, row.sales_at)
    open_sides: dict[str, bool] = {"marketing": marketing is None, "sales": sales is None}
    return AgreedDefinition(
        id=row.id,
        at=row.at,
        version=row.version,
        stage=stage_named(workspace.sql_means),
        criteria=tuple(parse_condition(line).written for line in row.criteria),
        triage_seconds=row.triage_seconds,
        by=names.get(row.by_id or 0),
        marketing=marketing,
        sales=sales,
        sides=tuple(side for side in SIGNS.get(by.role if by is not None else "", ()) if open_sides[side]),
    )


def _proposed(session: Session, row: Definition) -> tuple[Proposed, ...]:
    """A newer version of the definition is the answer to what was proposed before it."""
    found = session.execute(
        select(Decline.proposed, Member.name, Decline.ruled_at, Lead.name)
        .join(Member, Member.id == Decline.ruled_by_id)
        .join(Lead, Lead.id == Decline.lead_id)
        .where(Decline.workspace_id == row.workspace_id, Decline.ruled_at > row.at, Decline.proposed.is_not(None))
        .order_by(Decline.ruled_at.desc(), Decline.id.desc())
        .limit(MOST_PROPOSED)
    )
    return tuple(Proposed(words, by, at, lead) for words, by, at, lead in found if words and at)


def _signature(names: dict[int, str], member_id: int | None, at: datetime | None) -> Signature | None:
    return Signature(names.get(member_id, "?"), at) if member_id is not None and at is not None else None


def _names(session: Session, ids: Iterable[int | None]) -> dict[int, str]:
    wanted = [one for one in ids if one is not None]
    rows = session.execute(select(Member.id, Member.name).where(Member.id.in_(wanted)))
    return {row.id: row.name for row in rows}
