"""Finds the marks in a typed line: `#tags`, `@Names`, amounts of money, quotations; and the competitor it names.

Whether a mark stands apart or is part of the sentence is for domain/sentences.py.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

from domain.deal_size import read_amount
from domain.known_names import KnownNames, NamedAt
from domain.sentences import TAKEN, Mark, cover
from domain.text import compare_key, is_word_character, plain, slugify_theme

NAME_LIMIT: Final = 80
"""The longest name of an account or competitor that is not known yet."""

# Slack's own mentions and links, addresses of pages and of people: nothing in them is a mark.
_OPAQUE = re.compile(
    r"<[@#!][^<>]{1,300}>|<(?:https?|mailto):[^<>]{1,3000}>|(?<!\w)[A-Za-z][A-Za-z0-9+.-]{1,15}://\S+"
    r"|(?<![^\s(\[{<\"'“,;:|/])[^\s@<>()\"“”,;:#$|/]+@[^\s@<>,;|]+\.[^\s@<>,;|]+|&#?\w{1,8};"
)
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
_BEGIN = re.compile(r"(?:[#@\"“”„«»「『]|[$€£¥₹₪₩₺₴₽₫₦₱฿₸₾~≈∼±約约年]|(?<![^\W_])[0-9A-Za-zРрКкФ]|(?<![^\W_])[^\s\w])")
_ENTERS = re.compile(rf"[^\w@#\\$%+_-]|[{_UNSPACED}]|\Z")
_ENTERS_MONEY = re.compile(r"[^\w$€£#@.'’+<>\\-]|\Z")
_ENTERS_QUOTE = re.compile(r"[\s(\[{|/:,;–—-]|\Z")
_OVER = re.compile(r"[.,;:!?…)\]}\"”»]{0,6}(?:\s|\Z)")
_POSSESSIVE = re.compile(r"['’]s(?!\w)", re.IGNORECASE)
_QUOTE_ENDS: Final = {
    opening: re.compile(rf"[{closing}](?=\Z|[\s.,;:!?…)\]}}|#@/\0-]|['’][sS](?!\w))")
    for opening, closing in {'"': '"', "“": "”", "„": "“”", "«": "»", "»": "«", "”": "”"}.items()
} | {opening: re.compile(closing) for opening, closing in {"「": "」", "『": "』"}.items()}
# Around a name after an `@` more marks are quotation marks than in a sentence, where `'` is an apostrophe.
_NAME_QUOTE_ENDS: Final = _QUOTE_ENDS | {
    opening: re.compile(closing)
    for opening, closing in {
        "'": r"'(?![^\W_])", "‘": r"[’'](?![^\W_])", "’": r"[’'](?![^\W_])", "‚": r"[‘’]", "‹": "›", "›": "‹",
        "`": "`", "[": r"\]", "(": r"\)", "{": r"\}",
    }.items()
}  # fmt: skip
_BROADCASTS: Final = frozenset({"channel", "here", "everyone", "all", "team"})
_NO_ACCOUNT = re.compile(r"[0-9][0-9.,:]*(?:[kmb]|am|pm|h|hrs?|uhr|%)?", re.IGNORECASE)
_JOINERS: Final = "\u200c\u200d"
_LEGAL_FORM = re.compile(
    r"(?P<gap>,? )(?:Inc|Ltd|LLC|GmbH|AG|Corp|Co|SA|S\.A|BV|B\.V|NV|PLC|plc|KG|SE|AB|AS|Oy|SpA|Srl|Pty|LLP)\.?(?![\w])"
)
_CAPITALISED = re.compile(r" (?:& )?(?P<word>[^\W\d_][\w'’.&-]*)")
_IN_BRACKETS = re.compile(r"\((?P<inside>[^()\0@#]{1,30})\)")

_VERSUS = re.compile(r"(?<![^\s(\[{,;:\"“])(?:[Vv]s\.?|[Vv]ersus)\s+(?=[^\s\0])")
_VERSUS_BEFORE = re.compile(r"(?:\A|[^\w])(?:[Vv]s\.?|[Vv]ersus)\s+\Z")
# Capitalised words after `vs` that name no competitor.
_NO_NAME = re.compile(
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|august|september"
    r"|october|november|december|[qhw][0-9]+|fy.*|the|an|our|their|your|my|his|her|its|this|that|these|those|no"
    r"|not|what|how|when|why|doing|building|using|buying|last|next|other|others|nothing|in-?house",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Found:
    """What a line holds. `covered`: the line for domain/sentences.py. `kept`: marks that stay as words anyway."""

    marks: tuple[Mark, ...]
    kept: frozenset[Mark]
    covered: str
    tags: tuple[str, ...]
    account: str | None
    colleague: str | None
    quote: str | None


@dataclass(frozen=True, slots=True)
class _Named:
    """An `@Name`, from its `@` to its end; `name` is None where it is a competitor's."""

    start: int
    end: int
    name: str | None
    typed: str
    known: bool


class MarkReader:
    """One pass over a line, from left to right."""

    def __init__(
        self,
        line: str,
        begin: int,
        accounts: KnownNames,
        competitors: KnownNames,
        colleagues: Collection[str],
        currency: str,
        read: Collection[str],
    ) -> None:
        self.line, self.begin = line, begin
        self.text = _OPAQUE.sub(lambda found: TAKEN * len(found[0]), plain(line))
        self.accounts, self.competitors, self.colleagues = accounts, competitors, colleagues
        self.currency, self.read = currency, read
        self.marks: list[Mark] = []
        self.tags: list[str] = []
        self.names: list[_Named] = []
        self.colleague: str | None = None
        self.rival: str | None = None
        self.quotes: list[tuple[int, int]] = []
        self.end_of_mark = position = begin
        while found := _BEGIN.search(self.text, position):
            position = self._read_at(found.start())
            if position > found.start() + 1:
                self.end_of_mark = position

    def found(self) -> Found:
        """What the pass collected; of several accounts a known one goes first."""
        named = [one for one in self.names if one.name is not None]
        chosen = next((one for one in named if one.known), named[0] if named else None)
        marks = list(self.marks)
        kept: set[Mark] = set()
        for one in self.names:
            mark = Mark(one.start, one.end, "account", one.typed)
            marks.append(mark)
            if one is not chosen:
                kept.add(mark)
        quotations = [Mark(start, end, "tag", "") for start, end in self.quotes]
        return Found(
            marks=tuple(sorted(marks, key=lambda one: one.start)),
            kept=frozenset(kept),
            covered=cover(self.text, quotations).replace(TAKEN, "x"),
            tags=tuple(self.tags),
            account=chosen.name if chosen else None,
            colleague=self.colleague,
            quote=_inside_quotes(self.line, *self.quotes[0]) if self.quotes else None,
        )

    def competitor(self, found: Found) -> str | None:
        """The competitor after an `@` or `vs`, else the first known one in the text outside marks."""
        if self.rival is not None:
            return self.rival
        text, known = cover(self.text, found.marks), self.competitors
        for versus in _VERSUS.finditer(text):
            start = versus.end()
            if text[start] in _QUOTE_ENDS:
                named = _quoted_name(self.line, text, start, known, _QUOTE_ENDS)
            else:
                named = known.longest_at(text, start, lambda end: self._name_may_end(text, end))
                named = named or _unknown_competitor(self.line, text, start)
            if named is not None:
                return named.name
        first = known.first_in(text)
        return first.name if first else None

    def _read_at(self, start: int) -> int:
        """Read what begins at `start` and return where to go on."""
        char = self.text[start]
        before = "" if start in (self.begin, self.end_of_mark) else self.text[start - 1]
        if char == "@" and _ENTERS.match(before):
            return self._read_account(start)
        if char == "#" and _ENTERS.match(before):
            return self._read_tags(start)
        if char in _QUOTE_ENDS:
            if not _ENTERS_QUOTE.match(before):
                return start + 1
            end = _quote_end(self.text, start, _QUOTE_ENDS)
            if end and not _VERSUS_BEFORE.search(self.text[max(0, start - 12) : start]):
                self.quotes.append((start, end))
            return end or start + 1
        if "amount" not in self.read or not _ENTERS_MONEY.match(before):
            return start + 1
        amount = read_amount(self.text, start, currency=self.currency)
        if amount is None:
            return start + 1
        typed = self.line[start : amount.end].strip()
        if amount.size is not None:
            amount = replace(amount, size=replace(amount.size, typed=typed))
        self.marks.append(Mark(start, amount.end, "amount", typed, amount))
        return amount.end

    def _read_tags(self, start: int) -> int:
        """Read `#one`, or `#one#two` in one go; `# one` where it ends a field."""
        if "tag" not in self.read:
            return start + 1
        end = start
        while self.text[end : end + 1] == "#":
            stop = self._tag_end(end + 1)
            tag = slugify_theme(self.line[end + 1 : stop])
            if tag is None or not self._may_follow_tag(stop):
                break
            self.tags.append(tag)
            self.marks.append(Mark(end, stop, "tag", self.line[end + 1 : stop]))
            end = stop
        if end == start and (loose := _LOOSE_TAG.match(self.text, start)):
            tag = slugify_theme(self.line[loose.start("tag") : loose.end("tag")])
            if tag is not None:
                self.tags.append(tag)
                end = loose.end("tag")
                self.marks.append(Mark(start, end, "tag", self.line[loose.start("tag") : end]))
        return max(end, start + 1)

    def _tag_end(self, start: int) -> int:
        text, stop = self.text, start
        while stop < len(text):
            char, following = text[stop], text[stop + 1 : stop + 2]
            joins = char in "&'’" and stop > start and following.isalpha() and not _POSSESSIVE.match(text, stop)
            if not (char in "-_" or char in _JOINERS or is_word_character(char) or joins):
                break
            stop += 1
        while stop > start and text[stop - 1] in "-_" and not text[stop : stop + 1].isalnum():
            stop -= 1
        signs = _SIGNS_OF_A_NAME.match(text, stop)
        differ = signs and slugify_theme(text[start : signs.end()]) != slugify_theme(text[start:stop])
        return signs.end() if signs and differ else stop

    def _may_follow_tag(self, stop: int) -> bool:
        following = self.text[stop : stop + 1]
        beyond = self.text[stop + 1 : stop + 2]
        if following == TAKEN or (following in "/\\.+&%=*'’-" and following and beyond.isalnum()):
            return following == "." and beyond.isupper()
        return True

    def _read_account(self, start: int) -> int:
        if "account" not in self.read:
            return start + 1
        named = self._account_at(start + 1)
        if named is None:
            return start + 1
        known = self.accounts.canonical(named.name) is not None
        key = compare_key(named.name)
        if not known and key in self.colleagues:
            self.colleague = self.colleague or named.name
            return named.end
        typed = self.line[start + 1 : named.end].strip()
        if typed[:1] in _NAME_QUOTE_ENDS and len(typed) > 2 and not is_word_character(typed[-1]):
            typed = typed[1:-1].strip()
        after_versus = bool(_VERSUS_BEFORE.search(self.text[max(0, start - 12) : start]))
        if after_versus or (not known and self.competitors.canonical(named.name)):
            self.rival = self.rival or self.competitors.canonical(named.name) or named.name
            self.names.append(_Named(start, named.end, None, typed, known=False))
        else:
            self.names.append(_Named(start, named.end, named.name, typed, known=known))
        return named.end

    def _account_at(self, start: int) -> NamedAt | None:
        text = self.text
        if start == len(text) or text[start] in "<>@#,;:\n\0":
            return None
        if text[start] in _NAME_QUOTE_ENDS:
            return _quoted_name(self.line, text, start, self.accounts, _NAME_QUOTE_ENDS)
        if text[start] == " ":
            # `@ Globex` is "at Globex", and Globex is an account only where it is known.
            return self.accounts.longest_at(text, start + 1, lambda end: self._name_may_end(text, end))
        known = self.accounts.longest_at(text, start, lambda end: self._name_may_end(text, end))
        return known or self._unknown_account(start)

    def _name_may_end(self, text: str, end: int) -> bool:
        following = text[end : end + 1]
        if not following or following.isspace() or _POSSESSIVE.match(text, end):
            return True
        if is_word_character(following) or following in "-_'’&+":
            return False
        return not (following == "." and text[end + 1 : end + 2].isalnum())

    def _unknown_account(self, start: int) -> NamedAt | None:
        text = self.text
        named = _one_word(self.line, text, start)
        if named is None or _NO_ACCOUNT.fullmatch(named.name) or named.name.lower() in _BROADCASTS:
            return None
        if not (self._name_may_end(text, named.end) or text[named.end : named.end + 1] in "-_'’&+."):
            return None
        if compare_key(named.name) in self.colleagues:
            return named
        if bracket := _IN_BRACKETS.match(text, named.end):
            return NamedAt(
                f"{named.name} ({self.line[bracket.start(1) : bracket.end(1)].strip()})", start, bracket.end()
            )
        end = self._end_of_long_name(named.end)
        if form := _LEGAL_FORM.match(text, end):
            end = form.end()
        if end == named.end:
            return named
        name = " ".join(self.line[start:end].split())
        return NamedAt(name, start, end) if len(name) <= NAME_LIMIT else named

    def _end_of_long_name(self, end: int) -> int:
        """Where the capitalised words end that follow a name at the end of a field: `@Initech Systems`."""
        stop = end
        for _ in range(3):
            word = _CAPITALISED.match(self.text, stop)
            if word is None or not word["word"][0].isupper() or _is_acronym(word["word"]):
                break
            stop = word.end()
        while stop > end and self.text[stop - 1] in ".&'’-":
            stop -= 1
        return stop if _FIELD_OVER.match(self.text, stop) else end


_LOOSE_TAG = re.compile(r"# (?P<tag>[^\W\d_][\w-]{2,40})(?=\s*(?:\Z|[#@|·;,\n]|\.\s*\Z))")
_SIGNS_OF_A_NAME = re.compile(r"(?:\+\+?|#)(?![\w+])")
_FIELD_OVER = re.compile(r"\s*(?:\Z|[#@|·•;,:.\n$€£()]| [-–—/] |[–—])")


def _is_acronym(word: str) -> bool:
    letters = [char for char in word if char.isalpha()]
    return len(letters) <= 4 and all(char.isupper() for char in letters)


def _quote_end(text: str, start: int, ends: dict[str, re.Pattern[str]]) -> int | None:
    """Return the end of the quotation that opens at `start`; None when it does not close, or is empty."""
    closing = ends[text[start]].search(text, start + 1)
    if closing is None or not any(map(is_word_character, text[start + 1 : closing.start()])):
        return None
    return closing.end()


def _inside_quotes(text: str, start: int, end: int) -> str:
    return " ".join(text[start + 1 : end - 1].split())


def _quoted_name(
    line: str, text: str, start: int, known: KnownNames, ends: dict[str, re.Pattern[str]]
) -> NamedAt | None:
    end = _quote_end(text, start, ends)
    if end is None:
        return None
    name = _inside_quotes(line, start, end)
    if len(name) > NAME_LIMIT or TAKEN in text[start:end]:
        return None
    return NamedAt(known.canonical(name) or name, start, end)


def _one_word(line: str, text: str, start: int) -> NamedAt | None:
    """Return the word at `start` as a name: letters and digits, and `.&'’_+-` between them."""
    end = start
    while end < len(text) and (is_word_character(text[end]) or text[end] in ".&'’_+-" or text[end] in _JOINERS):
        end += 1
    if end == start + 1 and text[end : end + 1] == "#" and not text[end + 1 : end + 2].isalnum():
        end += 1
    signs = re.search(r"(?<=[^\W_])(?:\+\+|#)\Z", text[start:end])
    name = re.sub(r"['’]s\Z", "", line[start:end] if signs else line[start:end].rstrip(".&'’_+-"), flags=re.IGNORECASE)
    name = name if signs else name.rstrip(".&'’_+-")
    if not name or not name[0].isalnum() or len(name) > NAME_LIMIT:
        return None
    return NamedAt(name, start, start + len(name))


def _unknown_competitor(line: str, text: str, start: int) -> NamedAt | None:
    named = _one_word(line, text, start)
    if named is None or not named.name[0].isupper() or _NO_NAME.fullmatch(named.name):
        return None
    letters = [char for char in named.name if char.isalpha()]
    rest = text[named.end :]
    is_longer_name = bool(re.match(r"\s+\S", rest)) and rest.split(maxsplit=1)[0][0].isupper()
    is_over = _OVER.match(text, named.end) or _POSSESSIVE.match(text, named.end)
    return None if len(letters) < 2 or _is_acronym(named.name) or is_longer_name or not is_over else named
