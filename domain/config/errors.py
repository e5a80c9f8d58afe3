"""What can be wrong with settings: with one value, with where something stands, with what the settings come to.

`given`: what stood there and what else the sentence says, in its order. `known`: what was meant, or can be chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from domain.errors import TandemError


@dataclass(unsafe_hash=True)
class ValueWrong(TandemError, ValueError):
    """A value that cannot be kept. A ValueError, so that pydantic collects it with the place where it stood."""

    why: Literal[
        "empty",
        "too_long",
        "no_key",
        "no_source_name",
        "in_days",
        "no_duration",
        "duration_out_of_bounds",
        "no_share",
        "no_channel",
        "no_person",
        "no_zone",
        "closed_all_week",
        "too_few_minutes",
        "too_many_spans",
        "no_country",
        "no_region",
        "no_day",
        "ends_early",
        "closed_too_long",
        "too_many_closed",
        "too_many_competitors",
        "too_many_watched",
        "no_weekday",
        "no_minute",
        "no_currency",
        "no_emoji",
        "no_text",
        "no_choice",
        "no_count",
        "no_working_days",
        "no_some_days",
        "no_tries",
        "no_lapses",
        "no_accounts",
        "no_accounts_or_never",
        "no_times",
        "no_alerts",
        "no_items_or_never",
        "no_sum",
        "no_of_1000",
        "no_cap",
        "no_weight",
    ]
    given: tuple[str, ...] = ()
    known: tuple[str, ...] = ()


@dataclass(unsafe_hash=True)
class SettingWrong(TandemError):
    """The setting of that name has a `wrong` value. `whole`: not one of its entries, but the list itself.

    `name` is "person" or "role" in the list of members.
    """

    name: str
    wrong: TandemError
    whole: bool = False


@dataclass(unsafe_hash=True)
class FileWrong(TandemError):
    """The file cannot be read here, or says something where it cannot stand."""

    why: Literal[
        "too_large",
        "too_many_digits",
        "too_nested",
        "breaks_off",
        "line",
        "line_with_curly_quotes",
        "line_with_bare_address",
        "line_with_bare_text",
        "line_with_colon",
        "belongs_on_top",
        "unknown",
        "missing",
        "no_list_of_tables",
        "no_list",
        "no_members",
        "no_people",
        "no_table",
        "no_switch",
        "unusable",
        "repeated",
        "two_defaults",
    ]
    given: tuple[str, ...] = ()
    known: tuple[str, ...] = ()


@dataclass(unsafe_hash=True)
class SettingsRefused(TandemError):
    """The settings make sense, but not beside each other, or beside what is set."""

    why: Literal[
        "unknown_address",
        "unknown_member_id",
        "guest",
        "stranger",
        "unknown_channel",
        "no_default_team",
        "default_archived",
        "two_roles",
        "two_lists",
        "manages_this_team",
        "manages_a_team",
        "no_admin",
        "no_default_tier",
        "no_contact",
        "reminder_too_early",
        "default_removed",
        "tier_taken",
        "source_taken",
        "source_taken_elsewhere",
        "source_signs",
        "unknown_team",
        "unknown_tier",
        "no_digest_kind",
        "no_secret_key",
        "route_takes_all",
        "person_not_in_team",
        "weight_not_in_team",
        "fallback_no_manager",
        "too_many_criteria",
        "sql_means_unknown",
    ]
    given: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
