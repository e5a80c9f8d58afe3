"""How a lead met the definition before sales got it, read from its timeline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.leads.persons import Person


@dataclass(frozen=True, slots=True)
class PassedFacts:
    """`stage`: what such a lead is called here, "MQL"; `version`: of the definition. `met` and `failed`: in words.

    `how`: "met" as it came, "fixed" by `by` (None: by news of the person), or "passed" all the same, for `reason`.
    """

    stage: str
    version: int
    met: tuple[str, ...]
    failed: tuple[str, ...]
    how: str
    by: Person | None = None
    reason: str | None = None

    @property
    def asked(self) -> int:
        """How many criteria there were."""
        return len(self.met) + len(self.failed)


def passed_of(events: Iterable[Any], people: Mapping[int, Person]) -> PassedFacts | None:
    """The latest that its timeline tells of it; None where nothing was asked of the lead."""
    told = [one for one in events if one.kind in ("received", "passed") and "definition" in one.data]
    if not told:
        return None
    last = told[-1]
    data: Mapping[str, Any] = last.data
    return PassedFacts(
        stage=str(data.get("stage") or "MQL"),
        version=int(data["definition"]),
        met=tuple(map(str, data.get("met") or ())),
        failed=tuple(map(str, data.get("failed") or ())),
        how=str(data.get("how") or "met"),
        by=people.get(last.by_id) if last.by_id is not None else None,
        reason=data.get("reason"),
    )
