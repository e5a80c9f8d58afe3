"""What a CRM says came of a lead, in the words that CRMs have for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from domain.leads.ended import LOST_REASONS
from domain.outcomes.crm import CrmWord
from domain.text import key_words
from handlers.intake.payloads import part_of, text_of
from handlers.intake.reading import read_lead
from handlers.intake.views import BadBody

LONGEST_NOTE: Final = 300
_NUMBER: Final = re.compile(r"\d{1,15}\.\d+(E\d{1,2})?", re.ASCII)
"""As Salesforce writes an amount: "48000.0", "1.25E7"."""

_KINDS: Final = {
    "tried": ("tried", "attempted", "attempted to contact", "no answer", "working attempted"),
    "contacted": ("contacted", "connected", "reached", "working contacted"),
    "qualified": ("qualified", "opportunity", "converted", "closed converted", "open deal"),
    "won": ("won", "closed won", "customer"),
    "lost": ("lost", "closed lost"),
}
"""Not here: “unqualified” and its like. Sales gives such a lead back, which asks for a reason that no CRM tells."""

_NAMES: Final = frozenset({"name", "first_name", "last_name"})
_REASONS: Final = {**{name: name for name in LOST_REASONS}, **{title: name for name, title in LOST_REASONS.items()}}


def _joined(text: str) -> str:
    return "".join(key_words(text))


_KIND_OF: Final = {_joined(word): kind for kind, words in _KINDS.items() for word in words}
_REASON_OF: Final = {_joined(word): name for word, name in _REASONS.items()}


def outcome_kind(word: Any) -> str | None:
    """What a stage or status means for a lead, one of CRM_KINDS: "Closed Won", "closedwon" and "CLOSED_WON" are one."""
    return _KIND_OF.get(_joined(text_of(word, 80)))


def lost_reason(words: str) -> str | None:
    """The reason for a loss that the words name; "other" for words of the CRM's own, None for none."""
    return _REASON_OF.get(_joined(words)) or ("other" if words else None)


def word_in(document: Any) -> CrmWord | None:
    """The word about a lead in a body that has an `outcome` at its top or in its `data`; None: it says something else.

    A form may ask for an outcome, too, and whoever calls people for us tells with a new lead that they reached it: no
    answer costs a lead. So what names a person is no word about a try or a contact. Raises BadBody where nothing says
    about whom.
    """
    told = next((one for one in (document, part_of(document, "data")) if _kind(one) is not None), None)
    kind = _kind(told)
    if told is None or kind is None:
        return None
    record, email, named = _whom(told)
    if named and kind in ("tried", "contacted"):
        return None
    if record is None and email is None:
        raise BadBody({"id": "is missing: send the id that the lead was sent with, or its e-mail address"})
    amount, currency = amount_of(told.get("amount")), text_of(told.get("currency"), 10)
    reason, note = text_of(told.get("reason"), LONGEST_NOTE), text_of(told.get("note"), LONGEST_NOTE)
    return CrmWord(
        kind,
        (record,) if record is not None else (),
        email,
        amount=f"{amount} {currency}".strip() if amount else None,
        reason=lost_reason(reason),
        competitor=text_of(told.get("competitor"), 80) or None,
        note=(note or (reason if lost_reason(reason) == "other" else "")) or None,
    )


def amount_of(value: Any) -> str:
    """A sum as a person would type it: a point in a number is never one between thousands."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:.2f}"
    text = text_of(value, 60)
    return f"{float(text):.2f}" if _NUMBER.fullmatch(text) else text


def _kind(document: Any) -> str | None:
    return outcome_kind(document.get("outcome")) if isinstance(document, Mapping) else None


def _whom(told: Mapping[str, Any]) -> tuple[str | None, str | None, bool]:
    """The id and the address of a lead, as they are read where a lead is sent; and whether it has a name, too."""
    try:
        found = read_lead(told)
    except BadBody:
        return None, None, False
    return found.id, text_of(found.values.get("email")) or None, not _NAMES.isdisjoint(found.values)
