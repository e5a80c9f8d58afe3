"""What a language model is to say of each item, and how much of what it says is believed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, WithJsonSchema

from domain.text import TextEmpty, TextTooLong, clean_text, shorten
from storage.models import VOC_KINDS

REASON_LIMIT: Final = 200
LEAST_CONFIDENCE: Final = 50
"""In hundredths: what a model is less sure of is not proposed."""

_READ_LIMIT: Final = 10_000


class Label(BaseModel):
    """One item's label as the model writes it: `item` is the number of the item in the question."""

    model_config = ConfigDict(allow_inf_nan=False, json_schema_extra={"additionalProperties": False})

    item: int
    theme: str | None
    kind: Annotated[str, WithJsonSchema({"type": "string", "enum": list(VOC_KINDS)})]
    reason: str
    confidence: float


def _usable(labels: Any) -> Any:
    """The labels that can be read: one that cannot takes none of the others with it."""
    if not isinstance(labels, list):
        return labels
    kept = []
    for one in labels:
        try:
            kept.append(Label.model_validate(one))
        except ValidationError:
            continue
    return kept


class Labels(BaseModel):
    """The whole answer."""

    model_config = ConfigDict(json_schema_extra={"additionalProperties": False})

    labels: Annotated[list[Label], BeforeValidator(_usable)]


@dataclass(frozen=True, slots=True)
class Checked:
    """A label that was checked against the workspace. `theme_id` None: no theme; `confidence` in hundredths.

    `kind` None: the model named none that there is. `reason` None: the model said nothing that can be read.
    """

    theme_id: int | None = None
    kind: str | None = None
    reason: str | None = None
    confidence: int | None = None

    def to_json(self) -> dict[str, Any]:
        """As it is kept for the next time."""
        return {"theme": self.theme_id, "kind": self.kind, "reason": self.reason, "confidence": self.confidence}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Checked:
        """The inverse of `to_json`."""
        return cls(kept.get("theme"), kept.get("kind"), kept.get("reason"), kept.get("confidence"))


UNANSWERED: Final = Checked()
"""What is recorded of an item of which the model says nothing that can be used: it is not asked again."""


def check_label(label: Label, offered: Mapping[str, int], reason: str) -> Checked:
    """The label as far as it can be believed. `offered`: the ids of the themes by their names in the question.

    `reason`: the label's, with what was hidden put back in. A theme that was not offered is no theme.
    """
    confidence = round(min(1.0, max(0.0, label.confidence)) * 100)
    named = (label.theme or "").strip().removeprefix("#")
    theme_id = offered.get(named) if confidence >= LEAST_CONFIDENCE else None
    kind = label.kind if label.kind in VOC_KINDS else None
    return Checked(theme_id, kind, _readable(reason), confidence)


def _readable(reason: str) -> str | None:
    """One short line of plain words; None when nothing is left. Whoever shows it escapes it."""
    try:
        return shorten(" ".join(clean_text(reason[:_READ_LIMIT], limit=_READ_LIMIT).split()), REASON_LIMIT)
    except (TextEmpty, TextTooLong):
        return None
