"""A line for `/voc` as an example, in the workspace's own words where it has some that read well."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.people import Actor
from storage.models import Account, Workspace

_PLAIN: Final = re.compile(r"[^\W_](?:[^\W_]|[ .&'-]){0,29}")
"""Names that may stand in an example: they need no escape and no explanation."""


@dataclass(frozen=True, slots=True)
class Example:
    """A competitor and an account to name in an example."""

    competitor: str = "Rivalsoft"
    account: str = "Globex"

    @property
    def marked_account(self) -> str:
        """As it can be typed: `@Globex`, `@"Globex Nordics"`."""
        return f"@{self.account}" if self.account.isalnum() else f'@"{self.account}"'

    @property
    def line(self) -> str:
        """What one could type after `/voc`: "too expensive next to Rivalsoft #pricing @Globex $40k"."""
        return f"too expensive next to {self.competitor} #pricing {self.marked_account} $40k"


GENERIC: Final = Example()


def find_example(session: Session, workspace_id: int) -> Example:
    """An example with the first competitor and the first account that the workspace knows."""
    competitors = session.get_one(Workspace, workspace_id).competitors
    accounts = session.scalars(
        select(Account.name).where(Account.workspace_id == workspace_id).order_by(Account.slug).limit(10)
    )
    return Example(
        next(filter(_PLAIN.fullmatch, map(str, competitors)), GENERIC.competitor),
        next(filter(_PLAIN.fullmatch, accounts), GENERIC.account),
    )


def show_example(session: Session, *, by: Actor, at: datetime) -> Example:  # noqa: ARG001  # a query like all
    """An example for the member's workspace."""
    return find_example(session, by.workspace_id)
