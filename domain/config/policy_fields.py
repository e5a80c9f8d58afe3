"""The settings of a policy, each with its column: what the settings file reads and writes, and what is told of changes.

A setting is added here, in `PolicySettings` (how the file is read), as a column of `Policy` with its migration, and as
a field of `Terms` (domain/leads/terms.py) with a default.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from domain.config.values import describe_duration, describe_or_never


def _as_it_is(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class PolicyField:
    """`setting` of the file, `column` of the table. `told`: in lists of changes; `filed`: as the file has it.

    `stored`: what the column keeps of what was read. `default`: for a new policy that does not say.
    """

    setting: str
    column: str
    default: Any
    told: Callable[[Any], str] = str
    filed: Callable[[Any], Any] = _as_it_is
    stored: Callable[[Any], Any] = _as_it_is


def _or_never(seconds: int | None) -> str:
    return describe_duration(seconds) if seconds else "never"


def _number_or_never(number: int | None) -> int | str:
    return describe_or_never(number or 0)


def _number(count: int | None) -> str:
    return str(count) if count else ""


def _share(value: float) -> str:
    return f"{value:.0%}"


POLICY_FIELDS: Final = (
    PolicyField("contact", "contact_seconds", 0, told=describe_duration, filed=describe_duration),
    PolicyField("half", "half_at", 0.5, told=_share),
    PolicyField("remind", "remind_at", 0.8, told=_share),
    PolicyField(
        "reassign_after",
        "reassign_after_seconds",
        None,
        told=lambda seconds: describe_duration(seconds) if seconds else "",
        filed=_or_never,
        stored=lambda seconds: seconds or None,
    ),
    PolicyField("max_reassigns", "max_reassigns", 1),
    PolicyField(
        "claim",
        "claim_seconds",
        None,
        told=lambda seconds: describe_duration(seconds) if seconds else "",
        filed=_or_never,
        stored=lambda seconds: seconds or None,
    ),
    PolicyField("tries", "tries", None, told=_number, filed=_number_or_never, stored=lambda count: count or None),
    PolicyField("tries_days", "tries_days", 3),
    PolicyField(
        "untouched_after",
        "untouched_after_seconds",
        None,
        told=lambda seconds: describe_duration(seconds) if seconds else "",
        filed=_or_never,
        stored=lambda seconds: seconds or None,
    ),
    PolicyField("bench_after", "bench_after", 2, told=_number, filed=_number_or_never),
    PolicyField(
        "meeting_days",
        "meeting_days",
        None,
        told=_number,
        filed=_number_or_never,
        stored=lambda days: days or None,
    ),
)
