"""What a clock remembers of its policy: frozen when the clock starts, whatever becomes of the policy."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Final, Literal

from storage.frozen import Shape
from storage.models import Policy

Purpose = Literal["contact", "tries", "meeting"]
"""What a clock is the time for: first contact; so many tries, once the first found nobody; a first meeting."""

CONTACT: Final[Purpose] = "contact"
TRIES: Final[Purpose] = "tries"
MEETING: Final[Purpose] = "meeting"


@dataclass(frozen=True, slots=True)
class Terms:
    """A policy as a clock remembers it; seconds are working time, shares are of `contact_seconds`.

    The fields are columns of Policy. A field that is added has a default, for clocks that began before. Days are
    working days. None: there is no such clock.
    """

    tier: str
    contact_seconds: int
    half_at: float
    remind_at: float
    reassign_after_seconds: int | None
    max_reassigns: int
    claim_seconds: int | None = None
    tries: int | None = None
    tries_days: int = 3
    meeting_days: int | None = None
    bench_after: int = 0
    untouched_after_seconds: int | None = None

    @classmethod
    def of(cls, policy: Policy | Any) -> Terms:
        """The terms of a policy, or of a row with `COLUMNS`."""
        return cls(**{name: getattr(policy, name) for name in TERMS})

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Terms:
        return _KEPT.read(data)

    def to_json(self) -> dict[str, Any]:
        return _KEPT.write(self)


TERMS: Final = tuple(field.name for field in fields(Terms))
COLUMNS: Final = tuple(getattr(Policy, name) for name in TERMS)
"""The columns of a policy that `Terms.of` reads."""

_KEPT: Final[Shape[Terms]] = Shape("policy", Terms)
