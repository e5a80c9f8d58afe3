"""What digests freeze of things that `domain` knows: content, personas, sums. Digests own these shapes.

So a change in `domain` does not change what editions hold. A field that is added has a default (storage/frozen.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from domain.money import Money
from domain.performance import AssetWeek, ContentWeek, Figure
from domain.personas import PersonaChange


@dataclass(frozen=True, slots=True)
class ToldFigure:
    """A count, and how much more (or less) it is than the week before; None where that was not reported."""

    count: int
    change: int | None

    @classmethod
    def of(cls, figure: Figure | None) -> ToldFigure | None:
        return cls(figure.count, figure.change) if figure is not None else None


@dataclass(frozen=True, slots=True)
class ToldAsset:
    """What one asset did in a week."""

    title: str
    url: str | None
    views: ToldFigure | None
    leads: ToldFigure | None
    influenced_wins: ToldFigure | None

    @classmethod
    def of(cls, asset: AssetWeek) -> ToldAsset:
        figures = (ToldFigure.of(each) for each in (asset.views, asset.leads, asset.influenced_wins))
        return cls(asset.title, asset.url, *figures)


@dataclass(frozen=True, slots=True)
class ToldContent:
    """How all content did in the week from Monday `week`. `risen` and `fallen` are not among the `top`."""

    week: date
    assets: int
    views: ToldFigure | None
    leads: ToldFigure | None
    influenced_wins: ToldFigure | None
    top: tuple[ToldAsset, ...]
    risen: tuple[ToldAsset, ...]
    fallen: tuple[ToldAsset, ...]

    @classmethod
    def of(cls, found: ContentWeek) -> ToldContent:
        views, leads, wins = (ToldFigure.of(each) for each in (found.views, found.leads, found.influenced_wins))
        top, risen, fallen = (tuple(map(ToldAsset.of, assets)) for assets in (found.top, found.risen, found.fallen))
        return cls(found.week, found.assets, views, leads, wins, top, risen, fallen)


@dataclass(frozen=True, slots=True)
class ToldField:
    """How a persona's field, or its `name`, read before and after; empty where nothing was said."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ToldPersona:
    """All that changed about a persona in a period, as one step. `by` and `whys` in the order of the edits."""

    name: str
    added: bool
    changes: tuple[ToldField, ...]
    by: tuple[str, ...]
    whys: tuple[str, ...]

    @classmethod
    def of(cls, change: PersonaChange) -> ToldPersona:
        fields = tuple(ToldField(each.field, each.before, each.after) for each in change.changes)
        return cls(change.name, change.added, fields, change.by, change.whys)


@dataclass(frozen=True, slots=True)
class ToldSum:
    """A sum of money: `minor` hundredths of `currency` (ISO 4217)."""

    minor: int
    currency: str

    @classmethod
    def of(cls, money: Money) -> ToldSum:
        return cls(money.minor, money.currency)


def money_of(sums: Sequence[ToldSum]) -> list[Money]:
    """The sums, as `domain` writes them out."""
    return [Money(each.minor, each.currency) for each in sums]
