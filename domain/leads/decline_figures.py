"""What declines add up to: by reason and source, what marketing said, and how disputes were ruled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.models import Decline

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DeclineFigures:
    """The declines of a time, without those that were taken back; the most frequent comes first.

    `by_reason`: (reason, count); `by_source`: (source, count); `by_both`: (reason, source, count). `to_marketing`:
    those that marketing is asked about, of which `accepted`, `disputed` (however it was ruled) and `unanswered`.
    `verdicts`: (verdict, count) of the disputes that were ruled, `unruled` of those that were not.
    """

    declined: int
    by_reason: tuple[tuple[str, int], ...]
    by_source: tuple[tuple[str, int], ...]
    by_both: tuple[tuple[str, str, int], ...]
    to_marketing: int
    accepted: int
    disputed: int
    unanswered: int
    verdicts: tuple[tuple[str, int], ...]
    unruled: int


def decline_figures(
    session: Session, workspace_id: int, *, since: datetime, until: datetime, team_id: int | None = None
) -> DeclineFigures:
    """The declines from `since` until before `until` (aware UTC), of one team or of all."""
    session.flush()
    rows = session.execute(
        select(Decline.reason, Decline.source, Decline.state, Decline.verdict, func.count())
        .where(
            Decline.workspace_id == workspace_id,
            Decline.at >= since,
            Decline.at < until,
            Decline.state != "undone",
            *([Decline.team_id == team_id] if team_id is not None else []),
        )
        .group_by(Decline.reason, Decline.source, Decline.state, Decline.verdict)
    ).all()
    counts: dict[str, Counter[Any]] = {name: Counter() for name in ("reason", "source", "both", "state", "verdict")}
    for reason, source, state, verdict, count in rows:
        counts["reason"][reason] += count
        counts["source"][source] += count
        counts["both"][reason, source] += count
        counts["state"][state] += count
        if verdict is not None:
            counts["verdict"][verdict] += count
    states = counts["state"]
    return DeclineFigures(
        declined=states.total(),
        by_reason=tuple(_most(counts["reason"])),
        by_source=tuple(_most(counts["source"])),
        by_both=tuple((reason, source, count) for (reason, source), count in _most(counts["both"])),
        to_marketing=states.total() - states["settled"],
        accepted=states["accepted"],
        disputed=states["disputed"] + states["ruled"],
        unanswered=states["open"],
        verdicts=tuple(_most(counts["verdict"])),
        unruled=states["disputed"],
    )


def _most(counted: Counter[T]) -> Iterable[tuple[T, int]]:
    return sorted(counted.items(), key=lambda one: (-one[1], str(one[0])))
