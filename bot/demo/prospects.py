"""Who asks Harbourline for something, read from leads.toml: past weeks, the demo's own, and the page's button."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Prospect:
    """A lead as a system posts it to `/intake/{source}`. `touches`: what marketing did before, the first one first."""

    name: str
    company: str
    email: str
    asked: str
    tier: str
    team: str
    score: int
    touches: tuple[str, ...] = ()
    source: str = "website"
    phone: str | None = None

    def posted(self) -> dict[str, Any]:
        """The JSON of the webhook."""
        fields = {
            "name": self.name,
            "company": self.company,
            "email": self.email,
            "phone": self.phone,
            "asked": self.asked,
            "tier": self.tier,
            "team": self.team,
            "score": self.score,
            "touches": [{"what": touch} for touch in self.touches],
        }
        return {name: value for name, value in fields.items() if value}


@dataclass(frozen=True, slots=True)
class PastLead:
    """A lead that came `weeks` weeks before the demo's, on `day` (0 is Monday) at `time` in London.

    `outcome`: contacted, won, lost, nurture or declined; `minutes` from its arrival to contact or decline.
    """

    weeks: int
    day: int
    time: str
    who: Prospect
    outcome: str
    minutes: int
    reason: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Prospects:
    """All of leads.toml. `story`: those of the demo's own week, by the names that the story uses."""

    story: Mapping[str, Prospect]
    walk_ins: tuple[Prospect, ...]
    past: tuple[PastLead, ...]


def read_prospects() -> Prospects:
    """Read leads.toml."""
    data = tomllib.loads(Path(__file__).with_name("leads.toml").read_text(encoding="utf-8"))
    return Prospects(
        story={name: _prospect(each) for name, each in data["story"].items()},
        walk_ins=tuple(_prospect(each) for each in data["walk_ins"]),
        past=tuple(_past(each) for each in data["past"]),
    )


def _prospect(fields: Mapping[str, Any]) -> Prospect:
    return Prospect(**{**fields, "touches": tuple(fields.get("touches", ()))})


def _past(fields: dict[str, Any]) -> PastLead:
    own = {name: fields.pop(name) for name in ("weeks", "day", "time", "outcome", "minutes")}
    told = {name: fields.pop(name) for name in ("reason", "note") if name in fields}
    return PastLead(**own, **told, who=_prospect(fields))
