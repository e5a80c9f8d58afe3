"""What settings change, as facts: planned, applied, kept in the audit, and told to whoever has an old form open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from storage.frozen import Shape

What = Literal[
    "currency",
    "marketing_channel",
    "wins_channel",
    "capture_emoji",
    "watched_channels",
    "answer_days",
    "answer_accounts",
    "rising_accounts",
    "rising_times",
    "rising_a_day",
    "asked_a_day",
    "goal_a_month",
    "average_deal",
    "won_of_1000",
    "criteria",
    "triage",
    "sql_means",
    "competitors",
    "accounts",
    "role",
    "role_of_manager",
    "role_stays",
    "team_added",
    "team_changed",
    "team_archived",
    "team_back",
    "team_members",
    "team_default",
    "tier_added",
    "tier_changed",
    "tier_default",
    "tier_removed",
    "digest_added",
    "digest_changed",
    "digest_removed",
    "source_added",
    "source_changed",
    "source_paused",
    "source_resumed",
    "source_removed",
    "route_added",
    "route_changed",
    "route_removed",
    "route_order",
    "account_owner",
]


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that settings change. `name`: of the team, tier, digest, source or member.

    `setting`: which of its settings, `before` and `after`: as the settings file writes it, "" for none. `added` and
    `removed`: names that join or leave a list. `made`: the settings of what is new, by name.
    """

    what: What
    name: str = ""
    setting: str = ""
    before: str = ""
    after: str = ""
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    made: tuple[tuple[str, str], ...] = ()


CHANGE: Final[Shape[Change]] = Shape("change", Change)


def change_from_json(stored: Any) -> Change | str | None:
    """A change as the audit keeps it. Earlier releases kept sentences, which stay as they are; None for what only a
    later release knows.
    """
    if isinstance(stored, str):
        return stored
    try:
        return CHANGE.read(stored)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth reading that changes nothing. `given`: the names in it.

    `default_stays`: the team (name, key) that Tandem made by itself. `inactive`: a member without an account.
    `by_your_word`: nobody joins a team by themselves any more. `unknown_source`: a rule (its name, the source) asks for
    a source that there is not.
    """

    what: Literal["default_stays", "inactive", "by_your_word", "unknown_source"]
    given: tuple[str, ...] = ()
