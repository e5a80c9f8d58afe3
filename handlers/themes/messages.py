"""What marketing is told of its themes: one rises, one was given to somebody, promised answers are late."""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from digests.mrkdwn import date
from domain.marks import mark
from domain.pulse import take_pulse
from domain.rises import RISE_CARD
from domain.tallies import PULSE_DAYS
from domain.text import shorten
from domain.voc.promise import LATE_NOTICE, Waiting, due_of, is_late, waiting_themes
from domain.voc.rising import load_rise
from domain.voc.work import GIVEN_NOTICE, STATUS_NAMES, owner_of
from handlers.answers import Block
from handlers.blocks import actions, button, context, escape, section
from handlers.messages import Messages, Rendering, Subject
from handlers.themes.views import answer_line, compared, pulse_words, work_buttons
from handlers.voc.known import due_words, read_button
from handlers.words import counted
from storage.models import Theme

messages = Messages()

LATE_SHOWN: Final = 5
COUNTED: Final = "Each account counts once in its 7 days. What was taken back does not count."


@messages.kind(GIVEN_NOTICE)
def theme_given(session: Session, subject: Subject) -> Rendering | None:
    """Who gave the theme, and what there is to do; nothing once somebody else looks after it."""
    theme = session.get(Theme, subject.id)
    owner = owner_of(session, theme) if theme is not None and theme.workspace_id == subject.workspace_id else None
    if theme is None or owner is None or owner.slack_user_id != subject.place:
        return None
    by = escape(shorten(str(subject.data.get("by", "")), 60)) or "Somebody"
    pulse = take_pulse(session, subject.workspace_id, subject.at, "theme", theme.id)
    text = f"{by} gave you the theme #{escape(theme.slug)}: you look after it now."
    lines = [f"*{text}*", f"{pulse_words(pulse)} in {PULSE_DAYS} days"]
    due_at = due_of(theme)
    if due_at is not None:
        lines.append(due_words(due_at, is_late=is_late(due_at, subject.at)))
    marked = mark(theme.id, theme.created_at)
    buttons = [
        read_button(pulse.count, marked),
        button("Answer", "theme.answer", marked),
        button("Status", "theme.status", marked),
    ]
    return Rendering(text, [section("\n".join(lines)), actions(*buttons, block_id=f"theme:{marked}")])


@messages.kind(RISE_CARD)
def theme_rises(session: Session, subject: Subject) -> Rendering | None:
    """How many accounts raise the theme now and raised it before, and what is done about it."""
    rise = load_rise(session, subject.id, subject.workspace_id)
    if rise is None:
        return None
    name = f"#{escape(rise.slug)}"
    if rise.instead is not None:
        text = f"{name} was merged into #{escape(rise.instead)}."
        return Rendering(text, [section(text)])
    heading = f"{name} is rising" if rise.is_rising else f"{name} is not rising any more"
    accounts = compared(rise.last.accounts, rise.before.accounts, "account")
    marked = mark(rise.id, rise.created_at)
    pulse = take_pulse(session, subject.workspace_id, subject.at, "theme", rise.id)
    owner = f"{escape(shorten(rise.owner, 60))} looks after it" if rise.owner else "no owner"
    lines = [
        f"{':chart_with_upwards_trend: ' if rise.is_rising else ''}*{heading}*: {accounts}",
        f"{compared(rise.last.items, rise.before.items, 'item')}, {pulse.count:,} in {PULSE_DAYS} days",
        f"{STATUS_NAMES[rise.status]}  ·  {owner}",
        answer_line(rise.status, rise.answered_at, rise.mark, rise.due_at, subject.at),
    ]
    buttons = work_buttons(pulse.count, marked, is_owned=rise.owner is not None)
    as_of = date(rise.counted_at, "{date_short_pretty} at {time}")
    return Rendering(
        f"{heading}: {accounts}",
        [
            section("\n".join(lines)),
            actions(*buttons, block_id=f"theme:{marked}"),
            context(f"{COUNTED} Counted {as_of}. This message changes as the theme goes on."),
        ],
    )


@messages.kind(LATE_NOTICE)
def answers_late(session: Session, subject: Subject) -> Rendering | None:
    """The themes whose promised answer is late, all in one message; nothing once they have their answers."""
    told = [one for one in subject.data.get("themes", ()) if isinstance(one, int)]
    themes = [one for one in waiting_themes(session, subject.workspace_id, told) if is_late(one.due_at, subject.at)]
    if not themes:
        return None
    wait = "waits" if len(themes) == 1 else "wait"
    text = f"{counted(len(themes), 'theme')} {wait} for marketing’s answer, and the promised day is over."
    blocks: list[Block] = [section(f":warning: *{text}*")]
    for theme in themes[:LATE_SHOWN]:
        marked = mark(theme.id, theme.created_at)
        answer = button("Answer", "theme.answer", marked, about=theme.slug)
        blocks.append(section(_late(session, theme, subject), accessory=answer, block_id=f"theme:{marked}"))
    left = len(themes) - LATE_SHOWN
    if left > 0:
        blocks.append(context(f"and {left} more"))
    blocks.append(actions(button("All themes", "theme.board"), block_id="theme.late"))
    return Rendering(text, blocks)


def _late(session: Session, theme: Waiting, subject: Subject) -> str:
    pulse = take_pulse(session, subject.workspace_id, subject.at, "theme", theme.id)
    owner = f"  ·  {escape(shorten(theme.owner, 60))} looks after it" if theme.owner else ""
    heard = f"{pulse_words(pulse)} in {PULSE_DAYS} days"
    return f"*#{escape(theme.slug)}*{owner}\n{heard}\n{due_words(theme.due_at, is_late=True)}"
