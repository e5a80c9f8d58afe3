"""Names in a typed line: of an account after an `@`, of a competitor after a `!` or `vs`, in quotation marks or not.

Every function takes the line as typed and `text`, the same line as `plain` makes it: places are the same in both.
"""

from __future__ import annotations

import re
from typing import Final

from domain.deal_size import read_amount
from domain.known_names import KnownNames, NamedAt
from domain.sentences import TAKEN
from domain.text import compare_key, is_word_character

NAME_LIMIT: Final = 80
"""The longest name of an account or competitor that is not known yet."""

COMPETITOR_LIMIT: Final = 70
"""The longest name after a `!`: a form takes no longer one."""

UNSPACED: Final = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
"""Scripts that put no spaces between words, and Hangul, as a class of characters."""

QUOTE_ENDS: Final = {
    opening: re.compile(rf"[{closing}](?=\Z|[\s.,;:!?…)\]}}|#@/\0-]|['’][sS](?!\w))")
    for opening, closing in {'"': '"', "“": "”", "„": "“”", "«": "»", "»": "«", "”": "”"}.items()
} | {opening: re.compile(closing) for opening, closing in {"「": "」", "『": "』"}.items()}
# Around a name after an `@` more marks are quotation marks than in a sentence, where `'` is an apostrophe.
NAME_QUOTE_ENDS: Final = QUOTE_ENDS | {
    opening: re.compile(closing)
    for opening, closing in {
        "'": r"'(?![^\W_])", "‘": r"[’'](?![^\W_])", "’": r"[’'](?![^\W_])", "‚": r"[‘’]", "‹": "›", "›": "‹",
        "`": "`", "[": r"\]", "(": r"\)", "{": r"\}",
    }.items()
}  # fmt: skip
_NO_BRACKETS: Final = {opening: closing for opening, closing in NAME_QUOTE_ENDS.items() if opening not in "[({"}
POSSESSIVE: Final = re.compile(r"['’]s(?!\w)", re.IGNORECASE)
JOINERS: Final = "\u200c\u200d"
_OVER = re.compile(r"[.,;:!?…)\]}\"”»]{0,6}(?:\s|\Z)")
_LEGAL_FORM = re.compile(
    r"(?P<gap>,? )(?:Inc|Ltd|LLC|GmbH|AG|Corp|Co|SA|S\.A|BV|B\.V|NV|PLC|plc|KG|SE|AB|AS|Oy|SpA|Srl|Pty|LLP)\.?(?![\w])"
)
_PARTNER = re.compile(r" & (?P<word>[^\W\d_][\w'’-]*)")
_CAPITALISED = re.compile(r" (?:& )?(?P<word>[^\W\d_][\w'’.&-]*)")
_FIELD_OVER = re.compile(r"\s*(?:\Z|[#@|·•;,:.\n$€£()]| [-–—/] |[–—])")
_UNSPACED_CHARACTER = re.compile(f"[{UNSPACED}]")
_LONGEST_UNSPACED: Final = 8

# Capitalised words after `vs` that name no competitor.
_NO_NAME = re.compile(
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|august|september"
    r"|october|november|december|[qhw][0-9]+|fy.*|the|an|our|their|your|my|his|her|its|this|that|these|those|no"
    r"|not|what|how|when|why|doing|building|using|buying|last|next|other|others|nothing|in-?house",
    re.IGNORECASE,
)


def _keys(listed: str) -> frozenset[str]:
    return frozenset(map(compare_key, listed.split()))


_EXCLAIMED: Final = _keys(
    """
    important urgent critical asap attention warning alert note nb ps fyi todo fixme tbd wip help stop wait look
    wow omg lol wtf yay yes yep nope none null true false ok okay sure great good bad best worst hot new big huge
    done fixed broken working available possible supported interested happy ready enough clear cool nice amazing
    awesome perfect sorry thanks thank please congrats hooray again really never always only just more less high
    low prio priority blocker blocked risk risky flag escalate escalation churn lost won deal price pricing budget
    sso saml scim mfa roi sla api sdk nda poc pov gdpr dsgvo rgpd soc soc2 iso eta eod eow ui ux crm erp ceo cfo cto
    the an our their your my his her its this that these those what how when why who using buying last next other
    cio coo cmo it hr pr channel everyone here all team they we he she it i you if and but or so because too very
    wichtig dringend achtung vorsicht hinweis leider bitte danke nicht kein keine zu sehr sie wir er ich das ein
    eine neu gut toll super
    attention urgence urgente urgent importante importants note merci non oui trop très pas on il elle ils nous un
    une ça bien
    importante urgente ojo cuidado atención aviso nota gracias sí muy demasiado ellos nosotros el ella lo los las
    """
)
"""Words after a `!` that shout or deny (`!important`, `!working`) and name nobody, as keys."""


def marked_competitor(line: str, text: str, start: int, known: KnownNames) -> NamedAt | None:
    """The competitor that a `!` before `start` names: a known one, one in quotation marks, or a word that may be one.

    None where the `!` is an exclamation mark, or a sign of programmers: `!important`, `!!!`, `!=`, `!?`, `! Rivalsoft`.
    """
    first, following = text[start : start + 1], text[start + 1 : start + 2]
    if first and first in _NO_BRACKETS:
        is_name = bool(following) and is_word_character(following)
        return _short_enough(quoted_name(line, text, start, known, _NO_BRACKETS)) if is_name else None
    if not first or not is_word_character(first):
        return None
    named = known.longest_at(
        text, start, lambda end: name_may_end(text, end) or bool(_UNSPACED_CHARACTER.match(text, end - 1))
    )
    return named or _short_enough(_unknown_marked(line, text, start))


def _unknown_marked(line: str, text: str, start: int) -> NamedAt | None:
    named = one_word(line, text, start)
    if named is None or not (name_may_end(text, named.end) or text[named.end : named.end + 1] in "-_'’&+."):
        return None
    if compare_key(named.name) in _EXCLAIMED:
        return None
    if _UNSPACED_CHARACTER.search(named.name):
        return named if len(named.name) <= _LONGEST_UNSPACED else None
    return long_name(line, text, named) if sum(map(str.isalpha, named.name)) > 1 else None


def _short_enough(named: NamedAt | None) -> NamedAt | None:
    return named if named is not None and len(named.name) <= COMPETITOR_LIMIT else None


def compared_competitor(line: str, text: str, start: int, known: KnownNames) -> NamedAt | None:
    """The competitor after a `vs` that ends before `start`: a known one, one in quotation marks, a capitalised word."""
    if text[start] in QUOTE_ENDS:
        return quoted_name(line, text, start, known, QUOTE_ENDS)
    named = known.longest_at(text, start, lambda end: name_may_end(text, end))
    return named or _unknown_compared(line, text, start)


def _unknown_compared(line: str, text: str, start: int) -> NamedAt | None:
    named = one_word(line, text, start)
    if named is None or not named.name[0].isupper() or _NO_NAME.fullmatch(named.name):
        return None
    letters = [char for char in named.name if char.isalpha()]
    rest = text[named.end :]
    is_longer_name = bool(re.match(r"\s+\S", rest)) and rest.split(maxsplit=1)[0][0].isupper()
    is_over = _OVER.match(text, named.end) or POSSESSIVE.match(text, named.end)
    return None if len(letters) < 2 or _is_acronym(named.name) or is_longer_name or not is_over else named


def name_may_end(text: str, end: int) -> bool:
    """Tell whether a name may end before `end`."""
    following = text[end : end + 1]
    if not following or following.isspace() or POSSESSIVE.match(text, end):
        return True
    if is_word_character(following) or following in "-_'’&+":
        return False
    return not (following == "." and text[end + 1 : end + 2].isalnum())


def one_word(line: str, text: str, start: int) -> NamedAt | None:
    """Return the word at `start` as a name: letters and digits, and `.&'’_+-` between them."""
    end = start
    while end < len(text) and (is_word_character(text[end]) or text[end] in ".&'’_+-" or text[end] in JOINERS):
        end += 1
    if end == start + 1 and text[end : end + 1] == "#" and not text[end + 1 : end + 2].isalnum():
        end += 1
    signs = re.search(r"(?<=[^\W_])(?:\+\+|#)\Z", text[start:end])
    name = re.sub(r"['’]s\Z", "", line[start:end] if signs else line[start:end].rstrip(".&'’_+-"), flags=re.IGNORECASE)
    name = name if signs else name.rstrip(".&'’_+-")
    if not name or not name[0].isalnum() or len(name) > NAME_LIMIT:
        return None
    return NamedAt(name, start, start + len(name))


def long_name(line: str, text: str, named: NamedAt) -> NamedAt:
    """The name with what belongs to it: capitalised words at the end of a field, and the form of a company."""
    end = _end_of_capitalised(text, named.end)
    if form := _LEGAL_FORM.match(text, end):
        end = form.end()
    if end == named.end:
        return named
    name = " ".join(line[named.start : end].split())
    return NamedAt(name, named.start, end) if len(name) <= NAME_LIMIT else named


def _end_of_capitalised(text: str, end: int) -> int:
    """Where the capitalised words end that follow a name at the end of a field: `@Initech Systems`.

    What an `&` joins belongs to the name wherever it stands: `@Ernst & Young say no`.
    """
    while (partner := _PARTNER.match(text, end)) and partner["word"][0].isupper():
        end = partner.end()
    stop = end
    for _ in range(3):
        word = _CAPITALISED.match(text, stop)
        if word is None or not word["word"][0].isupper() or _is_acronym(word["word"]):
            break
        stop = word.end()
    while stop > end and text[stop - 1] in ".&'’-":
        stop -= 1
    over = _FIELD_OVER.match(text, stop) or (text[stop : stop + 1] == " " and read_amount(text, stop + 1))
    return stop if over else end


def quote_end(text: str, start: int, ends: dict[str, re.Pattern[str]]) -> int | None:
    """Return the end of the quotation that opens at `start`; None when it does not close, or is empty."""
    closing = ends[text[start]].search(text, start + 1)
    if closing is None or not any(map(is_word_character, text[start + 1 : closing.start()])):
        return None
    return closing.end()


def inside_quotes(text: str, start: int, end: int) -> str:
    return " ".join(text[start + 1 : end - 1].split())


def quoted_name(
    line: str, text: str, start: int, known: KnownNames, ends: dict[str, re.Pattern[str]]
) -> NamedAt | None:
    end = quote_end(text, start, ends)
    if end is None:
        return None
    name = inside_quotes(line, start, end)
    if len(name) > NAME_LIMIT or TAKEN in text[start:end]:
        return None
    return NamedAt(known.canonical(name) or name, start, end)


def without_quotes(typed: str) -> str:
    """A name as it was typed, without the quotation marks around it."""
    if typed[:1] in NAME_QUOTE_ENDS and len(typed) > 2 and not is_word_character(typed[-1]):
        return typed[1:-1].strip()
    return typed


def _is_acronym(word: str) -> bool:
    letters = [char for char in word if char.isalpha()]
    return len(letters) <= 4 and all(char.isupper() for char in letters)
