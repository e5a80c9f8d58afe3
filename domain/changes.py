"""What settings change, as facts: planned, applied, kept in the audit, and told to whoever has an old form open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Literal, get_args

What = Literal[
    "currency",
    "marketing_channel",
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
]
_KNOWN: Final = frozenset(get_args(What))


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

    def to_json(self) -> dict[str, Any]:
        """What is kept of it: facts that are empty stay out."""
        return {name: fact for name, fact in asdict(self).items() if fact}


def change_from_json(stored: Any) -> Change | str | None:
    """What `to_json` wrote. Earlier releases wrote sentences, which stay as they are; None for what is not known."""
    if isinstance(stored, str):
        return stored
    if not isinstance(stored, Mapping) or stored.get("what") not in _KNOWN:
        return None
    facts: dict[str, Any] = {each.name: stored[each.name] for each in fields(Change) if each.name in stored}
    for listed in ("added", "removed"):
        facts[listed] = tuple(map(str, facts.get(listed, ())))
    facts["made"] = tuple((str(name), str(value)) for name, value in facts.get("made", ()))
    return Change(**facts)


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth reading that changes nothing. `given`: the names in it.

    `default_stays`: the team (name, key) that Tandem made by itself. `inactive`: a member without an account.
    `by_your_word`: nobody joins a team by themselves any more.
    """

    what: Literal["default_stays", "inactive", "by_your_word"]
    given: tuple[str, ...] = ()
