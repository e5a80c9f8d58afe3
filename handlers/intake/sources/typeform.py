"""Typeform's responses: each answer under its question, as the form's definition has them.

Source: typeform.com/developers/webhooks, "Example payload" and "Secure your webhooks". An unfinished form is no lead:
the finished one comes under the same token.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from domain.leads.arriving import NewLead
from handlers.intake.adapter import Adapter, Delivery, Ignored, Sender
from handlers.intake.generic import lead_key, lead_of, object_in
from handlers.intake.payloads import list_of, part_of, text_of
from handlers.intake.reading import names_field
from handlers.intake.signatures import base64_hmac, doubt_given
from handlers.intake.views import BadBody

OWN_FIELDS: Final = {"email": "email", "phone_number": "phone"}
"""Types of answers that say by themselves which field of a lead they are."""

_PIPED: Final = re.compile(r"\{\{\s*(?:answer|field)[_:]([\w-]+)\s*\}\}")
_OTHER_PIPED: Final = re.compile(r"\{\{[^{}]*\}\}")


def doubt_signature(delivery: Delivery, secret: str, _now: datetime) -> str | None:
    """`Typeform-Signature: sha256=` and the HMAC of the body's bytes in base64."""
    return doubt_given(delivery.headers.get("typeform-signature", ""), "sha256=" + base64_hmac(secret, delivery.body))


def read_response(delivery: Delivery, sender: Sender) -> list[NewLead | Ignored]:
    """The lead in a finished form. Raises BadBody, FieldProblems."""
    document = object_in(delivery)
    event, response = text_of(document.get("event_type")), part_of(document, "form_response")
    if event == "form_response_partial":
        return [Ignored("an unfinished form: the finished one is the lead")]
    if event and event != "form_response":
        return [Ignored(f"{event}: no finished form")]
    if not response:
        raise BadBody({"form_response": "is missing: the payload is of no webhook of Typeform’s"})
    definition = part_of(response, "definition")
    answers = _answers(response, definition)
    form = _plain(text_of(definition.get("title")), {})
    said = {"form_name": form, "answers": answers, "hidden": part_of(response, "hidden"), **_score(response)}
    sent = {
        "form": form,
        "answers": [{"question": one["question"], "answer": one["value"]} for one in answers],
        "hidden": part_of(response, "hidden"),
        "variables": _variables(response),
        "submitted_at": response.get("submitted_at"),
    }
    token, event_id = text_of(response.get("token")), text_of(document.get("event_id"))
    return [
        lead_of(
            said,
            sent,
            sender,
            known_as=f"submission:{token}" if token else None,
            key=f"typeform:{event_id}" if event_id else None,
        )
    ]


def _answers(response: Mapping[str, Any], definition: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The answers with their questions. The first long text is what was asked, where no question says so of another."""
    given = [(one, part_of(one, "field"), _value(one)) for one in list_of(response, "answers")]
    given = [one for one in given if one[2] not in (None, "")]
    named = {text_of(about.get(name)): text_of(value) for _, about, value in given for name in ("id", "ref")}
    questions = {text_of(one.get("id")): _plain(text_of(one.get("title")), named) for one in _questions(definition)}
    found: list[dict[str, Any]] = []
    for answer, about, value in given:
        ref = text_of(about.get("ref"))
        question = questions.get(text_of(about.get("id"))) or ref or text_of(about.get("type"))
        label = OWN_FIELDS.get(text_of(answer.get("type")), question)
        found.append({"label": label, "question": question, "ref": ref, "value": value})
    if not any("asked" in (names_field(one["question"]), names_field(one["ref"])) for one in found):
        free = (one for one, (_, about, _) in zip(found, given, strict=True) if about.get("type") == "long_text")
        for one in list(free)[:1]:
            one["label"] = "message"
    return found


def _questions(definition: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """All questions, those of groups and of contact details, too."""
    for one in list_of(definition, "fields"):
        yield one
        yield from list_of(part_of(one, "properties"), "fields")


def _value(answer: Mapping[str, Any]) -> Any:
    """What was answered, which stands under the answer's type: a label instead of a choice's id. None: nothing."""
    value = answer.get(text_of(answer.get("type")))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, Mapping):
        return value if isinstance(value, str | int | float) else None
    labels = value.get("labels")
    picked = labels if isinstance(labels, list) else [value.get("label")]
    texts = [text for one in (*picked, value.get("other")) if (text := text_of(one))]
    return ", ".join(texts) or None


def _plain(title: str, named: Mapping[str, str]) -> str:
    """The title with what it quotes of other answers: `{{field:id}}` or `{{answer_id}}`; others are left out."""
    quoted = _PIPED.sub(lambda found: named.get(found[1], ""), title)
    return " ".join(_OTHER_PIPED.sub("", quoted).split())


def _variables(response: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for one in list_of(response, "variables")
        if (name := text_of(one.get("key"))) and (value := one.get(text_of(one.get("type")))) is not None
    }


def _score(response: Mapping[str, Any]) -> dict[str, Any]:
    """The form's score. Typeform sends 0 for a form that has none."""
    score = part_of(response, "calculated").get("score")
    return {"score": score} if score else {}


def example(person: Mapping[str, str]) -> Any:
    """A finished form."""
    fields = [{"id": name, "title": name.replace("_", " "), "type": "short_text"} for name in person if name != "name"]
    answers = [
        {"type": kind, kind: person[field["id"]], "field": field}
        for field in fields
        for kind in ("email" if field["id"] == "email" else "text",)
    ]
    form = {"token": "test", "definition": {"title": "Test", "fields": fields}, "answers": answers}
    return {"event_type": "form_response", "event_id": "test", "form_response": form}


ADAPTER = Adapter(
    title="Typeform",
    how="In Typeform: Connect → Webhooks → the address, then Edit → Secret → the secret.",
    verify=doubt_signature,
    read=read_response,
    delivery_key=lead_key,
    example=example,
)
