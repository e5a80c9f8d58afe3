"""Which items a language model is asked about, and what is recorded of its answers: proposals, never facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, exists, select, update
from sqlalchemy.orm import Session

from domain.batches import asked_among
from domain.llm.budget import load_use, rests
from domain.llm.names import names_in
from domain.llm.redaction import Names
from domain.proposals.labels import Checked
from domain.text import shorten
from domain.themes import top_themes
from domain.voc.sounding import DECLINED
from storage.jobs import Arguments, enqueue
from storage.locking import locked
from storage.models import IS_PROPOSED, IS_UNLABELLED, Account, Job, Theme, VocItem, VocProposal, Workspace

BATCH: Final = 20
THEMES_OFFERED: Final = 120
TEXT_LIMIT: Final = 1_000
"""Characters of an item that the model reads: what a customer says is said in fewer."""
LEFT_ALONE: Final = timedelta(minutes=10)
"""So long after it was logged an item is its rep's: they may still choose a theme."""
EVERY: Final = timedelta(minutes=5)
"""A workspace's items are labelled no more often than this."""

DECIDED: Final = ("accepted", "refused")

_UNDECIDED: Final = and_(
    VocItem.theme_by.is_distinct_from(DECLINED),
    ~exists().where(VocProposal.item_id == VocItem.id, VocProposal.decided_by_id.is_not(None)),
)
"""No person decided about the item: nobody else is asked after that."""


@dataclass(frozen=True, slots=True)
class Unlabelled:
    """An item to be labelled. `text`: what was logged, with the customer's own words where there are any."""

    item_id: int
    version: int
    text: str


@dataclass(frozen=True, slots=True)
class Offered:
    """A theme that the model may choose."""

    theme_id: int
    slug: str
    title: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Items for one question, the themes to choose from in the order of their ids, and the names to be hidden."""

    items: tuple[Unlabelled, ...]
    themes: tuple[Offered, ...]
    names: Names


def workspaces_to_label(session: Session, labelling: type[Arguments], *, at: datetime) -> list[int]:
    """The workspaces in which items wait to be labelled, and nobody does it yet.

    `labelling`: the kind of job. A workspace that turned the model off is left out, and so is one without themes, and
    for a while one in which the last call came to nothing.
    """
    waiting = exists().where(
        VocItem.workspace_id == Workspace.id, IS_UNLABELLED, VocItem.created_at <= at - LEFT_ALONE, _UNDECIDED
    )
    under_way = exists().where(Job.workspace_id == Workspace.id, Job.kind == labelling.kind, Job.due_at.is_not(None))
    themes = exists().where(Theme.workspace_id == Workspace.id)
    able = (Workspace.state == "active", Workspace.llm_off_at.is_(None))
    found = session.scalars(select(Workspace.id).where(*able, waiting, themes, ~under_way).order_by(Workspace.id)).all()
    return [one for one in found if not rests(load_use(session, one, at=at), at)]


def ask_for_labels(session: Session, workspace_id: int, labelling: Arguments, *, at: datetime) -> None:
    """Have the items of a workspace labelled that wait for it: a single time in EVERY, whoever asks."""
    turn = int(at.timestamp() // EVERY.total_seconds())
    enqueue(session, workspace_id, labelling, at=at, once=f"turn {turn}")


def gather_batch(session: Session, workspace_id: int, *, at: datetime) -> Batch | None:
    """The newest items that wait to be labelled; None when there is nothing to ask, or nobody wants it."""
    workspace = session.get_one(Workspace, workspace_id)
    themes = _offered(session, workspace_id, at)
    if workspace.llm_off_at is not None or not themes:
        return None
    rows = session.execute(
        select(VocItem.id, VocItem.version, VocItem.verbatim, VocItem.quote, VocItem.competitor, Account.name)
        .outerjoin(Account, Account.id == VocItem.account_id)
        .where(VocItem.workspace_id == workspace_id, IS_UNLABELLED, VocItem.created_at <= at - LEFT_ALONE, _UNDECIDED)
        .order_by(VocItem.id.desc())
        .limit(BATCH)
    ).all()
    if not rows:
        return None
    items = tuple(Unlabelled(row.id, row.version, _text(row.verbatim, row.quote)) for row in rows)
    texts = [*(one.text for one in items), *(f"{one.slug} {one.title}" for one in themes)]
    competitors = [*map(str, workspace.competitors), *(row.competitor for row in rows if row.competitor)]
    kept = [*(one.slug for one in themes), *competitors]
    accounts = [row.name for row in rows if row.name]
    return Batch(items, themes, names_in(session, workspace_id, texts, accounts=accounts, kept=kept))


def record_labels(
    session: Session,
    workspace_id: int,
    labels: Mapping[int, tuple[int, Checked]],
    *,
    model: str,
    prompt: str,
    at: datetime,
) -> None:
    """Keep what the model says of items: by the item's id, the version it was asked about, and its label.

    An item that was changed meanwhile waits for the next time. One that got a theme otherwise, or of which a person
    decided before, is left alone for good, and so is one about which marketing was asked. A theme of another workspace
    is none.
    """
    items = session.scalars(
        locked(
            select(VocItem)
            .where(VocItem.workspace_id == workspace_id, VocItem.id.in_(list(labels)))
            .order_by(VocItem.id)
        )
    ).all()
    known = {
        one.item_id: one
        for one in session.scalars(locked(select(VocProposal).where(VocProposal.item_id.in_(list(labels)))))
    }
    asked = asked_among(session, [one.id for one in known.values()])
    named = [label.theme_id for _, label in labels.values() if label.theme_id is not None]
    ours = set(session.scalars(select(Theme.id).where(Theme.workspace_id == workspace_id, Theme.id.in_(named))))
    for item in items:
        version, label = labels[item.id]
        if item.version != version:
            continue
        mark_labelled(session, item.id, version)
        before = known.get(item.id)
        if item.theme_id is not None or item.state != "live":
            continue
        if before is not None and (before.state in DECIDED or before.id in asked):
            continue
        if before is None:
            before = VocProposal(workspace_id=workspace_id, item_id=item.id, created_at=at)
            session.add(before)
        before.theme_id = label.theme_id if label.theme_id in ours else None
        before.state = "proposed" if before.theme_id is not None else "none"
        before.kind, before.reason, before.confidence = label.kind, label.reason, label.confidence
        before.model, before.prompt, before.updated_at = model, prompt, at
    session.flush()


def overtake_proposals(session: Session, at: datetime) -> None:
    """Close the proposals for items that got a theme otherwise, or were taken back."""
    open_items = select(VocItem.id).where(
        VocItem.id == VocProposal.item_id,
        VocItem.theme_id.is_(None),
        VocItem.state == "live",
        VocItem.theme_by.is_distinct_from(DECLINED),
    )
    session.execute(
        update(VocProposal).where(IS_PROPOSED, ~exists(open_items)).values(state="overtaken", updated_at=at),
        execution_options={"synchronize_session": False},
    )


def mark_labelled(session: Session, item_id: int, version: int) -> None:
    """No model is asked about this version of the item any more. The item is no other for it, so its version stays."""
    session.execute(
        update(VocItem).where(VocItem.id == item_id).values(labelled_version=version),
        execution_options={"synchronize_session": False},
    )


def _text(verbatim: str, quote: str | None) -> str:
    return shorten(f"{verbatim}\n“{quote}”" if quote else verbatim, TEXT_LIMIT)


def _offered(session: Session, workspace_id: int, at: datetime) -> tuple[Offered, ...]:
    """The themes that came up most lately, and the newest: enough to choose from, and no more than a model reads."""
    heard = [one.theme_id for one in top_themes(session, workspace_id, at=at, limit=THEMES_OFFERED)]
    open_here = (Theme.workspace_id == workspace_id, Theme.merged_into_id.is_(None))
    themes = select(Theme.id, Theme.slug, Theme.title).where(*open_here)
    rows = [
        *session.execute(themes.where(Theme.id.in_(heard))),
        *session.execute(themes.order_by(Theme.id.desc()).limit(THEMES_OFFERED)),
    ]
    kept: dict[int, Offered] = {}
    for row in rows:
        if len(kept) < THEMES_OFFERED:
            kept.setdefault(row.id, Offered(row.id, row.slug, row.title))
    return tuple(kept[theme_id] for theme_id in sorted(kept))
