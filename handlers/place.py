"""Where somebody is on the board: what is counted, which page is open, of which theme all items are read.

Every view of the board carries it, so that each click comes back to where it was made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from domain.marks import read_mark
from domain.pulse import UNTAGGED
from domain.voc.facts import KIND_NAMES
from domain.voc.scope import PERIODS, Scope
from handlers.answers import Block
from handlers.arrival import Arrival
from handlers.blocks import Element, actions, button

GO: Final = "theme.go"
MOST_PAGES: Final = 10_000


@dataclass(frozen=True, slots=True)
class Place:
    """`page` of the board. `theme`: the mark of the theme that is read, "0": items without one, "": none is read;
    `turned`: at which page of it; `ever`: whatever their age. `account`: the mark of the scope's account.
    """

    scope: Scope = field(default_factory=Scope)
    page: int = 0
    theme: str = ""
    turned: int = 0
    ever: bool = False
    account: str = ""

    @property
    def theme_id(self) -> int:
        """Of the theme that is read; UNTAGGED where items without one are."""
        named = read_mark("theme", self.theme)
        return named.id if named is not None else UNTAGGED

    @property
    def read_scope(self) -> Scope:
        """Which items of the theme are read."""
        return replace(self.scope, days=None) if self.ever and self.theme_id != UNTAGGED else self.scope

    def remembered(self) -> dict[str, Any]:
        """The place as a view's context."""
        scope = self.scope
        told = {
            "days": scope.days,
            "kind": scope.kind,
            "team": scope.team_id,
            "competitor": scope.competitor,
            "account": self.account,
            "page": self.page,
            "theme": self.theme,
            "turned": self.turned,
            "ever": self.ever,
        }
        return {name: value for name, value in told.items() if value}


def place_of(arrival: Arrival) -> Place:
    """The place that the view of this click or form carries; the board's beginning for any other."""
    context = arrival.context
    kind, days, account = arrival.remembered("kind"), context.get("days"), arrival.remembered("account")
    named = read_mark("account", account)
    scope = Scope(
        days=days if days in PERIODS else Scope().days,
        kind=kind if kind in KIND_NAMES else None,
        team_id=arrival.remembered_id("team") or None,
        competitor=arrival.remembered("competitor") or None,
        account_id=named.id if named is not None else None,
    )
    return Place(
        scope=scope,
        page=_page(context.get("page")),
        theme=arrival.remembered("theme"),
        turned=_page(context.get("turned")),
        ever=context.get("ever") is True,
        account=account if named is not None else "",
    )


def is_on_board(arrival: Arrival) -> bool:
    """Whether the view of this click or form was opened from the board."""
    return arrival.context.get("days") in PERIODS


def board_of(arrival: Arrival) -> dict[str, Any]:
    """What a view that leads back to the board carries; nothing where it was not opened there."""
    return replace(place_of(arrival), theme="").remembered() if is_on_board(arrival) else {}


def go(label: str, where: str, *, style: str | None = None) -> Element:
    """A button that leads to another view of the board."""
    return button(label, f"{GO}:{where.partition(':')[0]}", where, style=style)


def back(label: str = "All themes", to: str = "board") -> Block:
    """The way from a form to where it was opened on the board."""
    return actions(go(f"← {label}", to), block_id="theme.back")


def way_back(remembered: Mapping[str, Any]) -> list[Block]:
    """The way back to the board for a view that carries a place on it."""
    return [back()] if "days" in remembered else []


def _page(told: Any) -> int:
    return told if isinstance(told, int) and 0 <= told <= MOST_PAGES else 0
