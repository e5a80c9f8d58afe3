"""What `/voc search` and `/voc quotes` show: a page of items, what they were looked for by, and the way to the next."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from digests.mrkdwn import link
from domain.text import shorten
from domain.voc.facts import KIND_NAMES
from domain.voc.query import LONGEST_QUERY, MOST_PARTS, Query, Unknown
from domain.voc.search import MOST_FOUND, PAGE, Found, Hit
from handlers.answers import Block, Receipt
from handlers.blocks import Element, actions, button, context, date, divider, escape, preformatted, quote, section
from handlers.voc.asking import in_a_value
from handlers.voc.known import theme_button
from handlers.words import listed

WORDS_SHOWN: Final = 500
QUOTE_SHOWN: Final = 1_500
"""Characters of a quote that is to be copied: five of them fit into one message."""

FILTERS: Final = (
    "`#pricing` `@Globex` `!Rivalsoft` `kind:objection` `by:@ana` `since:2026-01` `last 90 days` "
    '`"word for word"`: in any order, with or without words'
)
CONSENT_NAMES: Final = {
    "internal": "Inside only: ask before it leaves the house",
    "anonymous": "May be used without the name",
    "named": "May be used with the name",
}


@dataclass(frozen=True, slots=True)
class Turned:
    """What the buttons under a page carry: which page to show, of which search."""

    text: str
    start: int
    newest: int
    quotes: bool


def found_view(found: Found, command: str, *, quotes: bool, may_export: bool = False, replace: bool = False) -> Receipt:
    """A page of what was found, or what may help where nothing was.

    `command`: how people type `/voc` here. `may_export`: whoever searches may have all of it as a file.
    """
    typed = escape(" ".join(found.query.text.split()))
    what = "Quotes" if quotes else "Search"
    if not found.hits:
        return _nothing(found, typed, what, command, replace=replace)
    blocks = [section(f"*{what}:* {typed}\n{_counts(found)}"), *_small_print(found)]
    if quotes:
        blocks += [block for hit in found.hits for block in _to_copy(hit)]
    else:
        blocks += hits_blocks(found.hits)
    buttons = list(_turning(found, quotes=quotes))
    if may_export:
        buttons.append(button("Export", "voc.export", _value(found, 0, quotes=quotes)))
    if buttons:
        blocks.append(actions(*buttons, block_id="voc.found"))
    return Receipt(f"{what}: {typed}", blocks, replace=replace)


def how_to_search(command: str, *, quotes: bool) -> Receipt:
    """For whoever typed no words."""
    word, what = ("quotes", "customers’ own words, ready to copy") if quotes else ("search", "what customers said")
    text = f"Say what to look for: `{command} {word} security` finds {what}."
    return Receipt(text, [section(text), context(FILTERS)])


def export_follows() -> Receipt:
    """What is said at once to whoever wants a file."""
    return Receipt("The file follows in a moment, as a message from Tandem to you.")


def gone() -> Receipt:
    """A button that does not say what was searched for: no message of ours has one."""
    return Receipt("This button does not say what to search for. Please type the search again.", refusal=True)


def read_turned(value: str) -> Turned | None:
    """What a button carries; None for anything else."""
    try:
        told = json.loads(value)
        text, start, newest, quotes = told["q"], told["s"], told["n"], told["o"]
    except (ValueError, RecursionError, TypeError, KeyError):
        return None
    if not (isinstance(text, str) and isinstance(quotes, bool) and type(start) is int and type(newest) is int):
        return None
    if not (0 < len(text) <= LONGEST_QUERY and 0 <= start <= MOST_FOUND and 0 < newest < 2**63):
        return None
    return Turned(text, start, newest, quotes)


def _counts(found: Found) -> str:
    first, last = found.start + 1, found.start + len(found.hits)
    if found.more:
        total = (
            f"More than {MOST_FOUND} items match. These are {first} to {last} of the newest {MOST_FOUND}, best first."
        )
        return f"{total} A #theme, an @account or `last 90 days` narrows it down."
    if found.total == 1:
        return "1 item"
    if found.total <= PAGE:
        return f"{found.total} items, best first"
    return f"{first} to {last} of {found.total} items, best first"


def _small_print(found: Found) -> Iterator[Block]:
    understood = _understood(found.query)
    # A theme alone stands in the heading already.
    small = [understood] if understood != f"Only: {escape(found.query.text.strip())}" else []
    if found.left_out:
        words = listed([f"“{escape(word)}”" for word in found.left_out])
        small.append(f"No item has {words}, so only the other words were looked for.")
    if found.query.too_many:
        small.append(f"Only the first {MOST_PARTS} words were looked for.")
    if found.waiting:
        small.append(waiting_sentence(found.waiting))
    small = [text for text in small if text]
    if small:
        yield context(*small)


def waiting_sentence(count: int) -> str:
    """How many items cannot be found yet."""
    many = "10,000 items or more" if count >= 10_000 else "1 item" if count == 1 else f"{count:,} items"
    return f"{many} cannot be found yet: Tandem is still reading what was logged before. Look again in some minutes."


def _understood(query: Query) -> str:
    """The filters as they were understood."""
    parts = [listed([KIND_NAMES[kind] for kind in query.kinds])] if query.kinds else []
    for names in (
        [f"#{one.name}" for one in query.themes],
        [one.name for one in query.accounts],
        [f"competitor {name}" for name in query.competitors],
        [f"logged by {one.name}" for one in query.members],
    ):
        parts += [escape(" or ".join(names))] if names else []
    if query.since is not None:
        parts.append(f"since {date(query.since, '{date_short}')}")
    if query.until is not None:
        parts.append(f"until {date(query.until - timedelta(seconds=1), '{date_short}')}")
    return f"Only: {'  ·  '.join(parts)}" if parts else ""


def hits_blocks(hits: Sequence[Hit], *, numbered: bool = False) -> list[Block]:
    """Each below a line, so that nobody takes what stands under one for the heading of the next.

    `numbered`: with the number by which a sentence names it.
    """
    numbers = [f"*[{number}]* " if numbered else "" for number in range(1, len(hits) + 1)]
    return [
        block for hit, number in zip(hits, numbers, strict=True) for block in (divider(), *_hit_blocks(hit, number))
    ]


def _hit_blocks(hit: Hit, number: str) -> list[Block]:
    """What was said, told apart from what a rep wrote, and what it belongs to."""
    if hit.is_vote:
        return _vote_blocks(hit, number)
    who = number + ("*The customer’s words*" if hit.quoted else "*A rep’s note*")
    words = shorten(hit.words, WORDS_SHOWN)
    said = quote(words) if hit.quoted else section(escape(" ".join(words.split())))
    return [said, context("  ·  ".join([who, *_belonging(hit, account=True)]))]


def _vote_blocks(hit: Hit, number: str) -> list[Block]:
    noted = f": {escape(shorten(' '.join(hit.words.split()), WORDS_SHOWN))}" if hit.words else "."
    told = section(f"A rep heard the same as somebody else{noted}")
    return [told, context("  ·  ".join([f"{number}*I heard this too*", *_belonging(hit, account=True)]))]


def _to_copy(hit: Hit) -> list[Block]:
    """A quote as it may be used: with the account where it may be named, and without it where it may not."""
    words = shorten(hit.words, QUOTE_SHOWN)
    if hit.consent == "named" and hit.account:
        words = f"“{words}”\n— {hit.account}"
    allowed = f"*{CONSENT_NAMES[hit.consent]}*"
    return [
        preformatted(words),
        context("  ·  ".join([allowed, *_belonging(hit, account=hit.consent == "internal")])),
    ]


def _belonging(hit: Hit, *, account: bool) -> Iterator[str]:
    yield KIND_NAMES[hit.kind]
    if account and hit.account:
        yield escape(hit.account)
    if hit.theme:
        yield f"#{escape(hit.theme)}"
    yield date(hit.at, "{ago}")
    if hit.permalink:
        yield link("The message", hit.permalink)


def _turning(found: Found, *, quotes: bool) -> Iterator[Element]:
    left = found.total - found.start - len(found.hits)
    if left > 0:
        yield button(f"Next ({left} more)", "voc.turn:next", _value(found, found.start + PAGE, quotes=quotes))
    if found.start > 0:
        yield button("Back", "voc.turn:back", _value(found, max(0, found.start - PAGE), quotes=quotes))


def _value(found: Found, start: int, *, quotes: bool) -> str:
    return in_a_value({"q": found.query.text, "s": start, "n": found.newest, "o": quotes})


def _nothing(found: Found, typed: str, what: str, command: str, *, replace: bool) -> Receipt:
    text = f"{what}: nothing found for {typed}"
    told = [unknown_sentence(one, command) for one in found.query.unknown]
    if not told and len(found.query.parts) > 1:
        told = ["No item has all of these words. Fewer words find more."]
    elif not told:
        told = ["The beginning of a word is enough, and so is another form of the word."]
    blocks = [section(f"*{what}:* {typed}\n*Nothing found.* {' '.join(told)}"), *_small_print(found)]
    if found.near:
        blocks.append(context("These themes may help:"))
        blocks.append(actions(*map(theme_button, found.near, range(len(found.near))), block_id="voc.near"))
    blocks.append(context(FILTERS))
    return Receipt(text, blocks, replace=replace)


def unknown_sentence(one: Unknown, command: str) -> str:
    """What there is not, and what could be written instead. `command`: how people type `/voc`."""
    name = escape(shorten(one.name, 70))
    match one.what:
        case "theme":
            return f"There is no theme #{name}."
        case "account":
            return f"No account is called {name}."
        case "person":
            return f"Nobody here is called {name}."
        case "kind":
            kinds = listed([f"`kind:{kind}`" for kind in ("objection", "pain", "gap", "praise", "lost", "question")])
            return f"{name} is no kind. There are {kinds}."
        case "time":
            example = f"`{command} search security since:2026-01`, `since:monday` or `last 90 days`"
            return f"{name} is no date. Write for example {example}."
