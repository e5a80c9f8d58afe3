"""What marketers do with proposed themes: look through them, accept, refuse, and take a decision back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.batches import show_batch_anew
from domain.errors import NotFound
from domain.leads.announce import refresh_home
from domain.marks import check_marks, mark, read_mark
from domain.merged import leading_to_themes, own_theme
from domain.people import Actor
from domain.voc.changing import record_change
from domain.voc.moving import forget_moved
from domain.voc.sounding import CONFIRMED, DECLINED
from domain.voc.votes import votes_follow
from storage.locking import locked
from storage.models import IS_PROPOSED, Account, Member, Theme, VocItem, VocProposal

PAGE: Final = 8
MOST_AT_ONCE: Final = 20
"""So many proposals one click decides at the most: a page has fewer."""
COUNTED: Final = 1_000
"""So many proposals are counted; beyond that there are more."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """An item and the theme that is proposed for it. `mark` names the proposal, `item_mark` the item, `version`: its.

    `author`: a Slack user id, and `author_name`. `words`: the customer's own where `quoted`, else the rep's. `model`:
    what proposes it, None: the words do. `kind`: how the model reads it, where that differs from what is logged.
    `confidence`: in hundredths, as the model says.
    """

    mark: str
    item_mark: str
    version: int
    words: str
    quoted: bool
    author: str
    author_name: str
    account: str | None
    permalink: str | None
    logged_at: datetime
    theme: str
    theme_mark: str
    model: str | None
    reason: str | None
    kind: str | None
    confidence: int | None


@dataclass(frozen=True, slots=True)
class OfTheme:
    """The theme whose proposals alone are looked through; `mark` names it."""

    mark: str
    slug: str


@dataclass(frozen=True, slots=True)
class Proposals:
    """A page of proposals, the newest first, from `start` on. `total`: COUNTED at the most, or one more.

    `of`: only those of this theme, None: all.
    """

    shown: tuple[Proposed, ...]
    start: int
    total: int
    model: str | None
    of: OfTheme | None = None

    @property
    def newer(self) -> int | None:
        """Where the page before begins."""
        return max(0, self.start - PAGE) if self.start else None

    @property
    def older(self) -> int | None:
        """Where the page behind begins."""
        after = self.start + PAGE
        return after if after < self.total else None


@dataclass(frozen=True, slots=True)
class Decision:
    """What came of a click: the marks of the proposals that it decided, or (`undone`) opened again.

    `accepted`: else they were refused. `themes`: the slugs that items were put under. `passed_by`: proposals that were
    decided before, or whose items were changed meanwhile.
    """

    accepted: bool
    marks: tuple[str, ...]
    themes: tuple[str, ...]
    passed_by: int
    page: Proposals
    undone: bool = False


def count_proposals(session: Session, workspace_id: int, themes: Collection[int] | None = None) -> int:
    """How many proposals wait for a decision: COUNTED at the most, or one more. `themes`: only of these."""
    waiting = waiting_proposals(select(VocProposal.id), workspace_id, themes).limit(COUNTED + 1).subquery()
    return session.scalar(select(func.count()).select_from(waiting)) or 0


def show_proposals(
    session: Session,
    start: int = 0,
    of_theme: int | None = None,
    *,
    by: Actor,
    at: datetime,  # noqa: ARG001  # as of now
) -> Proposals:
    """The proposals that wait, from `start` on; the last page when there are not so many any more.

    `of_theme`: only those of this theme. Raises NotFound when there is none such.
    """
    theme = _theme_of(session, of_theme, by) if of_theme is not None else None
    themes = leading_to_themes(session, [theme.id]).keys() if theme is not None else None
    total = count_proposals(session, by.workspace_id, themes)
    start = max(0, min(start, total - 1)) // PAGE * PAGE
    rows = session.execute(
        waiting_proposals(TOLD_PROPOSALS, by.workspace_id, themes)
        .join(Member, Member.id == VocItem.member_id)
        .outerjoin(Account, Account.id == VocItem.account_id)
        .order_by(VocProposal.id.desc())
        .offset(start)
        .limit(PAGE)
    ).all()
    shown = tuple(one for row in rows if (one := tell_proposal(session, row)) is not None)
    model = next((one.model for one in shown if one.model), None)
    of = OfTheme(mark(theme.id, theme.created_at), theme.slug) if theme is not None else None
    return Proposals(shown, start, total, model, of)


def tell_proposal(session: Session, row: Any) -> Proposed | None:
    """A row of TOLD_PROPOSALS for whoever reads it; None where the theme is gone."""
    found: VocProposal = row.VocProposal
    theme = _standing(session, found)
    if theme is None:
        return None
    return Proposed(
        mark=mark(found.id, found.created_at),
        item_mark=mark(found.item_id, row.logged_at),
        version=row.version,
        words=row.quote or row.verbatim,
        quoted=row.quote is not None,
        author=row.slack_user_id,
        author_name=row.name,
        account=row.account,
        permalink=row.permalink,
        logged_at=row.logged_at,
        theme=theme.slug,
        theme_mark=mark(theme.id, theme.created_at),
        model=found.model or None,
        reason=found.reason,
        kind=found.kind if found.kind != row.kind else None,
        confidence=found.confidence,
    )


def accept_proposals(
    session: Session, marks: Sequence[str], start: int, of_theme: int | None = None, *, by: Actor, at: datetime
) -> Decision:
    """Put the items under the themes that were proposed. A second time changes nothing. Raises BeforeRestore.

    An item that got a theme otherwise, or was taken back, is left as it is.
    """
    done, themes, passed_by = [], [], 0
    for proposal, item in _to_decide(session, marks, by, at):
        theme = _standing(session, proposal)
        if proposal.state != "proposed" or theme is None or not _is_open(item):
            passed_by += 1
            continue
        _decide(proposal, "accepted", by, at)
        _put_under(session, item, theme.id, CONFIRMED, "voc.proposal_accepted", by, at)
        done.append(mark(proposal.id, proposal.created_at))
        themes.append(theme.slug)
    return Decision(True, tuple(done), tuple(dict.fromkeys(themes)), passed_by, _page(session, start, of_theme, by, at))


def refuse_proposals(
    session: Session, marks: Sequence[str], start: int, of_theme: int | None = None, *, by: Actor, at: datetime
) -> Decision:
    """Say that the theme is not the item's: none is proposed for it again. Raises BeforeRestore."""
    done, passed_by = [], 0
    for proposal, item in _to_decide(session, marks, by, at):
        if proposal.state != "proposed":
            passed_by += 1
            continue
        _decide(proposal, "refused", by, at)
        if item.theme_id is None:
            _put_under(session, item, None, DECLINED, "voc.proposal_refused", by, at)
        done.append(mark(proposal.id, proposal.created_at))
    session.flush()
    return Decision(False, tuple(done), (), passed_by, _page(session, start, of_theme, by, at))


def reopen_proposals(
    session: Session, marks: Sequence[str], start: int, of_theme: int | None = None, *, by: Actor, at: datetime
) -> Decision:
    """Take decisions back: the proposals wait again, and their items stand under no theme, as before.

    An item that was changed since is left as it is. Raises BeforeRestore.
    """
    done, passed_by, accepted = [], 0, False
    for proposal, item in _to_decide(session, marks, by, at):
        theme = _standing(session, proposal)
        if proposal.state == "accepted" and theme is not None and item.theme_id == theme.id and item.state == "live":
            accepted = True
        elif proposal.state != "refused" or item.theme_id is not None:
            passed_by += 1
            continue
        _put_under(session, item, None, None, "voc.proposal_reopened", by, at)
        _decide(proposal, "proposed", None, at)
        done.append(mark(proposal.id, proposal.created_at))
    session.flush()
    return Decision(accepted, tuple(done), (), passed_by, _page(session, start, of_theme, by, at), undone=True)


TOLD_PROPOSALS: Final = select(
    VocProposal,
    VocItem.verbatim,
    VocItem.quote,
    VocItem.kind,
    VocItem.permalink,
    VocItem.version,
    VocItem.state,
    VocItem.theme_id,
    VocItem.theme_by,
    VocItem.created_at.label("logged_at"),
    Member.slack_user_id,
    Member.name,
    Account.name.label("account"),
)
"""What is told of a proposal, its item and who logged that."""


def waiting_proposals(query: Any, workspace_id: int, themes: Collection[int] | None = None) -> Any:
    """Of this query, the proposals that can be decided, of all `themes` or of these; it may ask for items' columns."""
    undecided = [VocProposal.workspace_id == workspace_id, IS_PROPOSED]
    if themes is not None:
        undecided.append(VocProposal.theme_id.in_(list(themes)))
    untouched = (
        VocItem.theme_id.is_(None),
        VocItem.state == "live",
        VocItem.theme_by.is_distinct_from(DECLINED),
    )
    return query.join_from(VocProposal, VocItem, VocItem.id == VocProposal.item_id).where(*undecided, *untouched)


def _to_decide(
    session: Session, marks: Iterable[str], by: Actor, at: datetime
) -> Iterable[tuple[VocProposal, VocItem]]:
    """The proposals of the workspace that these marks name, held, with their items. Raises BeforeRestore.

    Where marketing was asked about them, the message shows what is open from then on.
    """
    named = [one for text in marks if (one := read_mark("proposal", text)) is not None]
    check_marks(session, by.workspace_id, named, None)
    ours = select(VocProposal.item_id).where(
        VocProposal.workspace_id == by.workspace_id, VocProposal.id.in_([one.id for one in named])
    )
    # Items before proposals, as everywhere, or two would wait for each other.
    items = session.scalars(locked(select(VocItem).where(VocItem.id.in_(ours)).order_by(VocItem.id))).all()
    by_id = {item.id: item for item in items}
    proposals = session.scalars(
        locked(select(VocProposal).where(VocProposal.item_id.in_(list(by_id))).order_by(VocProposal.id))
    ).all()
    for item in items:
        show_batch_anew(session, by.workspace_id, item.id, at)
    return [(proposal, by_id[proposal.item_id]) for proposal in proposals]


def _theme_of(session: Session, theme_id: int, by: Actor) -> Theme:
    theme = session.get(Theme, theme_id)
    if theme is None or theme.workspace_id != by.workspace_id:
        raise NotFound("theme")
    return own_theme(session, theme.id)


def _standing(session: Session, proposal: VocProposal) -> Theme | None:
    """The proposed theme, or the one that took its place; None when there is none of this workspace."""
    theme = session.get(Theme, proposal.theme_id) if proposal.theme_id is not None else None
    if theme is None or theme.workspace_id != proposal.workspace_id:
        return None
    return own_theme(session, theme.id)


def _is_open(item: VocItem) -> bool:
    """Nobody decided about the item's theme otherwise."""
    return item.theme_id is None and item.state == "live" and item.theme_by != DECLINED


def _decide(proposal: VocProposal, state: str, by: Actor | None, at: datetime) -> None:
    proposal.state, proposal.updated_at = state, at
    proposal.decided_by_id, proposal.decided_at = (by.id, at) if by is not None else (None, None)


def _put_under(
    session: Session, item: VocItem, theme_id: int | None, said: str | None, action: str, by: Actor, at: datetime
) -> None:
    before, item.theme_id = item.theme_id, theme_id
    item.theme_by = said
    forget_moved(session, item.id, "theme")
    item.labelled_version = item.version + 1  # a person decided: no model is asked about it as it is now
    record_change(session, item, action, by, at, data={"before": before, "after": theme_id})
    votes_follow(session, item, by, at)


def _page(session: Session, start: int, of_theme: int | None, by: Actor, at: datetime) -> Proposals:
    """The list after a decision; the Home of whoever decided counts anew."""
    session.flush()
    refresh_home(session, by.workspace_id, by.id, at, by=by)
    return show_proposals(session, start, of_theme, by=by, at=at)
