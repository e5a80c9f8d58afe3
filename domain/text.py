"""Text that came from outside: cleaned before it is stored, cut before it is shown, made a key to be compared.

Nothing here escapes for Slack's markup: text stays as it was typed, and whoever renders it escapes it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from domain.errors import TandemError

THEME_SLUG_LIMIT: Final = 60
"""The longest theme slug, in characters."""

ELLIPSIS: Final = "…"

_LINE_BREAK = re.compile(r"\r\n?|[\x85\u2028\u2029]")
_BLANK = re.compile(r"[\t\x0b\x0c]")
# Controls, lone surrogates, bidi controls and every invisible character that no script needs.
_DROPPED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u17b4\u17b5\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U0001d173-\U0001d17a"
    "\U000e0000-\U000e001f\U000e0080-\U000e00ff\U000e01f0-\U000e0fff]"
)
_FLAG = "\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f"
# Invisible characters that mean something in the right place: joiners, variation selectors, flag tags.
_CONTEXTUAL = re.compile(f"{_FLAG}|[\u180b-\u180f\u200c\u200d\ufe00-\ufe0f\U000e0020-\U000e007f\U000e0100-\U000e01ef]")
_UNSAFE = re.compile(f"{_LINE_BREAK.pattern}|{_BLANK.pattern}|{_DROPPED.pattern}|{_CONTEXTUAL.pattern}")

_ZWNJ, _ZWJ = "\u200c", "\u200d"
_EMOJI_STYLE = "\ufe0f"
# Scripts whose letters join or stack, where a (non-)joiner changes how a word is written.
_JOINING = re.compile(
    "[\u0600-\u06ff\u0700-\u077f\u07c0-\u07ff\u0840-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u17ff"
    "\u1800-\u18af\ufb50-\ufdff\ufe70-\ufefc\U0001e900-\U0001e95f]"
)
_IDEOGRAPH = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
# Latin and Greek, whose accents people leave out when they type in a hurry; letters that no decomposition makes plain.
_ACCENTED = re.compile("[a-z\u00c0-\u02af\u0370-\u03ff\u1d00-\u1dbf\u1e00-\u1fff\u2c60-\u2c7f\ua720-\ua7ff]")
_PLAIN_LETTERS = {"ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}
_SIGN_OF_A_NAME = re.compile(r"(?:\+\+?|#)(?![\w+#])")
_ARABIC_MARKS = {"٫": ".", "٬": ",", "،": ",", "؛": ";", "؟": "?", "।": ".", "。": ".", "、": ","}
_BLANK_GLYPHS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_VIRAMA = 9


@dataclass(unsafe_hash=True)
class TextEmpty(TandemError):
    """Nothing that can be seen is left of the text."""


@dataclass(unsafe_hash=True)
class TextTooLong(TandemError):
    """The cleaned text has `length` characters; `limit` are allowed."""

    limit: int
    length: int


def clean_text(raw: str, *, limit: int) -> str:
    """Return `raw` fit to be stored: at most `limit` characters (code points), NFC, trimmed, idempotent.

    Line breaks of every kind become a newline, tabs a space. Dropped: NUL and other controls, lone
    surrogates (which no database takes), bidi controls and marks, and invisible characters. Kept where they
    belong: the joiner within an emoji or beside a virama, the non-joiner between letters of joining
    scripts, one variation selector after its character, a regional flag's tags. All else stays as typed,
    `<!channel>` included.

    Raises TextEmpty when nothing visible is left, TextTooLong (with the cleaned length) above `limit`.
    """
    text = raw
    if not raw.isascii() or _UNSAFE.search(raw):
        text = _LINE_BREAK.sub("\n", text)
        text = _BLANK.sub(" ", text)
        text = _DROPPED.sub("", text)
        text = _CONTEXTUAL.sub(lambda match: match[0] if _belongs(match) else "", text)
        text = unicodedata.normalize("NFC", text)
    text = text.strip()
    if all(char.isspace() or char in _BLANK_GLYPHS for char in text):
        raise TextEmpty
    if len(text) > limit:
        raise TextTooLong(limit, len(text))
    return text


def is_word_character(char: str) -> bool:
    """Tell whether `char` is part of a word in its script: a letter, a digit or a combining mark."""
    return char.isalnum() or unicodedata.category(char)[0] == "M"


def plain(text: str) -> str:
    """Return `text` as it is read for marks, each character in its place: full-width `＃＠＄４` as `#@$4`, the digits
    of every script as 0 to 9, every kind of space as a space. A newline stays.
    """
    if text.isascii():
        return text
    return "".join(char if char.isascii() else _plain_character(char) for char in text)


def compare_key(text: str) -> str:
    """Return what two spellings of the same words have in common; the one way in which words are compared.

    Words of any script, joined by hyphens: case, width, spaces and punctuation do not count, nor do accents on
    Latin and Greek letters (`Nestlé` is `Nestle`) and the two dots of the Cyrillic `ё`. Every other mark is part of
    its word: `मीरा` and `मोर` differ, and so do `й` and `и`. C, C++ and C# differ. Empty when there is no word.
    It is stored where the database compares, so that no database folds anything itself. Idempotent.
    """
    return "-".join(key_words(text))


def key_words(text: str) -> list[str]:
    """Return the words of `text` as `compare_key` joins them."""
    return _words(text.lower() if text.isascii() else _without_accents(_folded(text)))


def slugify_theme(text: str) -> str | None:
    """Return the slug under which a theme is shown, or None when `text` has no letter (`#42` is no theme).

    Compatibility-folded, in lower case, words joined by single hyphens (an underscore is one too), letters
    of any script with their accents, at most THEME_SLUG_LIMIT characters: `Price_Model` and `price model` are one
    theme. `c++` and `c#` keep what makes them differ from `c`. Idempotent.
    """
    slug = "-".join(_words(_folded(text)))
    if len(slug) > THEME_SLUG_LIMIT:
        slug = slug[: _boundary_at_or_before(slug, THEME_SLUG_LIMIT)].strip("-")
    return slug if any(char.isalpha() for char in slug) else None


def shorten(text: str, limit: int) -> str:
    """Return `text` in at most `limit` characters (code points), ending with `…` when something was cut.

    Cuts between words when one ends near, and never within what is seen as one character: a letter with its
    marks, an emoji with its joiners and skin tone, a flag, a Hangul syllable. A single such cluster longer
    than the limit leaves the `…` alone. Raises ValueError for a limit below 1.
    """
    if limit < 1:
        raise ValueError("limit must be at least 1")
    if len(text) <= limit:
        return text
    cut = limit - 1
    if cut < len(text) and not text[cut].isspace():
        nearest = max(cut - max(12, cut // 10), 1)
        space = max(text.rfind(" ", nearest, cut), text.rfind("\n", nearest, cut))
        cut = space if space > 0 else cut
    return text[: _boundary_at_or_before(text, cut)].rstrip() + ELLIPSIS


def _words(folded: str) -> list[str]:
    """The words of a folded text: letters, digits and their marks; and the end of `c++` and `c#`."""
    words: list[str] = []
    word = ""
    for place, char in enumerate(folded):
        if char.isalnum() or (word and unicodedata.category(char)[0] == "M" and not _is_variation_selector(char)):
            word += char
        elif unicodedata.category(char) == "Cf" or _is_variation_selector(char):
            continue
        elif word and char in "+#" and (end := _SIGN_OF_A_NAME.match(folded, place)) and _may_end_with(word, end[0]):
            words.append(word + end[0])
            word = ""
        elif word:
            words.append(word)
            word = ""
    return [*words, word] if word else words


def _may_end_with(word: str, signs: str) -> bool:
    return len(word) == 1 or (signs == "++" and word[-1].isalpha())


@lru_cache(maxsize=4096)
def _plain_character(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category == "Zs":
        return " "
    if char in _ARABIC_MARKS:
        return _ARABIC_MARKS[char]
    folded = unicodedata.normalize("NFKC", char)
    is_plain = len(folded) == 1 and folded.isascii() and category != "No"
    return folded if is_plain and ("\uff01" <= char <= "\uff5e" or not folded.isalpha()) else char


def _without_accents(folded: str) -> str:
    """A folded text without the accents on Latin and Greek letters; digits of every script as 0 to 9."""
    kept: list[str] = []
    base = ""
    for char in unicodedata.normalize("NFD", folded):
        if unicodedata.category(char)[0] == "M":
            if _ACCENTED.match(base) or (base == "е" and char == "\u0308"):
                continue
            kept.append(char)
            continue
        base = char
        if unicodedata.category(char) == "Nd":
            kept.append(str(unicodedata.decimal(char)))
        else:
            kept.append(_PLAIN_LETTERS.get(char, char))
    return unicodedata.normalize("NFC", "".join(kept))


def _folded(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text)
    for _ in range(4):
        again = unicodedata.normalize("NFKC", folded.casefold())
        if again == folded:
            break
        folded = again
    return folded


def _belongs(match: re.Match[str]) -> bool:
    """Tell whether a contextual invisible character stands where it has a meaning."""
    text, start = match.string, match.start()
    mark = match[0]
    before = text[start - 1] if start else ""
    after = text[match.end() : match.end() + 1]
    if len(mark) > 1:
        return True
    if mark == _ZWJ:
        if unicodedata.combining(before or " ") == _VIRAMA or unicodedata.combining(after or " ") == _VIRAMA:
            return True
        base = text[start - 2 : start - 1] if before == _EMOJI_STYLE else before
        return _is_emoji(base) and _is_emoji(after)
    if mark == _ZWNJ:
        return bool(_JOINING.match(before) and _JOINING.match(after)) and is_word_character(before)
    if "\u180b" <= mark <= "\u180f":
        return "\u1820" <= before <= "\u18aa"
    if "\ufe00" <= mark <= "\ufe0f":
        return (
            bool(before)
            and (before.isalnum() or unicodedata.category(before)[0] in "PSC")
            and (unicodedata.category(before) != "Cf" and before != "\n")
        )
    if mark >= "\U000e0100":
        return bool(_IDEOGRAPH.match(before))
    return False


def _is_emoji(char: str) -> bool:
    """Tell whether `char` can be part of a joined emoji; the whole emoji block counts, assigned or not."""
    return char != "" and (
        "\U0001f000" <= char <= "\U0001faff" or char == "\u2194" or unicodedata.category(char) == "So"
    )


def _is_variation_selector(char: str) -> bool:
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef" or "\u180b" <= char <= "\u180f"


def _boundary_at_or_before(text: str, position: int) -> int:
    while position > 0 and not _is_boundary(text, position):
        position -= 1
    return position


def _is_boundary(text: str, position: int) -> bool:
    """Tell whether text may be cut before `position`: UAX #29's clusters, somewhat coarser, never finer."""
    if position <= 0 or position >= len(text):
        return True
    before, after = text[position - 1], text[position]
    if before == "\r" and after == "\n":
        return False
    if unicodedata.category(after)[0] == "M" or after in (_ZWNJ, _ZWJ) or "\U0001f3fb" <= after <= "\U0001f3ff":
        return False
    if "\U000e0020" <= after <= "\U000e007f" or "\udc00" <= after <= "\udfff":
        return False
    if before == _ZWJ or (unicodedata.combining(before) == _VIRAMA and after.isalpha()):
        return False
    if _is_regional(before) and _is_regional(after):
        run = position
        while run > 0 and _is_regional(text[run - 1]):
            run -= 1
        return (position - run) % 2 == 0
    return not _joins_hangul(before, after)


def _is_regional(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _joins_hangul(before: str, after: str) -> bool:
    """Tell whether a Hangul vowel or final consonant (a jamo) continues the syllable before it."""
    return "\u1160" <= after <= "\u11ff" and ("\u1100" <= before <= "\u11ff" or "\uac00" <= before <= "\ud7a3")
