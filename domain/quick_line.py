"""Understands the line a rep types after `/voc`: its kind, theme, account, competitor and deal size.

What it does not understand stays as free text and is never guessed. Looking things up, storing and
rendering are for others; so is unescaping Slack's `&amp;`, `&lt;` and `&gt;` before the line gets here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from domain.deal_size import DealSize, read_deal_size
from domain.known_names import KnownNames, NamedAt
from domain.text import TextEmpty, clean_text, is_word_character, slugify_theme

__all__ = ["QUICK_LINE_LIMIT", "DealSize", "Kind", "QuickLine", "parse_quick_line"]

QUICK_LINE_LIMIT: Final = 3_000
"""The longest line, in characters: as much as a modal's text field takes, so that every line can be edited."""

NAME_LIMIT: Final = 80
"""The longest name of an account or competitor that is not known yet."""


class Kind(StrEnum):
    """What sort of thing the customer said; the values are those of the column `voc_items.kind`."""

    OBJECTION = "objection"
    PAIN_POINT = "pain_point"
    FEATURE_GAP = "feature_gap"
    COMPETITOR = "competitor"
    PRAISE = "praise"
    LOST_REASON = "lost_reason"
    QUESTION = "question"


@dataclass(frozen=True)
class QuickLine:
    """What was understood of a line.

    `kind` is OBJECTION unless the line gave one (`kind_given`). `text` is the line as typed, cleaned.
    `verbatim` is what is left without the markers, on one line; empty when there were only markers. `quote`
    is the first part in quotation marks, without them; it stands in `verbatim` too, and nothing in it is a
    marker. `theme` and `other_tags` are slugs. `account` and `competitor` are spelled as they are known,
    else as typed; competitors stay in `verbatim`. `markers` are the pieces taken out of it, as typed and in
    order.
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
    deal_size: DealSize | None = None
    markers: tuple[str, ...] = ()


# With a colon only: `pain in the neck` and `question everything` are sentences. The column's names need none.
_KIND_WORDS: Final = {
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
_KIND_FORMS = "|".join(word.replace(" ", "[ _-]") for word in sorted(_KIND_WORDS, key=len, reverse=True))
_KIND = re.compile(
    rf"(?:(?P<word>{_KIND_FORMS}) ?[:：](?!//)\s*|(?P<column>pain_point|feature_gap|lost_reason)\s+)",
    re.IGNORECASE,
)

# Slack's own mentions and links, addresses of pages and of people: nothing in them is a marker.
_OPAQUE = re.compile(
    r"<[@#!][^<>]{1,300}>|<(?:https?|mailto):[^<>]{1,3000}>|(?<!\w)[A-Za-z][A-Za-z0-9+.-]{1,15}://\S+"
    r"|(?<![^\s(\[{<\"'“,;:])[^\s@<>()\"“”,;:#$]+@[^\s@<>]+\.[^\s@<>]+"
)
_TOKEN = re.compile(r"(?<![^\s(\[{])[^\s\0]")
_OVER = re.compile(r"[.,;:!?…)\]}\"”»]{0,6}(?:\s|\Z)")
_POSSESSIVE = re.compile(r"['’]s(?!\w)", re.IGNORECASE)
_QUOTE_ENDS: Final = {
    opening: re.compile(rf"[{closing}](?=\Z|[\s.,;:!?…)\]}}\0]|['’][sS](?!\w))")
    for opening, closing in {'"': '"', "“": "”", "„": "“”", "«": "»"}.items()
}
_BROADCASTS: Final = frozenset({"channel", "here", "everyone"})
_AMOUNT = re.compile(r"[0-9][0-9.,]*[kmb]?", re.IGNORECASE)
_JOINERS: Final = "\u200c\u200d"

_VERSUS = re.compile(r"(?<![^\s(\[{,;:\"“])(?:[Vv]s\.?|[Vv]ersus)\s+(?=[^\s\0])")
_VERSUS_BEFORE = re.compile(r"(?:\A|[^\w])(?:[Vv]s\.?|[Vv]ersus)\s+\Z")
# Capitalised words after `vs` that name no competitor.
_NO_NAME = re.compile(
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|august|september"
    r"|october|november|december|[qhw][0-9]+|fy.*|the|an|our|their|your|my|his|her|its|this|that|these|those|no"
    r"|not|what|how|when|why|doing|building|using|buying|last|next|other|others|nothing|in-?house",
    re.IGNORECASE,
)

_TAKEN: Final = "\0"
_EMPTY_BRACKETS = re.compile(r"[(\[{] ?\0(?:[ ,;/–—-]*\0)* ?[)\]}]")
_TAKEN_RUN = re.compile(r"\0(?:[ ,;/–—-]*\0)+")
_TAKEN_FIRST = re.compile(r"\A\0(?: ?[,;:.!?…]+| [-–—](?= |\Z))* ?")
_TAKEN_LAST = re.compile(r"(?P<end>[.!?…])?(?: ?[,;:]+| [-–—])? ?\0 ?(?P<more>[.!?…]*)[,;:]*\Z")
_TAKEN_WITHIN = re.compile(r"(?P<before>[,;:.!?…(\[{])? ?\0 ?(?P<after>[,;:.!?…]*) ?(?P<closing>[)\]}]?)")


def parse_quick_line(
    text: str,
    *,
    known_competitors: Sequence[str],
    known_accounts: Sequence[str] = (),
    dollar: str = "USD",
    limit: int = QUICK_LINE_LIMIT,
) -> QuickLine:
    """Read what a rep typed; an empty line gives an empty QuickLine. Raises TextTooLong above `limit`.

    - Kind: a kind word and a colon at the start (`pain:`, `gap:`, `feature:`, `competitor:`, `praise:`,
      `lost:`, `question:`, `objection:`, `pain point:` …), or the bare `pain_point`, `feature_gap`,
      `lost_reason`.
    - Theme: the first `#tag`; more go to `other_tags`. `#42` is no tag. - Account: the first `@Name`,
    `@"Some Name"`, or `@` and a known name of several words, longest first. Later
      ones stay as text, as do e-mail addresses, Slack's own mentions and `@channel`.
    - Competitor: `vs Name` or `vs. "Some Name"`, else the first known one named as a whole word. An unknown
    name
      without quotes must be one capitalised word that is no short acronym (`vs ROI`), day, month or quarter.
    - Deal size: the one amount in the line, as `read_deal_size` has it (`dollar` is what `$` means); where
    two
      different ones are named, neither is taken.
    """
    try:
        line = clean_text(text, limit=limit)
    except TextEmpty:
        return QuickLine(Kind.OBJECTION, kind_given=False, text="", verbatim="")
    reading = _Reading(line, KnownNames.of(tuple(known_accounts)), dollar)
    return reading.result(KnownNames.of(tuple(known_competitors)))


class _Reading:
    """One pass over a line, from left to right, that collects what it finds and where the markers stand."""

    def __init__(self, line: str, accounts: KnownNames, dollar: str) -> None:
        self.line = line
        self.visible = _OPAQUE.sub(lambda found: _TAKEN * len(found[0]), line)
        self.accounts = accounts
        self.dollar = dollar
        self.kind, self.begin = _read_kind(line)
        self.markers: list[tuple[int, int]] = [(0, self.begin)] if self.begin else []
        self.tags: list[str] = []
        self.account: str | None = None
        self.quotes: list[tuple[int, int]] = []
        self.amounts: list[tuple[int, int, DealSize]] = []
        position = self.begin
        while found := _TOKEN.search(self.visible, position):
            position = self._read_token(found.start())

    def result(self, competitors: KnownNames) -> QuickLine:
        deal_size = None
        if len({(size.amount, size.currency) for _, _, size in self.amounts}) == 1:
            start, end, deal_size = self.amounts[0]
            self.markers.append((start, end))
        self.markers.sort()
        rival = self._read_competitor(competitors)
        return QuickLine(
            kind=self.kind or Kind.OBJECTION,
            kind_given=self.kind is not None,
            text=self.line,
            verbatim=_without(self.line, self.markers),
            quote=_inside_quotes(self.line, *self.quotes[0]) if self.quotes else None,
            theme=self.tags[0] if self.tags else None,
            other_tags=tuple(dict.fromkeys(tag for tag in self.tags if tag != self.tags[0])),
            account=self.account,
            competitor=rival.name if rival else None,
            deal_size=deal_size,
            markers=tuple(self.line[start:end].strip() for start, end in self.markers),
        )

    def _read_token(self, start: int) -> int:
        """Read what begins at `start` and return where to go on."""
        char = self.visible[start]
        if char == "@":
            return self._read_account(start)
        if char == "#":
            return self._read_tags(start)
        if char in _QUOTE_ENDS:
            end = _quote_end(self.visible, start)
            if end and not _VERSUS_BEFORE.search(self.visible[max(0, start - 12) : start]):
                self.quotes.append((start, end))
            return end or start + 1
        money = read_deal_size(self.visible, start, dollar=self.dollar)
        if money is None:
            return start + 1
        end, size = money
        if size is not None:
            self.amounts.append((start, end, size))
        return end

    def _read_tags(self, start: int) -> int:
        """Read `#one`, or `#one#two` in one go."""
        end = start
        while self.visible[end : end + 1] == "#":
            stop = end + 1
            while stop < len(self.visible) and _is_tag_character(self.visible[stop]):
                stop += 1
            tag = slugify_theme(self.visible[end + 1 : stop])
            if tag is None or not (self.visible[stop : stop + 1] == "#" or _OVER.match(self.visible, stop)):
                break
            self.tags.append(tag)
            self.markers.append((end, stop))
            end = stop
        return max(end, start + 1)

    def _read_account(self, start: int) -> int:
        named = self._account_at(start + 1)
        if named is None:
            return start + 1
        if self.account is None:
            self.account = named.name
            self.markers.append((start, named.end))
        return named.end

    def _account_at(self, start: int) -> NamedAt | None:
        text = self.visible
        if text[start : start + 1] in _QUOTE_ENDS:
            named = _quoted_name(text, start, self.accounts)
        else:
            named = self.accounts.longest_at(text, start, self._name_may_end) or _unknown_account(text, start)
        if named is None:
            return None
        possessive = _POSSESSIVE.match(text, named.end)
        end = possessive.end() if possessive else named.end
        return NamedAt(named.name, start, end) if _OVER.match(text, end) else None

    def _name_may_end(self, end: int) -> bool:
        return bool(_OVER.match(self.visible, end) or _POSSESSIVE.match(self.visible, end))

    def _read_competitor(self, known: KnownNames) -> NamedAt | None:
        text = _blotted(self.visible, self.markers)
        for versus in _VERSUS.finditer(text):
            start = versus.end()
            if text[start] in _QUOTE_ENDS:
                named = _quoted_name(text, start, known)
            else:
                named = known.longest_at(text, start, self._name_may_end) or _unknown_competitor(text, start)
            if named is not None:
                return named
        return known.first_in(text)


def _read_kind(line: str) -> tuple[Kind | None, int]:
    found = _KIND.match(line)
    if found is None:
        return None, 0
    word = (found["word"] or found["column"]).lower()
    return _KIND_WORDS[re.sub("[_-]", " ", word)], found.end()


def _quote_end(text: str, start: int) -> int | None:
    """Return the end of the quotation that opens at `start`; None when it does not close, or is empty."""
    closing = _QUOTE_ENDS[text[start]].search(text, start + 1)
    if closing is None or not any(map(is_word_character, text[start + 1 : closing.start()])):
        return None
    return closing.end()


def _inside_quotes(text: str, start: int, end: int) -> str:
    return " ".join(text[start + 1 : end - 1].split())


def _quoted_name(text: str, start: int, known: KnownNames) -> NamedAt | None:
    end = _quote_end(text, start)
    if end is None:
        return None
    name = _inside_quotes(text, start, end)
    if len(name) > NAME_LIMIT or _TAKEN in name:
        return None
    return NamedAt(known.canonical(name) or name, start, end)


def _one_word(text: str, start: int) -> NamedAt | None:
    """Return the word at `start` as a name: letters and digits, and `.&'’_+-` between them."""
    end = start
    while end < len(text) and (is_word_character(text[end]) or text[end] in ".&'’_+-" or text[end] in _JOINERS):
        end += 1
    name = re.sub(r"['’]s\Z", "", text[start:end].rstrip(".&'’_+-"), flags=re.IGNORECASE)
    if not name or not name[0].isalnum() or len(name) > NAME_LIMIT:
        return None
    return NamedAt(name, start, start + len(name))


def _unknown_account(text: str, start: int) -> NamedAt | None:
    named = _one_word(text, start)
    if named is None or _AMOUNT.fullmatch(named.name) or named.name.lower() in _BROADCASTS:
        return None
    return named


def _unknown_competitor(text: str, start: int) -> NamedAt | None:
    named = _one_word(text, start)
    if named is None or not named.name[0].isupper() or _NO_NAME.fullmatch(named.name):
        return None
    letters = [char for char in named.name if char.isalpha()]
    is_acronym = len(letters) <= 4 and all(char.isupper() for char in letters)
    rest = text[named.end :]
    is_longer_name = bool(re.match(r"\s+\S", rest)) and rest.split(maxsplit=1)[0][0].isupper()
    is_over = _OVER.match(text, named.end) or _POSSESSIVE.match(text, named.end)
    return None if len(letters) < 2 or is_acronym or is_longer_name or not is_over else named


def _is_tag_character(char: str) -> bool:
    return char in "-_" or char in _JOINERS or is_word_character(char)


def _blotted(text: str, spans: Sequence[tuple[int, int]]) -> str:
    for start, end in spans:
        text = text[:start] + _TAKEN * (end - start) + text[end:]
    return text


def _without(line: str, markers: Sequence[tuple[int, int]]) -> str:
    """Return `line` on one line without its markers and the punctuation that belonged to them."""
    pieces: list[str] = []
    position = 0
    for start, end in markers:
        # A kind's marker reaches up to the text; what is taken elsewhere is surrounded by it.
        pieces += (line[position:start], _TAKEN, " " if line[end - 1].isspace() else "")
        position = end
    text = " ".join("".join((*pieces, line[position:])).split())
    text = _EMPTY_BRACKETS.sub(_TAKEN, text)
    text = _TAKEN_RUN.sub(_TAKEN, text)
    text = _TAKEN_FIRST.sub("", text)
    text = _TAKEN_LAST.sub(lambda found: found["end"] or found["more"] or "", text)
    return _TAKEN_WITHIN.sub(_mend, text).strip()


def _mend(found: re.Match[str]) -> str:
    before, after, closing = found["before"] or "", found["after"], found["closing"]
    if before and before in "([{":
        return before + closing
    return (before or after) + (closing or " ")
