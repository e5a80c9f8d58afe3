"""What arrives for finding what customers said: `/voc search`, `/voc quotes`, `/tandem ask`, and their buttons."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from domain.people import EVERYONE, MARKETERS, Actor
from domain.text import TextEmpty, TextTooLong
from domain.voc.ask import reply_to
from domain.voc.doubt import LONGEST_DOUBTED, MOST_WORDS_AFTER_A_COMMAND, Meaning
from domain.voc.errors import NoSaying
from domain.voc.prose import LEAST, ask_for_prose
from domain.voc.search import Found, search_items
from domain.voc.wording import catch_up
from handlers.answers import Answer
from handlers.arrival import Arrival
from handlers.command_text import first_word, text_of_command
from handlers.jobs import close_secret
from handlers.keys import token_of_question
from handlers.listeners import Handler, Listeners
from handlers.receipts import response_url
from handlers.voc import asking, found, questions
from handlers.voc.exporting import ask_for_export
from handlers.voc.known import Commands
from handlers.voc.prose import VocProse
from handlers.voc.typed import line_of_command

_MENTION: Final = re.compile(r"<@([UW][A-Z0-9]{1,20})\|[^<>]*>")
MOST_WORDS: Final = MOST_WORDS_AFTER_A_COMMAND + 1
"""Words after `search`, besides marks, that are certainly a search; more may be something that a customer said."""


def declare(listeners: Listeners, log: Handler) -> None:
    """Declare them with the others of this subject; `log` is what `/voc` does with a line."""

    @listeners.command(
        "voc",
        "search",
        roles=EVERYONE,
        usage="search security #pricing last 90 days",
        help="Find what customers said: words, #theme, @account, !competitor, kind:, by:, since:",
    )
    async def search(arrival: Arrival) -> Answer:
        return await _answer(arrival, log, quotes=False)

    @listeners.command(
        "voc",
        "quotes",
        roles=EVERYONE,
        usage="quotes #pricing",
        help="Customers’ own words, ready to copy, and how they may be used",
    )
    async def quotes(arrival: Arrival) -> Answer:
        return await _answer(arrival, log, quotes=True)

    @listeners.command(
        "tandem",
        "ask",
        roles=EVERYONE,
        usage="ask what do CFOs say about security?",
        help="What customers said about something: counts, quotes and links",
    )
    async def ask(arrival: Arrival) -> Answer:
        commands = Commands(_command(arrival), arrival.tandem.command_name("tandem"))
        by = await arrival.look(catch_up)
        try:
            reply = await arrival.look_beside(by, reply_to, _typed(arrival.text))
        except TextEmpty:
            return questions.how_to_ask(commands)
        except TextTooLong as error:
            return questions.too_long(error.length)
        if reply.query.is_empty:
            return questions.how_to_ask(commands)
        listed = questions.reply_view(reply, commands)
        if arrival.tandem.llm is None or reply.items < LEAST:
            return listed
        secret = close_secret(arrival.tandem, response_url(arrival.body))
        return await arrival.answer(ask_for_prose, VocProse(by.id, reply.query.text), secret, view=lambda _: listed)

    @listeners.action("voc.turn", roles=EVERYONE)
    async def turn(arrival: Arrival) -> Answer:
        turned = found.read_turned(arrival.value)
        if turned is None:
            return found.gone()
        by, page = await _find(arrival, turned.text, quotes=turned.quotes, start=turned.start, newest=turned.newest)
        return _view(arrival, by, page, quotes=turned.quotes, replace=True)

    @listeners.action("voc.export", roles=MARKETERS)
    async def export(arrival: Arrival) -> Answer:
        turned = found.read_turned(arrival.value)
        if turned is None:
            return found.gone()
        return await arrival.answer(
            ask_for_export, turned.text, quotes=turned.quotes, view=lambda _: found.export_follows()
        )

    @listeners.action("voc.search_it", roles=EVERYONE)
    async def search_instead(arrival: Arrival) -> Answer:
        asked = asking.read_asked(arrival.value)
        if asked is None:
            return found.gone()
        word, rest = first_word(asked.line)
        wants_quotes = word.casefold() == "quotes"
        if not rest.strip():
            return found.how_to_search(_command(arrival), quotes=wants_quotes)
        by, page = await _find(arrival, rest, quotes=wants_quotes)
        return _view(arrival, by, page, quotes=wants_quotes, replace=True)


async def _answer(arrival: Arrival, log: Handler, *, quotes: bool) -> Answer:
    typed = _typed(arrival.text)
    try:
        by, page = await _find(arrival, typed, quotes=quotes)
    except TextEmpty:
        return found.how_to_search(_command(arrival), quotes=quotes)
    except TextTooLong:
        return await _doubt(arrival, log)
    if page.query.is_empty:
        return found.how_to_search(_command(arrival), quotes=quotes)
    if len(page.query.parts) > MOST_WORDS and not page.query.is_search:
        return await _doubt(arrival, log)
    return _view(arrival, by, page, quotes=quotes)


def _view(arrival: Arrival, by: Actor, page: Found, *, quotes: bool, replace: bool = False) -> Answer:
    may_export = by.role in MARKETERS
    return found.found_view(page, _command(arrival), quotes=quotes, may_export=may_export, replace=replace)


async def _doubt(arrival: Arrival, log: Handler) -> Answer:
    """A long line may be what a customer said of a search: nothing typed is lost, and nothing wrong is logged."""
    whole = text_of_command(arrival.body)
    line = line_of_command(whole)
    if len(line) > LONGEST_DOUBTED:
        return await log(replace(arrival, text=whole))  # pasted on purpose, and a button could not carry it
    return asking.question(NoSaying(line, (Meaning.SEARCH,)), token_of_question(arrival.key, f"{arrival.at} {line}"))


async def _find(arrival: Arrival, text: str, **page: int | bool) -> tuple[Actor, Found]:
    by = await arrival.look(catch_up)
    return by, await arrival.look_beside(by, search_items, text, **page)


def _typed(text: str) -> str:
    """What was typed, with members as Slack names them: `by:<@U123>`."""
    return line_of_command(_MENTION.sub(r"<@\1>", text))


def _command(arrival: Arrival) -> str:
    return arrival.tandem.command_name("voc")
