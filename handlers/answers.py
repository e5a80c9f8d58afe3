"""What a listener can answer: a receipt only that person sees, a modal, field errors, options, or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from storage.frozen import Shape

Block = dict[str, Any]
View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Nothing:
    """The click is taken; what changed shows elsewhere."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A message that only the person who acted sees. `text` is its plain form, for notifications.

    `replace`: take the place of the ephemeral message that was clicked. Receipts are never the sole copy.
    `rest`: where to read what does not fit into one message.
    `refusal`: it says why nothing happened, so it must be seen: from a Home, which takes no receipts, as a modal.
    """

    text: str
    blocks: Sequence[Block] = ()
    replace: bool = False
    refusal: bool = False
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Remove:
    """Take away the ephemeral message that was clicked."""


@dataclass(frozen=True, slots=True)
class OpenModal:
    """Open a modal. `otherwise`: what the person reads when Slack does not let us in time."""

    view: View
    otherwise: str = "Slack did not open the form in time. Nothing is lost: please try again."
    push: bool = False


@dataclass(frozen=True, slots=True)
class UpdateModal:
    """Show another view in the modal that was clicked or submitted."""

    view: View


@dataclass(frozen=True, slots=True)
class CloseModal:
    """The submission is saved; the whole modal closes. `receipt` goes to where the form was opened from."""

    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class FieldErrors:
    """The submission cannot be saved: a sentence for each block id. What was typed stays in the form."""

    errors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Options:
    """What an external select offers: (label, value) pairs."""

    options: Sequence[tuple[str, str]] = field(default_factory=tuple)


Answer = Nothing | Receipt | Remove | OpenModal | UpdateModal | CloseModal | FieldErrors | Options

NOTHING = Nothing()


@dataclass(frozen=True, slots=True)
class KeptReceipt:
    """What a redelivery needs of a receipt."""

    text: str
    blocks: list[Block] = field(default_factory=list)
    replace: bool = False


_RECEIPT: Final[Shape[KeptReceipt]] = Shape("receipt", KeptReceipt)


def to_stored(answer: Answer) -> dict[str, Any] | None:
    """What is kept of an answer for a redelivery. Modals are not: their trigger served once."""
    if isinstance(answer, Receipt):
        return {"receipt": _RECEIPT.write(KeptReceipt(answer.text, list(answer.blocks), answer.replace))}
    if isinstance(answer, FieldErrors):
        return {"errors": dict(answer.errors)}
    if isinstance(answer, CloseModal):
        return {"close": to_stored(answer.receipt) if answer.receipt else None}
    return None


def from_stored(stored: Any) -> Answer:
    """The inverse of `to_stored`; what was not kept is answered with nothing."""
    if not isinstance(stored, dict):
        return NOTHING
    if "receipt" in stored:
        kept = _RECEIPT.read(stored["receipt"])
        return Receipt(kept.text, kept.blocks, kept.replace)
    if "errors" in stored:
        return FieldErrors(stored["errors"])
    if "close" in stored:
        receipt = from_stored(stored["close"])
        return CloseModal(receipt if isinstance(receipt, Receipt) else None)
    return NOTHING
