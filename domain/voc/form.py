"""What a voc form holds, checked field by field: everything but the text is optional."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from domain.deal_size import DealSize, read_amount
from domain.errors import FieldProblems, TandemError
from domain.money import Money
from domain.quick_line import QUICK_LINE_LIMIT
from domain.text import TextEmpty, TextTooLong, clean_text, plain, slugify_theme
from domain.typed_names import without_quotes
from domain.voc.errors import DealUnread, VocFieldWrong
from storage.models import CONSENTS, VOC_KINDS

NAME_LIMIT: Final = 70
"""The longest name that a form takes, in characters."""

DEAL_LIMIT: Final = 80
"""The longest deal size that a form takes, in characters, with what was typed around the sum."""

DEFAULT_KIND: Final = "objection"


@dataclass(frozen=True, slots=True)
class VocForm:
    """A form as it was submitted. Fields are as typed or picked; None or empty: left open.

    `account_id` is a picked account; `account` the name of one that nobody has logged yet. `consent`: how the quote may
    be used; None: the form did not ask.
    """

    text: str | None
    kind: str | None = None
    theme: str | None = None
    account_id: int | None = None
    account: str | None = None
    competitor: str | None = None
    deal: str | None = None
    quote: str | None = None
    consent: str | None = None


@dataclass(frozen=True, slots=True)
class VocFields:
    """The same, fit to be stored. `theme` is a slug. `kind_by`: who says the kind, as in `voc_items`."""

    text: str
    kind: str
    theme: str | None
    account_id: int | None
    account: str | None
    competitor: str | None
    deal: Money | None
    quote: str | None
    deal_typed: str | None = None
    kind_by: str | None = None
    consent: str | None = None


@dataclass(frozen=True, slots=True)
class DealTyped:
    """A deal's size; `typed` is how it was typed, where that says more than the sum."""

    size: Money
    typed: str | None = None

    @property
    def shown(self) -> str:
        """As it stands in the form: what was typed, else the sum."""
        return self.typed or self.size.typed()


def check_form(form: VocForm, *, currency: str, deal_before: DealTyped | None = None) -> VocFields:
    """The fields, cleaned. `currency` is the workspace's; `deal_before` stays when its text was left as it was.

    Raises FieldProblems with every field that cannot be saved: `text`, `kind`, `theme`, `account`, `competitor`,
    `deal`, `quote`.
    """
    problems: dict[str, TandemError] = {}
    text = _clean(form.text, "text", QUICK_LINE_LIMIT, problems)
    if text is None and "text" not in problems:
        problems["text"] = VocFieldWrong("no_text")
    kind = form.kind or DEFAULT_KIND
    if kind not in VOC_KINDS:
        problems["kind"] = VocFieldWrong("unknown_kind")
    theme = slugify_theme(form.theme) if form.theme else None
    if form.theme and theme is None:
        problems["theme"] = VocFieldWrong("no_theme")
    deal = _deal(form.deal, currency, deal_before, problems)
    fields = VocFields(
        text=text or "",
        kind=kind,
        theme=theme,
        account_id=form.account_id,
        account=_name(form.account, "account", "@＠", problems),
        competitor=_name(form.competitor, "competitor", "!！", problems),
        deal=deal.size if deal else None,
        deal_typed=deal.typed if deal else None,
        quote=check_quote(form.quote, problems),
        consent=check_consent(form.consent, problems),
    )
    if problems:
        raise FieldProblems(problems)
    return fields


def check_quote(typed: str | None, problems: dict[str, TandemError]) -> str | None:
    """A quote without the quotation marks around it; what is wrong with it goes to `problems`."""
    quote = _clean(typed, "quote", QUICK_LINE_LIMIT, problems)
    for marks in ('""', "“”", "„“", "„”", "«»"):
        if quote and len(quote) > 2 and quote[0] == marks[0] and quote[-1] == marks[1]:
            inner = quote[1:-1].strip()
            return inner if inner and not any(mark in inner for mark in marks) else quote
    return quote


def check_consent(picked: str | None, problems: dict[str, TandemError]) -> str | None:
    """How a quote may be used, one of CONSENTS; None where nothing was picked."""
    if picked is not None and picked not in CONSENTS:
        problems["consent"] = VocFieldWrong("unknown_consent")
        return None
    return picked


def _clean(raw: str | None, field: str, limit: int, problems: dict[str, TandemError]) -> str | None:
    try:
        return clean_text(raw or "", limit=limit)
    except TextEmpty:
        return None
    except TextTooLong as error:
        problems[field] = error
        return None


def _name(raw: str | None, field: str, marks: str, problems: dict[str, TandemError]) -> str | None:
    """A name without the mark, and the quotation marks behind it, that it has in a line: `@"Initech Systems"`."""
    name = _clean(raw, field, NAME_LIMIT, problems)
    bare = without_quotes(name.lstrip(marks).strip()) if name and name[0] in marks else name
    return bare or None


def _deal(
    typed: str | None, currency: str, before: DealTyped | None, problems: dict[str, TandemError]
) -> DealTyped | None:
    """A deal size; here, unlike in a line, a bare number is one too, in the workspace's currency."""
    text = " ".join((typed or "").split())
    if not text:
        return None
    if before is not None and text in (before.shown, before.size.typed()):
        return before
    size = _size(text, currency)
    if size is not None:
        return deal_of(size)
    problems["deal"] = DealUnread(currency)
    return None


def read_deal(typed: str | None, currency: str, problems: dict[str, TandemError], *, field: str) -> Money | None:
    """A sum as a form takes it; what is wrong with it goes to `problems` under `field`."""
    found: dict[str, TandemError] = {}
    deal = _deal(typed, currency, None, found)
    if found:
        problems[field] = found["deal"]
    return deal.size if deal is not None else None


def deal_of(size: DealSize) -> DealTyped:
    typed = " ".join(size.typed.split())
    return DealTyped(Money.of(size.amount, size.currency), typed if size.more and len(typed) <= DEAL_LIMIT else None)


def _size(text: str, currency: str) -> DealSize | None:
    for attempt in (text, f"{text} {currency}"):
        found = read_amount(plain(attempt), 0, currency=currency)
        if found is not None and found.end == len(attempt) and found.size is not None:
            return found.size
    return None
