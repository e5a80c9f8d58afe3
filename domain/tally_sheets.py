"""What tallies are made of: what counts of an item, a change of that, and a tally as far as it is worked out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

from domain.text import compare_key

About = Literal["theme", "competitor", "account", "own"]
PARTS: Final[dict[About, str]] = {"theme": "rad", "competitor": "rad", "account": "rd", "own": ""}
"""Which parts (`TallyPart`) a tally has: members, accounts, deals. One of an account or a member has itself only."""

Subject = tuple[About, str]
"""What a tally is about, and its id or key: ("theme", "7"), ("competitor", "rivalsoft")."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What counts of an item. `key` is the competitor's. It is stored with the item: fields may be added."""

    item: int
    member: int
    theme: int | None = None
    account: int | None = None
    key: str | None = None
    name: str | None = None
    objection: bool = False
    minor: int | None = None
    currency: str | None = None

    @classmethod
    def of(cls, row: Any) -> Counted:
        """What counts of a row of `voc_items` as it is now."""
        key = row.competitor_key or (compare_key(row.competitor) if row.competitor else None)
        return cls(
            item=row.id,
            member=row.member_id,
            theme=row.theme_id,
            account=row.account_id,
            key=key or None,
            name=row.competitor,
            objection=row.kind == "objection",
            minor=row.deal_minor or None,
            currency=row.deal_currency if row.deal_minor else None,
        )

    @classmethod
    def from_json(cls, stored: str) -> Counted:
        known = cls.__dataclass_fields__
        return cls(**{name: value for name, value in json.loads(stored).items() if name in known})

    def to_json(self) -> str:
        return json.dumps({name: value for name, value in asdict(self).items() if value}, ensure_ascii=False)

    def subjects(self) -> list[Subject]:
        """What the item counts for."""
        found: list[Subject] = [("own", str(self.member))]
        if self.theme is not None:
            found.append(("theme", str(self.theme)))
        if self.key is not None:
            found.append(("competitor", self.key))
        if self.account is not None:
            found.append(("account", str(self.account)))
        return found

    @property
    def deal_part(self) -> str | None:
        """Which account's deal it is, in which currency; an item without an account stands for itself."""
        if not self.minor:
            return None
        return f"{-self.item if self.account is None else self.account}:{self.currency}"


@dataclass(frozen=True, slots=True)
class Change:
    """An item is counted (`more` 1) or no longer (-1)."""

    counted: Counted
    more: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """A tally, as far as it is worked out. `id` is None while it is not stored."""

    subject: Subject
    id: int | None = None
    name: str | None = None
    items: int = 0
    objections: int = 0
    reps: int = 0
    accounts: int = 0
    deals: Mapping[str, tuple[int, int]] = field(default_factory=dict)


Parts = dict[tuple[str, int], int]
"""How often a part of a tally is counted, by part and size: see `TallyPart`."""


@dataclass(frozen=True, slots=True)
class WorkedOut:
    """A tally with its changes; `more` are those of its parts, `largest` the new largest deals by part."""

    sheet: Sheet
    more: Parts
    largest: dict[str, int]
