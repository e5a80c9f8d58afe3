"""The letter about themes that its reader raised, and the question what happened when an answer did not help."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from digests.mrkdwn import link
from domain.marks import mark
from domain.text import shorten
from domain.voc.letters import ToldTheme
from domain.voc.verdicts import NOTE_LIMIT, Given, ShownLetter
from handlers.answers import NOTHING, Answer, Block, CloseModal, OpenModal, Receipt, View
from handlers.blocks import actions, button, context, divider, escape, input_block, modal, section, text_input
from handlers.messages import Rendering

MOST_TOLD: Final = 6
"""More themes than that are only named, each with what became of it."""

ANSWER_SHOWN: Final = 600
NOTE_SHOWN: Final = 300
WHY_FORM: Final = "news.why_form"
BUTTONS: Final = {"used": "Used it", "helped": "Helped", "no_help": "Didn't help"}
SAID: Final = {"used": "you used it", "helped": "it helped", "no_help": "it did not help"}

# What became of a theme, by what is new and by the status that its reader was told before.
_BECAME: Final[dict[tuple[str, str | None], str]] = {
    ("planned", None): "is planned",
    ("planned", "shipped"): "is not shipped yet, it is planned",
    ("planned", "wont_do"): "is planned after all",
    ("shipped", "wont_do"): "is shipped after all",
    ("wont_do", None): "will not be done",
    ("wont_do", "planned"): "is no longer planned and will not be done",
    ("wont_do", "shipped"): "is no longer shipped and will not be done",
    ("open", "planned"): "is no longer planned",
    ("open", "shipped"): "is no longer shipped",
    ("open", "wont_do"): "is open again",
}
_ANYWAY: Final = {
    "shipped": "is shipped",
    "answered": "has an approved answer",
    "rewritten": "has a new approved answer",
    "open": "is open again",
}


def letter_message(shown: ShownLetter) -> Rendering:
    """The letter; buttons stand under what can be used, until their reader has said whether it helped."""
    themes = shown.letter.themes
    text, blocks = f"{_where(themes[0])}: {_became(themes[0])}.", list[Block]()
    if len(themes) > 1:
        news = f"News about {len(themes)} themes that you raised"
        text = f"{news}: {'  ·  '.join(map(_became, themes))}"
        blocks.append(section(f"*{news}*"))
    for place, told in enumerate(themes[:MOST_TOLD]):
        blocks += [divider()] if place else []
        blocks += _told(shown, place, told)
    if len(themes) > MOST_TOLD:
        blocks += [divider(), section("  ·  ".join(map(_became, themes[MOST_TOLD:])))]
    return Rendering(text, blocks)


def read_place(value: str) -> int:
    """The place in the letter that a button stands for; -1, which is none, where it says no number."""
    place = value.rpartition(":")[2]
    return int(place) if place.isascii() and place.isdigit() and len(place) < 4 else -1


def judged(given: Given, remembered: Mapping[str, Any]) -> Answer:
    """Nothing, since the letter says thanks; after "Didn't help", one optional line is asked for."""
    if not (given.is_first and given.verdict == "no_help"):
        return NOTHING
    late = "Thanks: marketing sees that it did not help. Slack did not open the form for what happened in time."
    return OpenModal(why_form(given, remembered), otherwise=late)


def why_form(given: Given, remembered: Mapping[str, Any]) -> View:
    field = text_input(
        max_length=NOTE_LIMIT, placeholder="They have a three-year contract with somebody else", focus=True
    )
    return modal(
        WHY_FORM,
        "What happened?",
        [
            section(f"Thanks: marketing sees that the answer to *#{escape(given.theme)}* did not help."),
            input_block("note", "What happened? One line is enough.", field, optional=True, hint=_WHO_READS),
        ],
        submit="Send",
        close="Skip",
        context={**remembered, "letter": mark(given.letter_id, given.created_at), "place": given.place},
    )


_WHO_READS: Final = "Whoever looks after the theme reads it in the next marketing digest."


def explained(had_words: bool) -> CloseModal:
    return CloseModal(Receipt(f"Thanks. {_WHO_READS}") if had_words else None)


def _told(shown: ShownLetter, place: int, told: ToldTheme) -> list[Block]:
    lines = [f"{_where(told)}: *{_became(told)}.*"]
    if told.news == "open":
        lines.append("Marketing looks at it anew.")
    if told.note:
        said = escape(shorten(" ".join(told.note.split()), NOTE_SHOWN))
        lines.append(f"*Why:* {said}" if told.news == "wont_do" else said)
    if told.answer:
        audience = "safe to send" if told.audience == "safe" else "internal"
        words = escape(shorten(" ".join(told.answer.split()), ANSWER_SHOWN))
        lines.append(f"*Approved answer* ({audience}): {words}")
    if told.asset:
        lines.append(f"*Here is what to show:* {link(shorten(told.asset, 150), told.asset_url)}")
    blocks = [section("\n".join(lines))]
    verdict = shown.said.get(place)
    small = [f"By {escape(shorten(told.by, 80))}"] if told.by else []
    if verdict is not None:
        small.append(f"Thanks: marketing sees it. You said that {SAID[verdict]}.")
    if small:
        blocks.append(context(*small))
    if verdict is None and told.version is not None:
        marked = mark(shown.id, shown.created_at)
        buttons = (
            button(label, f"news.{what}:{place}", f"{marked}:{place}", about=f"#{told.slug}")
            for what, label in BUTTONS.items()
        )
        blocks.append(actions(*buttons, block_id=f"news.{place}:{marked}"))
    return blocks


def _where(told: ToldTheme) -> str:
    """ "You heard this at Acme and 2 more accounts" """
    if told.account is None:
        return "You raised this"
    more = told.more_accounts
    others = f" and {more} more {'account' if more == 1 else 'accounts'}" if more else ""
    return f"You heard this at {escape(shorten(told.account, 80))}{others}"


def _became(told: ToldTheme) -> str:
    """ "#pricing is shipped" """
    words = _BECAME.get((told.news, told.before)) or _ANYWAY.get(told.news) or _BECAME[told.news, None]
    return f"#{escape(told.slug)} {words}"
