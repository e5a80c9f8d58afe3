"""The forms of the board: what is counted, a theme's status, owner and content, and the theme of an item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from domain.marks import mark
from domain.voc.facts import KIND_NAMES, VocFacts
from domain.voc.scope import PERIODS, Named
from domain.voc.work import NOTE_LIMIT, STATUS_NAMES, WorkedTheme
from handlers.answers import Block, View
from handlers.blocks import (
    Element,
    context,
    escape,
    external_select,
    input_block,
    modal,
    option,
    quote,
    section,
    select,
    text_input,
)
from handlers.place import Place, back, way_back

NOTHING: Final = "-"
"""The value of the choice that filters nothing."""


def filter_form(place: Place, named: Named, teams: Sequence[tuple[int, str]]) -> View:
    """What is to be counted; `teams` as (id, name)."""
    scope = place.scope
    days = {number: option(f"{number} days", number) for number in PERIODS}
    kinds: dict[str | None, Element] = {
        None: option("All kinds", NOTHING),
        **{kind: option(name, kind) for kind, name in KIND_NAMES.items()},
    }
    shown: dict[int | None, Element] = {
        None: option("All teams", NOTHING),
        **{team_id: option(name, team_id) for team_id, name in teams},
    }
    competitor = option(scope.competitor, scope.competitor) if scope.competitor else None
    account = option(named.account, f"={place.account}") if named.account else None
    blocks = [
        back(),
        input_block(
            "days", "Time", select("value", "Pick one", list(days.values()), initial=days.get(scope.days or 0))
        ),
        input_block("kind", "Kind", select("value", "Pick one", list(kinds.values()), initial=kinds.get(scope.kind))),
        input_block(
            "team", "Heard by", select("value", "Pick one", list(shown.values()), initial=shown.get(scope.team_id))
        ),
        input_block(
            "competitor",
            "Competitor",
            external_select("theme.competitor", "Any", initial=competitor),
            optional=True,
        ),
        input_block("account", "Account", external_select("theme.account", "Any", initial=account), optional=True),
    ]
    return modal("theme.filter_form", "What to count", blocks, submit="Show", context=place.remembered())


def status_form(theme: WorkedTheme, remembered: Mapping[str, Any]) -> View:
    """What marketing does about a theme, and why."""
    statuses = {status: option(name, status) for status, name in STATUS_NAMES.items()}
    blocks = [
        *_theme_head(theme, remembered),
        input_block(
            "status", "Status", select("value", "Pick one", list(statuses.values()), initial=statuses[theme.status])
        ),
        input_block(
            "note",
            "Note",
            text_input(
                initial=theme.note, multiline=True, max_length=NOTE_LIMIT, placeholder="Comes with the spring release"
            ),
            optional=True,
            hint="Reps read it beside the status, so it must still be true. Won’t do needs a reason here, shipped an "
            "answer or linked content.",
        ),
    ]
    return modal("theme.status_form", "Status", blocks, context=_of(theme, remembered, theme.status_version))


def owner_form(theme: WorkedTheme, remembered: Mapping[str, Any]) -> View:
    """Who looks after a theme."""
    picked: Element = {"type": "users_select", "action_id": "value"}
    if theme.owner:
        picked["initial_user"] = theme.owner
    blocks = [
        *_theme_head(theme, remembered),
        input_block("owner", "Who looks after it?", picked, optional=True, hint="A marketer, a manager or an admin."),
    ]
    return modal("theme.owner_form", "Give it to somebody", blocks, context=_of(theme, remembered, theme.owner_version))


def asset_form(theme: WorkedTheme, remembered: Mapping[str, Any]) -> View:
    """Which content is about a theme."""
    linked = [context(f"Linked so far: {', '.join(map(escape, theme.assets))}")] if theme.assets else []
    blocks = [
        *_theme_head(theme, remembered),
        *linked,
        input_block(
            "asset",
            "Content",
            external_select("theme.asset", "Find it by its title"),
            hint="Content has one theme: it leaves the theme that it had before.",
        ),
    ]
    return modal("theme.asset_form", "Link content", blocks, submit="Link", context=_of(theme, remembered, ""))


def file_form(item: VocFacts, remembered: Mapping[str, Any]) -> View:
    """Under which theme an item belongs."""
    blocks = [
        *([back("Back", "read")] if "days" in remembered else []),
        quote(item.quote or item.verbatim),
        input_block("theme", "Theme", external_select("theme.pick", "Find or add one")),
    ]
    of = {"item": mark(item.id, item.created_at), "version": item.version}
    return modal("theme.file_form", "Set theme", blocks, context={**remembered, **of})


def _theme_head(theme: WorkedTheme, remembered: Mapping[str, Any]) -> list[Block]:
    """The way back where the form took the board's place, and which theme it is about."""
    return [*way_back(remembered), section(f"*#{escape(theme.slug)}*")]


def _of(theme: WorkedTheme, remembered: Mapping[str, Any], version: str) -> dict[str, Any]:
    return {**remembered, "theme": mark(theme.id, theme.created_at), "version": version}
