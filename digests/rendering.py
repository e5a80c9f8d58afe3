"""Turns frozen facts into a message: Jinja2 templates for the words, Block Kit for the shape.

A digest is a folder of templates, like a mail: `text.jinja` is the plain form for notifications, `empty.jinja`
the line of a week without news, the others one entry of a section each. The same facts give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from digests import mrkdwn
from digests.editions import Facts
from digests.marketing import MarketingFacts
from digests.periods import short_date
from digests.sales import SalesFacts
from digests.told import ToldContent, money_of
from domain.money import sums_in_short
from domain.performance import ContentWeek
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


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished message: `text` for notifications, and blocks."""

    text: str
    blocks: tuple[dict[str, Any], ...]


class Mrkdwn(str):
    """Markup of our own making; every other string in a template is escaped when it is put out."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class _Part:
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


def render_edition(facts: Facts) -> Rendered:
    """The message of an edition: at most 50 blocks and MESSAGE_BUDGET characters, cut with a line that says so."""
    if facts.is_empty:
        line = _render(f"{facts.kind}/empty.jinja", facts=facts)
        if facts.untold is not None:
            line += f" {_render('untold.jinja', untold=facts.untold)}"
        return Rendered(line, (_section(line),))
    parts = _sales_parts(facts) if isinstance(facts, SalesFacts) else _marketing_parts(facts)
    if facts.untold is not None:
        parts.append(_Part([_render("untold.jinja", untold=facts.untold)]))
    title = f"{_name(facts)}, {facts.period.days()}"
    header = {"type": "header", "text": {"type": "plain_text", "text": title}}
    text = _render(f"{facts.kind}/text.jinja", facts=facts, title=title)
    return Rendered(text, (header, *_lay_out(parts, MESSAGE_BUDGET - len(title) - len(text))))


def _name(facts: Facts) -> str:
    """ "Sales digest", "Marketing digest for EMEA"."""
    if isinstance(facts, SalesFacts):
        return "Sales digest"
    return f"Marketing digest for {_clip(facts.team, 60)}" if facts.team is not None else "Marketing digest"


def render_content(week: ContentWeek) -> list[dict[str, Any]]:
    """The sections that tell of a week's content, for whoever shows it outside a digest."""
    return _lay_out(_content_parts(ToldContent.of(week)), MESSAGE_BUDGET)


def _sales_parts(facts: SalesFacts) -> list[_Part]:
    parts: list[_Part] = []
    if facts.content is not None:
        parts = _content_parts(facts.content)
    elif not facts.content_told:
        parts = [_Part([_render("sales/no_figures.jinja", week=facts.content_week)])]
    parts += [part for late in facts.late_content for part in _content_parts(late, "Figures that came late")]
    if facts.personas:
        entries = [_render("sales/persona.jinja", persona=persona) for persona in facts.personas]
        more = _more(len(entries) + facts.more_personas, "persona")
        parts.append(_Part(entries, "*Personas that changed*", more))
    if facts.answers:
        entries = [_render("sales/answer.jinja", answer=answer) for answer in facts.answers]
        more = _more(len(entries) + facts.more_answers, "answer")
        parts.append(_Part(entries, "*New answers from marketing*", more, joined=True))
    return parts


def _content_parts(week: ToldContent, title: str = "Content that worked") -> list[_Part]:
    title = f"*{title}*, week of {short_date(week.week)}"
    entries = [_render("sales/total.jinja", content=week)]
    entries += [_render("sales/asset.jinja", place=place, asset=asset) for place, asset in enumerate(week.top, 1)]
    entries += [_render("sales/mover.jinja", word="Rising", asset=asset) for asset in week.risen]
    entries += [_render("sales/mover.jinja", word="Falling", asset=asset) for asset in week.fallen]
    return [_Part(entries, title, _more(len(entries), "line"), joined=True)]


def mentioned(count: int, objections: int | None, change: int | None = None) -> str:
    """ "12 mentions (+3), 9 objections": items of all kinds, their change, and how many of them are objections.

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
    return f"{_times(count, 'mention')}{_change(change)}{share}"


def _mentioned_in_all(facts: MarketingFacts) -> str:
    if facts.mentions is None:
        return mentioned(facts.objections, None, facts.change)
    return mentioned(facts.mentions, facts.objections, facts.mentions_change)


def _marketing_parts(facts: MarketingFacts) -> list[_Part]:
    parts = [_Part([_render("marketing/summary.jinja", facts=facts)])]
    entries = [
        _render("marketing/theme.jinja", place=place, theme=theme) for place, theme in enumerate(facts.themes, 1)
    ]

    def more(kept: int) -> str:
        themes = len(facts.themes) - kept + facts.more_themes
        all_kinds = facts.mentions is not None
        items = sum(theme.count for theme in facts.themes[kept:])
        items += facts.more_mentions if all_kinds else facts.more_objections
        word = "mention" if all_kinds else "objection"
        return _render("marketing/more.jinja", themes=themes, items=items, word=word) if themes else ""

    if entries:
        parts.append(_Part(entries, more=more))
    if facts.untagged is not None:
        parts.append(_Part([_render("marketing/theme.jinja", place=None, theme=facts.untagged)]))
    if facts.others:
        parts.append(_Part([_render("marketing/others.jinja", facts=facts, others=facts.others)]))
    if facts.leads is not None:
        parts.append(_Part([_render("marketing/leads.jinja", leads=facts.leads)]))
    return parts


def _more(total: int, word: str) -> Callable[[int], str]:
    return lambda kept: _render("more.jinja", hidden=total - kept, word=word) if total > kept else ""


def _lay_out(parts: Sequence[_Part], budget: int) -> list[dict[str, Any]]:
    """Fill the parts in their order, keeping some room for each that follows."""
    blocks = []
    for place, part in enumerate(parts):
        kept_free = sum(min(later.cost + _MORE_ROOM, _LATER_ROOM) for later in parts[place + 1 :])
        texts = part.texts(budget - kept_free)
        budget -= sum(map(len, texts))
        blocks += [_section(text) for text in texts]
    return blocks


def _section(text: str) -> dict[str, Any]:
    # Verbatim: Slack links no bare address and parses no name in it.
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


# What templates can say.


def _clip(text: str, limit: int) -> str:
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


def _listed(names: Iterable[str], total: int | None = None) -> str:
    """ "Ana", "Ana and Bo", "Ana, Bo and 3 more"."""
    shown = [_clip(name, 40) for name in names]
    if total is not None and total > len(shown):
        shown.append(f"{total - len(shown)} more")
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def _finalize(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, Mrkdwn) else mrkdwn.escape(str(value))


def _render(template: str, **names: Any) -> str:
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
    "kinds": {
        "pain_point": ("pain point", "pain points"),
        "feature_gap": ("feature gap", "feature gaps"),
        "competitor": ("mention of a competitor", "mentions of competitors"),
        "praise": ("word of praise", "words of praise"),
        "lost_reason": ("lost reason", "lost reasons"),
        "question": ("question", "questions"),
    },
    "reasons": {
        "not_a_fit": ("not a fit", "not a fit"),
        "duplicate": ("duplicate", "duplicates"),
        "wrong_contact": ("wrong contact", "wrong contacts"),
        "already_customer": ("already a customer", "already customers"),
        "not_my_area": ("outside the rep’s area", "outside the reps’ areas"),
        "other": ("for another reason", "for other reasons"),
    },
}
_TEMPLATES.filters |= {
    "clip": _clip,
    "link": _link,
    "times": _times,
    "change": _change,
    "listed": _listed,
    "mentioned": lambda theme: mentioned(theme.count, theme.objections, theme.change),
    "mentioned_in_all": _mentioned_in_all,
    "sums": lambda sums: sums_in_short(money_of(sums)),
    "day": short_date,
}
