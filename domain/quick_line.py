"""Understands the line a rep types after `/voc`: its kind, theme, account, competitor and deal size.

What it does not understand stays as free text and is never guessed. Looking things up, storing and
rendering are for others; so is unescaping Slack's `&amp;`, `&lt;` and `&gt;` before the line gets here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from domain.deal_size import Amount, DealSize
from domain.kinds import Kind, tell_kind
from domain.known_names import KnownNames
from domain.sentences import Mark, cover, place_marks, without_marks
from domain.text import TextEmpty, clean_text, is_word_character, plain
from domain.typed_marks import Found, MarkReader

__all__ = ["QUICK_LINE_LIMIT", "DealSize", "Kind", "QuickLine", "parse_quick_line"]

QUICK_LINE_LIMIT: Final = 3_000
"""The longest line, in characters: as much as a modal's text field takes, so that every line can be edited."""


@dataclass(frozen=True)
class QuickLine:
    """What was understood of a line.

    `kind` is OBJECTION unless the line gave one (`kind_given`) or its words tell one plainly (`kind_told`). `text` is
    the line as typed, cleaned. `verbatim` is what a reader sees, on one line: without the marks that stand apart, and
    with the words of those that are part of a sentence; empty when there were only marks. `quote` is the first part
    in quotation marks, without them; it stands in `verbatim` too, and nothing in it is a mark. `theme` and
    `other_tags` are slugs. `account` and `competitor` are spelled as they are known, else as typed. `competitors` are
    those that a `!` names, `competitor` the first of them; without any, `competitor` is named by other words, and those
    stay in `verbatim`. `markers` are the pieces taken out of it, as typed and in order. `colleague`: the first `@name`
    that was no account, because a colleague bears it.
    `other_amounts`: money in the line, as typed, that is not the deal's size.
    """

    kind: Kind
    kind_given: bool
    text: str
    verbatim: str
    quote: str | None = None
    theme: str | None = None
    other_tags: tuple[str, ...] = ()
    account: str | None = None
    competitor: str | None = None
    competitors: tuple[str, ...] = ()
    deal_size: DealSize | None = None
    markers: tuple[str, ...] = ()
    colleague: str | None = None
    other_amounts: tuple[str, ...] = ()
    kind_told: bool = False


# With a colon only: `pain in the neck` and `question everything` are sentences. The column's names need none.
KIND_WORDS: Final = {
    "objection": Kind.OBJECTION,
    "pain": Kind.PAIN_POINT,
    "pain point": Kind.PAIN_POINT,
    "gap": Kind.FEATURE_GAP,
    "feature": Kind.FEATURE_GAP,
    "feature gap": Kind.FEATURE_GAP,
    "feature request": Kind.FEATURE_GAP,
    "competitor": Kind.COMPETITOR,
    "praise": Kind.PRAISE,
    "lost": Kind.LOST_REASON,
    "lost reason": Kind.LOST_REASON,
    "question": Kind.QUESTION,
}
_KIND_FORMS = "|".join(word.replace(" ", "[ _-]") for word in sorted(KIND_WORDS, key=len, reverse=True))
_KIND = re.compile(
    rf"(?:(?P<word>{_KIND_FORMS}) ?[:：](?!//)\s*|(?P<column>pain_point|feature_gap|lost_reason)\s+)",
    re.IGNORECASE,
)

READ: Final = frozenset({"kind", "tag", "account", "competitor", "amount"})
"""What marks can say."""


def parse_quick_line(
    text: str,
    *,
    known_competitors: Sequence[str],
    known_accounts: Sequence[str] = (),
    colleagues: Collection[str] = (),
    currency: str = "USD",
    limit: int = QUICK_LINE_LIMIT,
    read: Collection[str] = READ,
) -> QuickLine:
    """Read what a rep typed; an empty line gives an empty QuickLine. Raises TextTooLong above `limit`.

    - Kind: a kind word and a colon at the start (`pain:`, `gap:`, `feature:`, `competitor:`, `praise:`, `lost:`,
      `question:`, `objection:`, `pain point:` …), or the bare `pain_point`, `feature_gap`, `lost_reason`; else what the
      words tell plainly (domain/kinds.py).
    - Theme: the first `#tag`; more go to `other_tags`. `#42` is no tag.
    - Account: the first known `@Name` (with or without quotation marks, longest name first), else the first unknown
      one: a word, words in quotation marks, or capitalised words at the end. No colleague is an account
      (`colleagues`: their names' keys), nor is an e-mail address, Slack's own mention, or `@channel`.
    - Competitor: `!Name` (a known name, words in quotation marks, or one word that is no exclamation such as
      `!important`), else `vs Name` or `vs. "Some Name"`, else the first known one named as a whole word. An
      unknown name without quotes after `vs` must be one capitalised word that is no short acronym (`vs ROI`)
      nor a day or month.
    - Deal size: the one amount that stands apart or that the sentence calls the deal's (domain/sentences.py);
      `currency` is the workspace's. Where two different ones are named, neither is taken.

    `read`: what to look for; other marks stay as typed.
    """
    try:
        line = clean_text(text, limit=limit)
    except TextEmpty:
        return QuickLine(Kind.OBJECTION, kind_given=False, text="", verbatim="")
    kind, begin = _read_kind(line) if "kind" in read else (None, 0)
    competitors = KnownNames.of(tuple(known_competitors))
    reader = MarkReader(line, begin, KnownNames.of(tuple(known_accounts)), competitors, colleagues, currency, read)
    found = reader.found()
    placed = place_marks(found.covered, found.marks, found.kept, begin)
    size, stays = _deal_size(placed.apart, placed.deals)
    # A second account, competitor or sum stays as words, which it is not where there are only marks.
    apart = set(placed.apart) - stays
    if len(apart) < len(found.marks) and not _says_something(found, begin):
        apart = set(found.marks)
    rival = reader.competitor(found)
    tags = list(dict.fromkeys(found.tags))
    verbatim = without_marks(line, found.marks, apart, begin)
    told = tell_kind(verbatim, rival) if kind is None and "kind" in read else None
    prefix = (line[:begin].strip(),) if begin else ()
    return QuickLine(
        kind=kind or told or Kind.OBJECTION,
        kind_given=kind is not None,
        text=line,
        verbatim=verbatim,
        quote=found.quote,
        theme=tags[0] if tags else None,
        other_tags=tuple(tags[1:]),
        account=found.account,
        competitor=rival,
        competitors=found.competitors,
        deal_size=size,
        markers=(*prefix, *(line[mark.start : mark.end].strip() for mark in found.marks if mark in apart)),
        colleague=found.colleague,
        other_amounts=_other_amounts(line, found, size),
        kind_told=told is not None,
    )


def _deal_size(apart: Sequence[Mark], deals: Sequence[Mark]) -> tuple[DealSize | None, set[Mark]]:
    """The one deal size, and the marks that stay in the text because they give none."""
    amounts = [mark for mark in apart if mark.amount is not None]
    candidates = [mark.amount.size for mark in (*amounts, *deals) if mark.amount is not None and mark.amount.size]
    if not candidates or len({(size.amount, size.currency) for size in candidates}) > 1:
        return None, set(amounts)
    # The one with more words, so that nothing of it is lost; another that says more than the sum stays in the text.
    size = max(candidates, key=lambda one: one.more)
    shown = [mark for mark in amounts if mark.amount and (mark.amount.size is size or not _says_more(mark.amount))]
    return size, set(amounts) - set(shown)


def _says_something(found: Found, begin: int) -> bool:
    """Whether a word, or a picture, is left beside the marks."""
    left = cover(found.covered, found.marks)[begin:]
    return any(is_word_character(char) or unicodedata.category(char) == "So" for char in left)


def _says_more(amount: Amount) -> bool:
    return amount.size is None or amount.size.more


def _other_amounts(line: str, found: Found, size: DealSize | None) -> tuple[str, ...]:
    if size is not None:
        return ()
    return tuple(line[mark.start : mark.end].strip() for mark in found.marks if mark.amount is not None)


def _read_kind(line: str) -> tuple[Kind | None, int]:
    found = _KIND.match(plain(line))
    if found is None:
        return None, 0
    word = (found["word"] or found["column"]).lower()
    return KIND_WORDS[re.sub("[_-]", " ", word)], found.end()
