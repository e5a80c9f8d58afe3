"""Finds the marks in a typed line: `#tags`, `@Names`, `!Competitors`, amounts, quotations; and whom else it names.

Whether a mark stands apart or is part of the sentence is for domain/sentences.py, what may be a name for
domain/typed_names.py.
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
from domain.typed_names import (
    JOINERS,
    NAME_QUOTE_ENDS,
    POSSESSIVE,
    QUOTE_ENDS,
    UNSPACED,
    compared_competitor,
    inside_quotes,
    long_name,
    marked_competitor,
    name_may_end,
    one_word,
    quote_end,
    quoted_name,
    without_quotes,
)

# Slack's own mentions and links, addresses of pages and of people: nothing in them is a mark.
_OPAQUE = re.compile(
    r"<[@#!][^<>]{1,300}>|<(?:https?|mailto):[^<>]{1,3000}>|(?<!\w)[A-Za-z][A-Za-z0-9+.-]{1,15}://\S+"
    r"|(?<![\w@#!.-])(?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,12}/\S+"
    r"|(?<![^\s(\[{<\"'“,;:|/])[^\s@<>()\"“”,;:#$|/]+@[^\s@<>,;|]+\.[^\s@<>,;|]+|&#?\w{1,8};"
)
_BEGIN = re.compile(r"(?:[#@\"“”„«»「『]|[$€£¥₹₪₩₺₴₽₫₦₱฿₸₾~≈∼±約约年]|(?<![^\W_])[0-9A-Za-zРрКкФ]|(?<![^\W_])[^\s\w])")
_ENTERS = re.compile(rf"[^\w@#\\$%+_-]|[{UNSPACED}]|\Z")
_ENTERS_MONEY = re.compile(r"[^\w$€£#@.'’+<>\\-]|\Z")
_ENTERS_QUOTE = re.compile(r"[\s(\[{|/:,;–—-]|\Z")
_ENTERS_RIVAL = re.compile(r"[\s(\[{|/,;:—–]|\Z")
_BROADCASTS: Final = frozenset({"channel", "here", "everyone", "all", "team"})
_NO_ACCOUNT = re.compile(r"[0-9][0-9.,:]*(?:[kmb]|am|pm|h|hrs?|uhr|%)?", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"\((?P<inside>[^()\0@#]{1,30})\)")

_VERSUS = re.compile(r"(?<![^\s(\[{,;:\"“])(?:[Vv]s\.?|[Vv]ersus)\s+(?=[^\s\0])")
_VERSUS_BEFORE = re.compile(r"(?:\A|[^\w])(?:[Vv]s\.?|[Vv]ersus)\s+\Z")
_LOOSE_TAG = re.compile(r"# (?P<tag>[^\W\d_][\w-]{2,40})(?=\s*(?:\Z|[#@|·;,\n]|\.\s*\Z))")
_SIGNS_OF_A_NAME = re.compile(r"(?:\+\+?|#)(?![\w+])")


@dataclass(frozen=True, slots=True)
class Found:
    """What a line holds. `covered`: the line for domain/sentences.py. `kept`: marks that stay as words anyway.

    `competitors`: those that a `!` names, each once.
    """

    marks: tuple[Mark, ...]
    kept: frozenset[Mark]
    covered: str
    tags: tuple[str, ...]
    account: str | None
    competitors: tuple[str, ...]
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
        self.marked: dict[str, str] = {}
        self.more_rivals: set[Mark] = set()
        self.colleague: str | None = None
        self.rival: str | None = None
        self.quotes: list[tuple[int, int]] = []
        self.end_of_mark = position = begin
        while found := _BEGIN.search(self.text, position):
            position = self._read_at(found.start())
            if position > found.start() + 1:
                self.end_of_mark = position

    def found(self) -> Found:
        """What the pass collected; of several accounts a known one goes first, of several competitors the first."""
        named = [one for one in self.names if one.name is not None]
        chosen = next((one for one in named if one.known), named[0] if named else None)
        marks = list(self.marks)
        kept = set(self.more_rivals)
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
            competitors=tuple(self.marked.values()),
            colleague=self.colleague,
            quote=inside_quotes(self.line, *self.quotes[0]) if self.quotes else None,
        )

    def competitor(self, found: Found) -> str | None:
        """The competitor after a `!`, else after an `@` or `vs`, else the first known one in the text outside marks."""
        if found.competitors:
            return found.competitors[0]
        if self.rival is not None:
            return self.rival
        text = cover(self.text, found.marks)
        for versus in _VERSUS.finditer(text):
            named = compared_competitor(self.line, text, versus.end(), self.competitors)
            if named is not None:
                return named.name
        first = self.competitors.first_in(text)
        return first.name if first else None

    def _read_at(self, start: int) -> int:
        """Read what begins at `start` and return where to go on."""
        char = self.text[start]
        before = "" if start in (self.begin, self.end_of_mark) else self.text[start - 1]
        if char == "@" and _ENTERS.match(before):
            return self._read_account(start)
        if char == "!" and _ENTERS_RIVAL.match(before):
            return self._read_rival(start)
        if char == "#" and _ENTERS.match(before):
            return self._read_tags(start)
        if char in QUOTE_ENDS:
            if not _ENTERS_QUOTE.match(before):
                return start + 1
            end = quote_end(self.text, start, QUOTE_ENDS)
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
            joins = char in "&'’" and stop > start and following.isalpha() and not POSSESSIVE.match(text, stop)
            if not (char in "-_" or char in JOINERS or is_word_character(char) or joins):
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

    def _read_rival(self, start: int) -> int:
        """Read `!Rivalsoft`. A second competitor stays in the text as words: an item has one."""
        if "competitor" not in self.read:
            return start + 1
        named = marked_competitor(self.line, self.text, start + 1, self.competitors)
        if named is None:
            return start + 1
        typed = without_quotes(self.line[start + 1 : named.end].strip())
        mark = Mark(start, named.end, "competitor", typed)
        self.marks.append(mark)
        if self.marked and compare_key(named.name) not in self.marked:
            self.more_rivals.add(mark)
        self.marked.setdefault(compare_key(named.name), named.name)
        return named.end

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
        typed = without_quotes(self.line[start + 1 : named.end].strip())
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
        if text[start] in NAME_QUOTE_ENDS:
            return quoted_name(self.line, text, start, self.accounts, NAME_QUOTE_ENDS)
        if text[start] == " ":
            # `@ Globex` is "at Globex", and Globex is an account only where it is known.
            return self.accounts.longest_at(text, start + 1, lambda end: name_may_end(text, end))
        known = self.accounts.longest_at(text, start, lambda end: name_may_end(text, end))
        return known or self._unknown_account(start)

    def _unknown_account(self, start: int) -> NamedAt | None:
        text = self.text
        named = one_word(self.line, text, start)
        if named is None or _NO_ACCOUNT.fullmatch(named.name) or named.name.lower() in _BROADCASTS:
            return None
        if not (name_may_end(text, named.end) or text[named.end : named.end + 1] in "-_'’&+."):
            return None
        if compare_key(named.name) in self.colleagues:
            return named
        if bracket := _IN_BRACKETS.match(text, named.end):
            return NamedAt(
                f"{named.name} ({self.line[bracket.start(1) : bracket.end(1)].strip()})", start, bracket.end()
            )
        return long_name(self.line, text, named)
