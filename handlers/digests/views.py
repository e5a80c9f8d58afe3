"""What people see of a digest before it goes out: the preview, and the form for where and when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from digests.audiences import Preview, Settings, SettingsForm
from digests.rendering import render_edition
from domain.marks import mark
from handlers import blocks as b
from handlers.answers import Answer, Block, CloseModal, Receipt, UpdateModal, View

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NAMES = {"sales": "Sales digest", "marketing": "Marketing digest"}
EMPTY_WORDS = {"line": "Post one line", "silence": "Post nothing"}


def preview(preview: Preview, *, replace: bool = False) -> Receipt:
    """What the digest would say now, with where and when it really goes out."""
    kind = preview.facts.kind
    rendered = render_edition(preview.facts)
    other = "marketing" if kind == "sales" else "sales"
    buttons = [b.button(NAMES[other], "digest.preview", other)]
    if preview.may_change and preview.settings is not None:
        buttons.append(b.button("Settings", "digest.settings", _marked(preview.settings)))
    blocks: list[Block] = [
        b.context(f"Preview, only for you. Last 7 days. {_goes_out(preview.settings)}"),
        *rendered.blocks,
        b.actions(*buttons, block_id="digest"),
    ]
    return Receipt(f"Preview: {rendered.text}", blocks, replace)


def settings_form(form: SettingsForm, remembered: Mapping[str, Any]) -> View:
    """Where and when one digest goes out; a select leads to the others. Ids carry the digest's, so Slack keeps
    nothing of one digest's form in another's."""
    settings = form.settings
    mine = f"picked:{settings.id}"
    channel = {
        "type": "conversations_select",
        "action_id": mine,
        "placeholder": b.plain("Pick a channel"),
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    if settings.channel:
        channel["initial_conversation"] = settings.channel
    weekdays = [b.option(name, number) for number, name in enumerate(WEEKDAYS)]
    zones = [b.option(zone, zone) for zone in form.zones]
    empty = [b.option(words, name) for name, words in EMPTY_WORDS.items()]
    paused = b.option("Paused: nothing is posted until this is cleared", "paused")
    boxes: dict[str, Any] = {"type": "checkboxes", "action_id": mine, "options": [paused]}
    if settings.paused:
        boxes["initial_options"] = [paused]
    clock = {"type": "timepicker", "action_id": mine, "initial_time": wall_time(settings.minute)}
    blocks: list[Block] = []
    if form.others:
        everyone = sorted((settings, *form.others), key=lambda each: each.id)
        options = [b.option(_name(each), _marked(each)) for each in everyone]
        chosen = next(option for option in options if option["value"] == _marked(settings))
        blocks.append(b.actions(b.select("digest.other", "Digest", options, initial=chosen), block_id="digest"))
    blocks += [
        b.input_block(
            "channel", "Channel", channel, optional=True, hint="A private channel needs an invitation: /invite @Tandem"
        ),
        b.input_block("weekday", "Day", b.select(mine, "Day", weekdays, initial=weekdays[settings.weekday])),
        b.input_block("time", "Time", clock),
        b.input_block(
            "zone", "Time zone", b.select(mine, "Zone", zones, initial=zones[form.zones.index(settings.zone)])
        ),
        b.input_block(
            "when_empty",
            "In a week without news",
            b.select(mine, "Pick", empty, initial=empty[list(EMPTY_WORDS).index(settings.when_empty)]),
        ),
        b.input_block("paused", "Pause", boxes, optional=True),
    ]
    return b.modal("digest.save", _name(settings)[:24], blocks, context={**remembered, "audience": _marked(settings)})


def changed(remembered: Mapping[str, Any]) -> Callable[[Settings], Answer]:
    """The answer to saved settings: when the next digest comes."""

    def answer(settings: Settings) -> Answer:
        text = f"Saved. {_name(settings)}: {_goes_out(settings)}"
        if remembered.get("response_url"):
            return CloseModal(Receipt(text))
        return UpdateModal(b.modal("digest.saved", "Digest", [b.section(text)], submit=None, close="Close"))

    return answer


def _goes_out(settings: Settings | None) -> str:
    """Where and when, or why not."""
    if settings is None:
        return "No channel gets it yet."
    if settings.channel is None:
        return "It does not go out yet: no channel is set."
    if settings.paused:
        return f"It is paused; its channel is <#{settings.channel}>."
    when = f"{WEEKDAYS[settings.weekday]}s at {wall_time(settings.minute)} ({b.escape(settings.zone)})"
    following = f", next {b.date(settings.next_at)}" if settings.next_at else ""
    return f"It goes to <#{settings.channel}> on {when}{following}."


def _marked(settings: Settings) -> str:
    return mark(settings.id, settings.created_at)


def _name(settings: Settings) -> str:
    name = NAMES[settings.kind]
    return name if settings.key == settings.kind else f"{name}: {settings.key}"


def wall_time(minute: int) -> str:
    """A minute of the day as a clock shows it: "09:05"."""
    return f"{minute // 60:02}:{minute % 60:02}"
