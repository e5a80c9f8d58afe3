"""What a CRM says came of a lead, in the words that CRMs have for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from domain.leads.ended import LOST_REASONS
from domain.outcomes.crm import CrmWord
from domain.text import key_words
from handlers.intake.payloads import part_of, text_of
from handlers.intake.reading import read_lead
from handlers.intake.views import BadBody

LONGEST_NOTE: Final = 300

_KINDS: Final = {
    "tried": ("tried", "attempted", "attempted to contact", "no answer", "working attempted"),
    "contacted": ("contacted", "connected", "reached", "working contacted"),
    "qualified": ("qualified", "opportunity", "converted", "closed converted", "open deal", "sql"),
    "won": ("won", "closed won", "customer"),
    "lost": ("lost", "closed lost", "unqualified", "closed not converted", "disqualified"),
}
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

    A form may ask for an outcome, too, and no answer of it costs a lead. Raises BadBody where nothing says about whom.
    """
    told = next((one for one in (document, part_of(document, "data")) if _kind(one) is not None), None)
    kind = _kind(told)
    if told is None or kind is None:
        return None
    record, email = _whom(told)
    if record is None and email is None:
        raise BadBody({"id": "is missing: send the id that the lead was sent with, or its e-mail address"})
    amount, currency = text_of(told.get("amount"), 60), text_of(told.get("currency"), 10)
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


def _kind(document: Any) -> str | None:
    return outcome_kind(document.get("outcome")) if isinstance(document, Mapping) else None


def _whom(told: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The id and the address of a lead, as they are read where a lead is sent."""
    try:
        found = read_lead(told)
    except BadBody:
        return None, None
    return found.id, text_of(found.values.get("email")) or None
