"""Who gets a weekly digest: the list, and the form for where and when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from digests.audiences import DigestSettings
from digests.kinds import KINDS
from domain.config.overview import AudienceSet, Overview
from domain.config.saving import Saved
from domain.config.values import WEEKDAYS, describe_minute
from domain.text import shorten
from handlers import blocks as b
from handlers.answers import Block, View
from handlers.setup.fields import conversation, zone_select
from handlers.setup.growing import NOBODY, picked, rows
from handlers.setup.lists import PICK_TEAM, form, remove_button
from handlers.setup.views import FIND, Context, back, saved_blocks

SETUP: Final = "setup"
"""Where a form was opened from, when that is the list of all digests."""

EMPTY_WORDS: Final = {"line": "Post one line", "silence": "Post nothing"}


def digests_list(overview: Overview, remembered: Context, saved: Saved | None = None) -> View:
    """Who gets a weekly digest, where and when."""
    teams = {team.key: team.name for team in overview.teams}
    entries = [(_digest(each, teams), f"digest:{each.id}", f"setup.digest.{each.id}") for each in overview.audiences]
    blocks = [*saved_blocks(saved), back(), *rows(entries, f"{FIND}:digest", "Find a digest")]
    if not entries:
        blocks.append(b.section("Nobody gets a weekly digest. Add one for sales and one for marketing."))
    add = b.button("Add a digest", "setup.go:newdigest", "digest:0", style=None if entries else "primary")
    blocks.append(b.actions(add, block_id="setup.add"))
    return b.modal("setup.digests", "Weekly digests", blocks, submit=None, close="Close", context=remembered)


def _digest(audience: AudienceSet, teams: Mapping[str, str]) -> str:
    team = f" · only {b.escape(shorten(teams.get(audience.team, audience.team), 80))}" if audience.team else ""
    when = f"{WEEKDAYS[audience.weekday]}s {describe_minute(audience.minute)}, {b.escape(audience.zone)}"
    where = f"<#{audience.channel}>" if audience.channel else "goes nowhere yet: it has no channel"
    paused = " · paused" if audience.paused else ""
    return f"*{b.escape(name_of(audience))}*{team}{paused}\n{where} · {when}"


def digest_form(audience: AudienceSet, overview: Overview, remembered: Context) -> View:
    """Where and when a digest goes out; id 0: a new one. Ids carry the digest's, so Slack keeps nothing of another."""
    mine = f"picked:{audience.id}"
    weekdays = [b.option(name, name.lower()) for name in WEEKDAYS]
    empty = {name: b.option(words, name) for name, words in EMPTY_WORDS.items()}
    kinds = {kind: b.option(*_kind(kind)) for kind in KINDS}
    team = next(((each.name, each.key) for each in overview.teams if each.key == audience.team), None)
    paused = b.option("Paused: nothing is posted until you clear this box", "paused")
    boxes: dict[str, Any] = {"type": "checkboxes", "action_id": mine, "options": [paused]}
    if audience.paused:
        boxes["initial_options"] = [paused]
    clock = {"type": "timepicker", "action_id": mine, "initial_time": describe_minute(audience.minute)}
    blocks: list[Block] = [back("All digests", "digests")]
    if not audience.id:
        blocks.append(b.input_block("name", "Name", b.text_input(mine, placeholder="Leadership", max_length=40)))
    blocks += [
        b.input_block(
            "kind", "Which digest", b.select(mine, "Pick one", list(kinds.values()), initial=kinds[audience.kind])
        ),
        b.input_block(
            "channel",
            "Channel",
            conversation(mine, audience.channel),
            optional=True,
            hint="A private channel needs an invitation: /invite @Tandem",
        ),
        b.input_block("weekday", "Day", b.select(mine, "Day", weekdays, initial=weekdays[audience.weekday])),
        b.input_block("time", "Time", clock),
        b.input_block("zone", "Time zone", zone_select(f"digest:{audience.id}", audience.zone)),
        b.input_block(
            "team",
            "About which team",
            picked(f"{PICK_TEAM}:{mine}", "Pick a team", team or ("All teams", NOBODY)),
        ),
        b.input_block(
            "when_empty",
            "In a week without news",
            b.select(mine, "Pick", list(empty.values()), initial=empty[audience.when_empty]),
        ),
        b.input_block("paused", "Pause", boxes, optional=True),
    ]
    if audience.id:
        blocks.append(
            remove_button(
                "digest.remove",
                audience.mark,
                "Remove this digest",
                "This digest is not sent any more. What was sent stays in its channel. "
                "To stop the digest for a while, pause it.",
            )
        )
    title = name_of(audience) if audience.id else "New digest"
    return form("digest.save", title, blocks, audience, {**remembered, "audience": audience.mark})


def _kind(kind: str) -> tuple[str, str, str]:
    of = KINDS[kind]
    return of.title, kind, of.about


def name_of(settings: DigestSettings | AudienceSet) -> str:
    """A digest by its kind, and by its own name where it has one."""
    name = KINDS[settings.kind].title
    return name if settings.key == settings.kind else f"{name}: {settings.key}"
