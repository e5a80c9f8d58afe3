"""How a digest tells: parts of entries, made from Jinja2 templates, laid out so that each has its share of the room.

Templates can say what stands at the end of this file; every text is escaped when it is put out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from digests import mrkdwn
from digests.periods import short_date
from digests.told import money_of
from domain.leads.reasons import reason_named
from domain.money import sums_in_short
from domain.personas import FIELD_NAMES
from domain.text import shorten

MESSAGE_BUDGET: Final = 8_800
"""Characters of a digest with its notification: a preview adds some hundred to it, and handlers.bounds ends all
messages at 9,500."""

SECTION_LIMIT: Final = 3_000
TEXT_LIMIT: Final = 1_000

_MORE_ROOM = 160
_LATER_ROOM = 1_500
_LINKED_URL = 300


class Mrkdwn(str):
    """Markup of our own making; every other string in a template is escaped when it is put out."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A titled run of entries. `more(kept)` is the line about those that are not shown, empty when all are.

    `joined`: one below the other as lines; else each in a block of its own.
    """

    entries: Sequence[str]
    title: str = ""
    more: Callable[[int], str] = lambda _kept: ""
    joined: bool = False

    @property
    def cost(self) -> int:
        return len(self.title) + sum(len(entry) + 2 for entry in self.entries)

    def texts(self, room: int) -> list[str]:
        """What fits into `room` characters, as the texts of sections."""
        used, kept = len(self.title) + _MORE_ROOM, 0
        for entry in self.entries:
            used += len(entry) + 2
            if used > room or len(entry) > SECTION_LIMIT - len(self.title) - 2:
                break
            kept += 1
        shown = [*self.entries[:kept], self.more(kept)]
        texts = [self.title] if self.title else []
        for number, entry in enumerate(filter(None, shown)):
            fits = texts and len(texts[-1]) + len(entry) + 1 <= SECTION_LIMIT
            if fits and (self.joined or number == 0):
                texts[-1] += f"\n{entry}"
            else:
                texts.append(entry)
        return texts


KIND_WORDS: Final = {
    "objection": ("objection", "objections"),
    "pain_point": ("pain point", "pain points"),
    "feature_gap": ("feature gap", "feature gaps"),
    "competitor": ("mention of a competitor", "mentions of competitors"),
    "praise": ("word of praise", "words of praise"),
    "lost_reason": ("lost reason", "lost reasons"),
    "question": ("question", "questions"),
}
"""What items of a kind are called behind a number: one, and several."""


def more_of(total: int, word: str) -> Callable[[int], str]:
    """The line about those of `total` that are not shown, for a Part."""
    return lambda kept: render("more.jinja", hidden=total - kept, word=word) if total > kept else ""


def lay_out(parts: Sequence[Part], budget: int) -> list[dict[str, Any]]:
    """Fill the parts in their order, keeping some room for each that follows."""
    blocks = []
    for place, part in enumerate(parts):
        kept_free = sum(min(later.cost + _MORE_ROOM, _LATER_ROOM) for later in parts[place + 1 :])
        texts = part.texts(budget - kept_free)
        budget -= sum(map(len, texts))
        blocks += [section(text) for text in texts]
    return blocks


def section(text: str) -> dict[str, Any]:
    """A block of Block Kit."""
    # Verbatim: Slack links no bare address and parses no name in it.
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def mentioned(count: int, objections: int | None, change: int | None = None) -> str:
    """ "12 items (+3), 9 objections": items of all kinds, their change, and how many of them are objections.

    `objections` None: only objections were counted, as editions of earlier versions did.
    """
    if objections is None:
        return f"{_times(count, 'objection')}{_change(change)}"
    if objections == 0:
        share = ", no objection" if count else ""
    elif objections == count:
        share = ", an objection" if count == 1 else ", all objections"
    else:
        share = f", {_times(objections, 'objection')}"
    return f"{_times(count, 'item')}{_change(change)}{share}"


# What templates can say.


def clip(text: str, limit: int) -> str:
    """The text on one line in `limit` characters, and not much longer when its markup is escaped."""
    clipped = shorten(" ".join(text.split()), limit)
    while limit > 1 and len(mrkdwn.escape(clipped)) > 1.5 * limit + 8:
        limit = max(1, limit * 2 // 3)
        clipped = shorten(clipped, limit)
    return clipped


def _link(label: str, url: str | None) -> Mrkdwn:
    return Mrkdwn(mrkdwn.link(label, url if url is not None and len(url) <= _LINKED_URL else None))


def _times(count: int, word: str, words: str | None = None) -> str:
    """ "1 view", "1,204 views"."""
    return f"{count:,} {word if count == 1 else words or word + 's'}"


def _change(change: int | None) -> str:
    """ " (+12)", " (−3)", " (same)"; nothing where it is not known."""
    if not change:
        return "" if change is None else " (same)"
    return f" ({'+' if change > 0 else '−'}{abs(change):,})"


def _declined_for(reason: str, count: int) -> str:
    """ "3 duplicates"."""
    why = reason_named(reason)
    return _times(count, why.one, why.many)


def _listed(names: Iterable[str], total: int | None = None) -> str:
    """ "Ana", "Ana and Bo", "Ana, Bo and 3 more"."""
    shown = [clip(name, 40) for name in names]
    if total is not None and total > len(shown):
        shown.append(f"{total - len(shown)} more")
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def _finalize(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, Mrkdwn) else mrkdwn.escape(str(value))


def render(template: str, **names: Any) -> str:
    """What a template says, by its path in `digests/templates`."""
    return _TEMPLATES.get_template(template).render(**names).strip()


_TEMPLATES = Environment(  # noqa: S701  # finalize escapes for Slack's markup; HTML's escaping would be wrong
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    finalize=_finalize,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_TEMPLATES.globals |= {
    "labels": FIELD_NAMES,
    "kinds": KIND_WORDS,
    "declined_for": _declined_for,
}
_TEMPLATES.filters |= {
    "clip": clip,
    "link": _link,
    "times": _times,
    "change": _change,
    "listed": _listed,
    "mentioned": lambda theme: mentioned(theme.count, theme.objections, theme.change),
    "mentioned_in_all": lambda facts: mentioned(*facts.in_all),
    "sums": lambda sums: sums_in_short(money_of(sums)),
    "day": short_date,
}
