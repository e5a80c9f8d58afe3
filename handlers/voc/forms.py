"""The voc form and the tiny one for a quote. Only the text is required, and on a phone only the first fields matter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from domain.marks import mark, read_mark
from domain.quick_line import QUICK_LINE_LIMIT
from domain.tallies import PULSE_DAYS
from domain.text import shorten
from domain.themes import ANSWER_LIMIT, Answerable
from domain.voc.example import Example
from domain.voc.facts import KIND_NAMES, VocFacts
from domain.voc.form import DEAL_LIMIT, DEFAULT_KIND, DealTyped, VocForm
from domain.voc.suggestions import AccountSuggestions, CompetitorSuggestions, ThemeSuggestions
from handlers.answers import Block, Options, View
from handlers.arrival import Arrival
from handlers.blocks import Element, escape, external_select, input_block, modal, option, section, select, text_input

CONSENT_LABELS: Final = {
    "internal": "No, inside only",
    "anonymous": "Yes, without the customer’s name",
    "named": "Yes, with the customer’s name",
}

NOTHING_PICKED = "-"
"""The value of the option that empties a select: Slack's own has no way back on every device."""

LOG_TITLE = "Log what a customer said"

ANSWER_FOR = {"internal": "Internal: for reps, not to be sent on", "safe": "Safe to send to a customer"}
"""Whom an answer is for, as the form says it."""

KNOWN = "="
"""What stands before a known account's mark in the value of its option; a new account's value is its name."""


def new_form(
    context: Mapping[str, Any], example: Example, *, text: str = "", about: AccountSuggestions | None = None
) -> View:
    """An empty form with an example, or one with a message's text, which is cut when it does not fit.

    `about`: the account that stands in it, where there is one.
    """
    cut = len(text) > QUICK_LINE_LIMIT
    hint = "The message is longer. This is its beginning; the link to all of it is kept." if cut else None
    shown = f"Too expensive next to {example.competitor}"
    begun = shorten(text, QUICK_LINE_LIMIT)
    return _form("voc.form", LOG_TITLE, context, text=begun, hint=hint, example=shown, about=about)


def edit_form(item: VocFacts, context: Mapping[str, Any], *, focus: str = "text") -> View:
    """The form filled with an item; the context gets its id and version. `focus`: the field to begin in."""
    return _form(
        "voc.edit_form",
        "Edit what you logged",
        {**context, "item": mark(item.id, item.created_at), "version": item.version},
        text=item.verbatim,
        item=item,
        focus=focus,
    )


def quote_form(item: VocFacts, context: Mapping[str, Any]) -> View:
    field = text_input(
        initial=item.quote,
        multiline=True,
        max_length=QUICK_LINE_LIMIT,
        placeholder="We can't pay that much for a tool three people use.",
        focus=True,
    )
    return modal(
        "voc.quote_form",
        "Add quote",
        [input_block("quote", "Exact quote", field), _consent(item)],
        context={**context, "item": mark(item.id, item.created_at), "version": item.version},
    )


def answer_form(
    theme: Answerable, text: str, context: Mapping[str, Any], *, callback_id: str = "voc.answer_form"
) -> View:
    """What reps should say to a theme: they read it in the receipt whenever they log it.

    `callback_id`: under which the form is submitted.
    """
    field = text_input(
        initial=text or theme.answer,
        multiline=True,
        max_length=ANSWER_LIMIT,
        placeholder="Do the sum with them: the payback calculator takes two minutes.",
        focus=True,
    )
    audiences = {audience: option(name, audience) for audience, name in ANSWER_FOR.items()}
    until: Element = {"type": "datepicker", "action_id": "value"}
    if theme.mark.until is not None:
        until["initial_date"] = theme.mark.until.isoformat()
    heard = "1 time" if theme.pulse.count == 1 else f"{theme.pulse.count} times"
    return modal(
        callback_id,
        "Approved answer",
        [
            section(f"*#{escape(theme.slug)}* came up {heard} in {PULSE_DAYS} days."),
            input_block("answer", "What should reps say?", field, hint="Reps read it each time they log this theme."),
            input_block(
                "audience",
                "Whom is it for?",
                select("value", "Pick one", list(audiences.values()), initial=audiences[theme.mark.audience]),
            ),
            input_block(
                "until",
                "Verified until",
                until,
                optional=True,
                hint="After that day, reps read that the answer is to be checked.",
            ),
        ],
        context={
            **context,
            "theme": mark(theme.theme_id, theme.created_at),
            "version": theme.version,
        },
    )


def submitted_form(arrival: Arrival) -> VocForm:
    """What was typed and picked in either form."""
    account = _picked(arrival, "account")
    known = read_mark("account", account.removeprefix(KNOWN)) if account and account.startswith(KNOWN) else None
    return VocForm(
        text=arrival.field("text"),
        kind=arrival.field("kind"),
        theme=_picked(arrival, "theme"),
        account_id=known.id if known else None,
        account=None if known else account,
        competitor=_picked(arrival, "competitor"),
        deal=arrival.field("deal"),
        quote=arrival.field("quote"),
        consent=arrival.field("consent"),
    )


def submitted_answer(arrival: Arrival) -> dict[str, Any]:
    """What `answer_form` was filled with, as the use case takes it."""
    return {
        "text": arrival.field("answer") or "",
        "audience": arrival.field("audience") or "internal",
        "until": arrival.field("until"),
        "version": arrival.remembered("version"),
    }


def theme_options(found: ThemeSuggestions, *, may_empty: bool) -> Options:
    """Themes with how often they came up lately, and the typed one when it is new."""
    return _options(
        [(f"#{theme.slug}" + (f"  ({theme.count})" if theme.count else ""), theme.slug) for theme in found.themes],
        (f"Add #{found.new}", found.new) if found.new else None,
        "No theme" if may_empty else None,
    )


def account_options(found: AccountSuggestions, *, may_empty: bool) -> Options:
    return _options(
        [(name, f"{KNOWN}{marked}") for marked, name in found.accounts],
        (f"Add {found.new}", found.new) if found.new else None,
        "No account" if may_empty else None,
    )


def competitor_options(found: CompetitorSuggestions, *, may_empty: bool) -> Options:
    return _options(
        [(name, name) for name in found.names],
        (f"Add {found.new}", found.new) if found.new else None,
        "No competitor" if may_empty else None,
    )


def _options(known: list[tuple[str, str]], new: tuple[str, str] | None, nothing: str | None) -> Options:
    listed = [*known, *([new] if new else []), *([(nothing, NOTHING_PICKED)] if nothing else [])]
    return Options([(shorten(label, 75), value) for label, value in listed])


def _form(
    callback_id: str,
    title: str,
    context: Mapping[str, Any],
    *,
    text: str,
    item: VocFacts | None = None,
    hint: str | None = None,
    example: str | None = None,
    focus: str = "text",
    about: AccountSuggestions | None = None,
) -> View:
    words = text_input(
        initial=text,
        multiline=True,
        max_length=QUICK_LINE_LIMIT,
        placeholder=example,
        focus=focus == "text",
    )
    kinds = {kind: option(name, kind) for kind, name in KIND_NAMES.items()}
    kind = select("kind", "Kind", list(kinds.values()), initial=kinds[item.kind if item else DEFAULT_KIND])
    deal = text_input(
        initial=DealTyped(item.deal, item.deal_typed).shown if item and item.deal else None,
        max_length=DEAL_LIMIT,
        placeholder="$40k or 40,000 EUR",
        focus=focus == "deal",
    )
    their_words = text_input(
        initial=item.quote if item else None, multiline=True, max_length=QUICK_LINE_LIMIT, placeholder="Word for word"
    )
    theme, account, competitor = _initials(item)
    if about is not None:
        account = _account_of(about)
    return modal(
        callback_id,
        title,
        [
            input_block("text", "What happened?", words, hint=hint),
            input_block("kind", "Kind", kind),
            input_block(
                "theme",
                "Theme",
                external_select("voc.theme", "Find or add one", initial=theme, focus=focus == "theme"),
                optional=True,
            ),
            input_block(
                "account", "Account", external_select("voc.account", "Find or add one", initial=account), optional=True
            ),
            input_block(
                "competitor",
                "Competitor",
                external_select("voc.competitor", "Find or add one", initial=competitor),
                optional=True,
            ),
            input_block("deal", "Deal size", deal, optional=True),
            input_block("quote", "Exact quote", their_words, optional=True),
            *([_consent(item)] if item else []),
        ],
        context=context,
    )


def _consent(item: VocFacts) -> Block:
    """Asked where a quote is looked at, not while a line is logged in a hurry: then it stays inside."""
    options = {consent: option(label, consent) for consent, label in CONSENT_LABELS.items()}
    picked = select("consent", "Who may read it", list(options.values()), initial=options[item.consent or "internal"])
    return input_block("consent", "May the quote be used outside?", picked)


def _initials(item: VocFacts | None) -> tuple[Element | None, Element | None, Element | None]:
    """The options of theme, account and competitor that an item had."""
    if item is None:
        return None, None, None
    return (
        option(f"#{item.theme}", item.theme) if item.theme else None,
        _known_account(item),
        option(item.competitor, item.competitor) if item.competitor else None,
    )


def _account_of(found: AccountSuggestions) -> Element | None:
    for marked, name in found.accounts:
        return option(name, f"{KNOWN}{marked}")
    return option(found.new, found.new) if found.new else None


def _known_account(item: VocFacts) -> Element | None:
    if item.account is None or item.account_id is None or item.account_born is None:
        return None
    return option(item.account, f"{KNOWN}{mark(item.account_id, item.account_born)}")


def _picked(arrival: Arrival, field: str) -> str | None:
    value = arrival.field(field)
    return None if value == NOTHING_PICKED else value
