"""What a lead's own cards say of its decline: what marketing and the manager did about it, and how it came back."""

from __future__ import annotations

from domain.leads.declined import DeclineFacts
from domain.leads.facts import LeadFacts
from domain.leads.reasons import reason_named
from domain.text import shorten
from handlers.blocks import date, escape
from handlers.leads.phrases import named, sentence_case

WORDS_SHOWN = 200


def decline_line(lead: LeadFacts, reader: str | None = None) -> str:
    """What became of the decline of a lead that is not open, in mrkdwn; "" where there is nothing to say."""
    decline = lead.declined
    if decline is None or lead.state not in ("declined", "nurture") or lead.outcome is not None:
        return ""
    lines = []
    if decline.state == "open":
        lines.append("Marketing reads it and accepts or disputes it")
    elif decline.state == "accepted":
        lines.append(f"Accepted by {named(decline.answered_by, reader)}")
    elif decline.state == "disputed":
        lines.append(disputed_line(decline, reader))
    elif decline.state == "ruled":
        lines.append(ruled_line(decline, reader))
    if lead.state == "nurture":
        lines.append(rests_line(decline))
    return "\n".join(filter(None, lines))


def back_line(lead: LeadFacts, reader: str | None = None) -> str:
    """Why an open lead is with somebody again, in mrkdwn; "" where it never was given back."""
    decline = lead.declined
    if decline is None or not lead.is_open:
        return ""
    why = f"{named(decline.by, reader)} declined it: {reason_words(decline)}"
    if decline.verdict == "sales":
        return f"*Back by ruling.* {ruled_line(decline, reader)}{quoted(decline.ruling)}"
    if decline.returned:
        when = date(decline.at, "{date_short}")
        return f"*Back from nurture.* {sentence_case(why)}, {when}{quoted(decline.note)}"
    if decline.consequence == "reroute":
        return f"{sentence_case(why)}{quoted(decline.note)}"
    return ""


def back_words(lead: LeadFacts, otherwise: str) -> str:
    """How a notification of an open lead begins."""
    decline = lead.declined
    if decline is None or not lead.is_open:
        return otherwise
    if decline.verdict == "sales":
        return "Back by ruling"
    return "Back from nurture" if decline.returned else otherwise


def disputed_line(decline: DeclineFacts, reader: str | None = None) -> str:
    """ "Disputed by Max Keller · waits for Mia Stone’s ruling"."""
    waits = f"waits for {_whose(decline, reader)} ruling" if decline.judge else "waits for a manager’s ruling"
    return f"*Disputed* by {named(decline.answered_by, reader)} · {waits}"


def ruled_line(decline: DeclineFacts, reader: str | None = None) -> str:
    """ "Mia Stone ruled: the decline stands"."""
    verdicts = {
        "sales": "sales takes it back",
        "stands": "the decline stands",
        "nurture": "back to marketing, for nurture",
    }
    return f"{sentence_case(named(decline.ruled_by, reader))} ruled: {verdicts[decline.verdict or 'stands']}"


def rests_line(decline: DeclineFacts) -> str:
    """When the lead comes back from nurture."""
    if decline.overtaken:
        return "They asked again meanwhile, so the newer lead goes on"
    if decline.until is None or decline.returned:
        return ""
    return f"Comes back by itself {date(decline.until, '{date_short}')}"


def reason_words(decline: DeclineFacts) -> str:
    """The reason within a sentence, escaped."""
    return escape(reason_named(decline.reason).label.lower())


def quoted(words: str | None) -> str:
    """Somebody's words behind ours, on a line of their own."""
    return f"\n“{escape(shorten(' '.join(words.split()), WORDS_SHOWN))}”" if words else ""


def _whose(decline: DeclineFacts, reader: str | None) -> str:
    words = named(decline.judge, reader)
    return "*your*" if words == "*you*" else f"{words}’s"
