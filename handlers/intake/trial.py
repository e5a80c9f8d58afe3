"""A test lead, as a source's own system would post it: read by the source's own door, and stored nowhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from domain.errors import FieldProblems
from domain.leads.arriving import NewLead
from domain.leads.mapping import SourceMapping
from handlers.intake.adapter import Adapter, Delivery, Ignored, Sender
from handlers.intake.generic import lead_in
from handlers.intake.views import BadBody

PERSON: Final[Mapping[str, str]] = {
    "name": "Tess Ting",
    "first_name": "Tess",
    "last_name": "Ting",
    "email": "tess.ting@example.com",
    "company": "Test Company of Tandem",
    "asked": "A test",
}
"""Who is made up. The address is one that can be nobody's (RFC 2606)."""


def read_trial(adapter: Adapter, sender: Sender) -> NewLead | Ignored:
    """The test lead as the source reads it, or why there is none. Raises BadBody, FieldProblems."""
    if adapter.example is None:
        document = _with_mapped({one: PERSON[one] for one in ("name", "email", "company", "asked")}, sender.mapping)
        # Of those who tell only an id, this is what they tell when they are asked.
        if adapter.ask is not None:
            return lead_in(document, sender)
    else:
        document = adapter.example(PERSON)
    text = document if isinstance(document, str) else json.dumps(document)
    kind = "text/xml" if isinstance(document, str) else "application/json"
    found = adapter.read(Delivery(text.encode(), {"content-type": kind}), sender)
    one = next(iter(found), None)
    return one if isinstance(one, NewLead | Ignored) else Ignored("no lead")


def could_not_read(error: BadBody | FieldProblems) -> str:
    """The fields that stood in the way."""
    return ", ".join(field or "the body" for field in error.problems)


def _with_mapped(document: dict[str, Any], mapping: SourceMapping | None) -> dict[str, Any]:
    """The document with a value where each field is picked: one that has a label, else what the person would say."""
    for name, path in (mapping.fields if mapping is not None else {}).items():
        labels = mapping.labels.get(name, {}) if mapping is not None else {}
        value = next(iter(labels), PERSON.get(name))
        inner = document
        for step in path[:-1]:
            further = inner.setdefault(step, {})
            if not isinstance(further, dict):
                break
            inner = further
        else:
            if value is not None:
                inner[path[-1]] = value
    return document
