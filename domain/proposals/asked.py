"""What the message shows in which marketing was asked about a day's items: what is open still, and what became of the
others."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy.orm import Session

from domain.proposals.deciding import TOLD_PROPOSALS, Proposed, tell_proposal
from domain.voc.sounding import DECLINED
from storage.models import Account, AskedProposal, Member, ThemeBatch, VocItem, VocProposal


@dataclass(frozen=True, slots=True)
class AskedBatch:
    """About what marketing was asked: `groups` of open proposals, by theme, the largest first, each the newest first.

    `asked`: how many there were in all, `accepted` and `refused` in the message or the list; the others that are not
    open were seen to otherwise.
    """

    groups: tuple[tuple[Proposed, ...], ...]
    asked: int
    accepted: int
    refused: int

    @property
    def open(self) -> int:
        """How many wait for a decision."""
        return sum(map(len, self.groups))

    @property
    def otherwise(self) -> int:
        """Of how many the item was changed by somebody."""
        return self.asked - self.open - self.accepted - self.refused


def load_batch(session: Session, batch_id: int, workspace_id: int) -> AskedBatch | None:
    """The batch as it is now; None when there is none such in the workspace."""
    batch = session.get(ThemeBatch, batch_id)
    if batch is None or batch.workspace_id != workspace_id:
        return None
    rows = session.execute(
        TOLD_PROPOSALS.join_from(AskedProposal, VocProposal, VocProposal.id == AskedProposal.proposal_id)
        .join(VocItem, VocItem.id == VocProposal.item_id)
        .join(Member, Member.id == VocItem.member_id)
        .outerjoin(Account, Account.id == VocItem.account_id)
        .where(AskedProposal.batch_id == batch_id)
        .order_by(VocItem.created_at.desc(), VocItem.id.desc())
    ).all()
    told = [tell_proposal(session, row) for row in rows if _is_open(row)]
    by_theme = sorted((one for one in told if one is not None), key=lambda one: one.theme)
    groups = [tuple(group) for _, group in groupby(by_theme, key=lambda one: one.theme)]
    groups.sort(key=lambda group: (-len(group), group[0].theme))
    states = [row.VocProposal.state for row in rows]
    return AskedBatch(tuple(groups), len(rows), states.count("accepted"), states.count("refused"))


def _is_open(row: Any) -> bool:
    """Whether a row of TOLD_PROPOSALS waits for a decision, as `waiting_proposals` finds it."""
    is_untouched = row.theme_id is None and row.state == "live" and row.theme_by != DECLINED
    return row.VocProposal.state == "proposed" and is_untouched
