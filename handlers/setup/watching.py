"""The channels in which Tandem suggests what to log: who may choose them, what they are told, and one's own wish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from domain.config.forms import save_watch
from domain.config.overview import Overview, load_overview
from domain.config.saving import Saved
from domain.config.values import MOST_WATCHED
from domain.people import EVERYONE, MARKETERS, Actor
from domain.versions import version_of
from domain.voc.watching import WATCHED, want_suggestions, wants_suggestions
from handlers import blocks as b
from handlers.answers import Answer, Block, OpenModal, Receipt, UpdateModal, View
from handlers.arrival import Arrival
from handlers.listeners import Listeners
from handlers.messages import Messages, Rendering, Subject
from handlers.setup.fields import conversations
from handlers.setup.views import Context, back, saved_blocks
from storage.models import Workspace

SHOWN = 20
"""Channels that a sentence names."""

messages = Messages()


@dataclass(frozen=True, slots=True)
class Watching:
    """What is watched, and how it is with whoever asks. `may_choose`: the channels; `wanted`: on their own messages."""

    channels: tuple[str, ...]
    emoji: str
    may_choose: bool
    wanted: bool


def declare(listeners: Listeners) -> None:
    """Declare them on the subject's listeners."""
    listeners.command(
        "tandem", "watch", roles=EVERYONE, listed_for=MARKETERS, usage="watch", help="Where Tandem suggests what to log"
    )(on_watch)
    listeners.submission("setup.watch", roles=MARKETERS)(on_channels)
    listeners.action("setup.suggestions", roles=EVERYONE)(on_wish)


async def on_watch(arrival: Arrival) -> Answer:
    """Open to everyone: whoever may not choose the channels sees them."""
    return OpenModal(watch_form(await arrival.look(load_watching), {}))


async def on_channels(arrival: Arrival) -> Answer:
    def show(done: tuple[Saved, bool]) -> Answer:
        saved, wanted = done
        watching = watching_of(saved.overview, may_choose=True, wanted=wanted)
        return UpdateModal(watch_form(watching, _remembered(arrival), saved))

    return await arrival.answer(_save, arrival.fields("channels"), arrival.remembered("version"), view=show)


async def on_wish(arrival: Arrival) -> Answer:
    """From the form, or from the note that explained a suggestion."""
    wanted = arrival.value == "on"
    if (arrival.body.get("view") or {}).get("type") == "modal":
        remembered = _remembered(arrival)
        return await arrival.answer(
            _wish, wanted=wanted, view=lambda watching: UpdateModal(watch_form(watching, remembered))
        )
    return await arrival.answer(_wish, wanted=wanted, view=lambda watching: wish_receipt(wanted=watching.wanted))


def _remembered(arrival: Arrival) -> dict[str, Any]:
    return {name: value for name, value in arrival.context.items() if name != "version"}


def load_watching(session: Session, *, by: Actor, at: datetime) -> Watching:  # noqa: ARG001  # a query like all
    overview = load_overview(session, by.workspace_id)
    wanted = wants_suggestions(session, by=by)
    return watching_of(overview, may_choose=by.role in MARKETERS, wanted=wanted)


def watching_of(overview: Overview, *, may_choose: bool, wanted: bool) -> Watching:
    return Watching(overview.watched, overview.company.capture_emoji, may_choose, wanted)


def watch_form(watching: Watching, remembered: Context, saved: Saved | None = None) -> View:
    """The channels, to choose or to read, and whether one's own messages get suggestions.

    `remembered`: says whether the form stands in the modal of all settings ("from").
    """
    # In its action id, for Slack keeps what was picked when a form takes the place of another with the same ids.
    version = version_of(watching.channels)
    blocks: list[Block] = [*saved_blocks(saved)]
    if remembered.get("from"):
        blocks.append(back())
    blocks.append(b.section(_what_it_is(watching.emoji)))
    if watching.may_choose:
        blocks.append(
            b.input_block(
                "channels",
                "Channels",
                conversations(f"of:{version}", watching.channels, most=MOST_WATCHED),
                optional=True,
                hint="Each channel is told so. A private channel needs an invitation: /invite @Tandem",
            )
        )
    else:
        blocks.append(b.section(f"*Channels*\n{channels_named(watching.channels)}\nMarketers and admins choose them."))
    blocks += [b.divider(), _own(wanted=watching.wanted)]
    blocks.append(
        b.context(
            "Tandem keeps nothing of a message that nobody logs. Guests get no suggestions, nor do people of other "
            "companies, nor channels that are shared with them."
        )
    )
    context = {**remembered, "version": version}
    submit = "Save" if watching.may_choose else None
    return b.modal("setup.watch", "Suggestions", blocks, submit=submit, close="Close", context=context)


def channels_named(channels: Sequence[str]) -> str:
    """So that a person can click them."""
    named = [f"<#{channel}>" for channel in channels[:SHOWN]]
    left = len(channels) - SHOWN
    return " · ".join([*named, f"and {left} more"] if left > 0 else named) or "none"


def wish_receipt(*, wanted: bool) -> Receipt:
    """What stands in place of the note that explained a suggestion."""
    if wanted:
        text = "Tandem suggests to log messages of yours again."
        return Receipt(text, [b.section(text), _switch("Not on my messages", "off")], replace=True)
    text = "Tandem suggests nothing on your messages any more."
    return Receipt(text, [b.section(text), _switch("Suggest again", "on")], replace=True)


@messages.kind(WATCHED)
def channel_told(session: Session, subject: Subject) -> Rendering | None:
    """The notice in a channel that it is watched; nothing when it is watched no more."""
    workspace = session.get_one(Workspace, subject.workspace_id)
    emoji = workspace.capture_emoji
    if subject.id != workspace.id or subject.place not in (workspace.watched_channels or ()):
        return None
    # By name: a mention would ping them for their own click.
    text = f"{b.escape(str(subject.data.get('by') or 'An admin'))} turned on suggestions in this channel."
    blocks = [
        b.section(f"*{text}* {_what_it_is(emoji)}"),
        b.context(
            "Tandem keeps nothing of a message that nobody logs. "
            f"`/{subject.prefix}tandem watch` shows where it is on, and turns it off for your own messages."
        ),
    ]
    return Rendering(text, blocks)


def _what_it_is(emoji: str) -> str:
    if not emoji:
        return (
            "Tandem can suggest to log what customers said, by a reaction. No reaction logs a message here yet: "
            "an admin chooses one in setup → Company. Until then nothing is suggested."
        )
    return (
        f"Where a message plainly speaks of one of your themes, Tandem adds :{emoji}: to it. "
        f"Whoever clicks the :{emoji}: logs the message as what a customer said."
    )


def _own(*, wanted: bool) -> Block:
    told = "Tandem may suggest to log them." if wanted else "Tandem suggests nothing on them."
    label, value = ("Turn off", "off") if wanted else ("Turn on", "on")
    return b.section(
        f"*Your own messages*\n{told}",
        accessory=b.button(label, "setup.suggestions", value),
        block_id=f"setup.wish.{value}",
    )


def _switch(label: str, value: str) -> Block:
    return b.actions(b.button(label, "setup.suggestions", value), block_id=f"setup.wish.{value}")


def _save(session: Session, channels: Sequence[str], version: str, *, by: Actor, at: datetime) -> tuple[Saved, bool]:
    return save_watch(session, channels, version, by=by, at=at), wants_suggestions(session, by=by)


def _wish(session: Session, *, wanted: bool, by: Actor, at: datetime) -> Watching:
    want_suggestions(session, wanted=wanted, by=by, at=at)
    return load_watching(session, by=by, at=at)
