"""The single values of the settings about turns and rules, as people write them (see domain/config/values.py)."""

from __future__ import annotations

from typing import Any, Final

from domain.config.errors import ValueWrong
from domain.config.values import is_none, read_whole, written
from domain.leads.conditions import Condition, ConditionWrong, field_key, parse_condition
from domain.leads.turns import LARGEST_WEIGHT

MOST_LEADS: Final = 1_000


def read_cap_or_never(raw: Any) -> int:
    """How many leads at the most, from 1 to MOST_LEADS; 0 for no limit."""
    return 0 if is_none(raw) else read_whole(raw, 0, MOST_LEADS, "no_cap")


def read_weight(raw: Any) -> int:
    """A share, from 1 to LARGEST_WEIGHT: with 2, twice as many leads as with 1."""
    return read_whole(raw, 1, LARGEST_WEIGHT, "no_weight")


def read_condition(raw: Any) -> Condition:
    """A condition of a rule, `employees >= 500`."""
    if not isinstance(raw, str):
        raise ValueWrong("no_text", (written(raw),), ('"employees >= 500"',))
    condition = parse_condition(raw)
    if condition.verb in ("is", "is_not") and field_key(condition.field) == "email":
        for value in condition.values:  # no address is ever that: the line would hold for all, or for none
            if "@" not in value:
                raise ConditionWrong("no_address", value)
    return condition


def listed(raw: Any) -> Any:
    """What stands alone where a list can stand, as a list of one."""
    return [raw] if isinstance(raw, str) else raw
