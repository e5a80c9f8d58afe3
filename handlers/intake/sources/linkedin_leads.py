"""LinkedIn's lead forms: LinkedIn names a response, and a job asks for it, together with its form.

Source: learn.microsoft.com/linkedin/marketing, "Lead Sync", "Lead Sync schema" and "Webhook validation". Nothing signed
says when: a response that is told of again is known by its name and what became of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from starlette.responses import JSONResponse, Response

from domain.errors import FieldProblems
from domain.leads.arriving import NewLead
from domain.persons.gone import PersonGone
from domain.voc.heard import Fetch
from handlers.intake.adapter import Adapter, Delivery, Ignored, Kept, Sender
from handlers.intake.asking import Asking, LeadFetch
from handlers.intake.generic import lead_key, lead_of, object_in, short
from handlers.intake.payloads import is_yes, list_of, part_of, text_of
from handlers.intake.signatures import doubt_given, hex_hmac
from handlers.intake.views import BadBody
from handlers.jobs import Impossible

ENDPOINT: Final = "https://api.linkedin.com/rest/leadFormResponses"
VERSION: Final = "202605"
FIELDS: Final = (
    "owner,leadType,versionedLeadGenFormUrn,id,submittedAt,testLead,formResponse,"
    "form:(hiddenFields,creationLocale,name,id,content)"
)
RESPONSE: Final = "urn:li:leadGenFormResponse:"
LONGEST_WORD: Final = 200


def doubt_signature(delivery: Delivery, secret: str, _now: datetime) -> str | None:
    """`X-LI-Signature`: the hex HMAC of the word `hmacsha256=` and the body's bytes; the header has no such word."""
    given = delivery.headers.get("x-li-signature", "")
    return doubt_given(given, hex_hmac(secret, b"hmacsha256=", delivery.body))


def read_notice(delivery: Delivery, sender: Sender) -> list[Fetch | PersonGone | Ignored]:
    """The response to ask for, or whose response was deleted: LinkedIn restores none, so the person is erased.

    Raises BadBody.
    """
    document = object_in(delivery)
    kind, action = text_of(document.get("type")), text_of(document.get("leadAction")).upper()
    name = text_of(document.get("leadGenFormResponse"))
    if kind and kind != "LEAD_ACTION":
        return [Ignored(f"{text_of(kind, 60)}: no lead")]
    if not name.startswith(RESPONSE) or name == RESPONSE:
        raise BadBody({"leadGenFormResponse": "is missing: the payload is of no webhook of LinkedIn’s"})
    if action not in ("CREATED", "DELETED"):
        return [Ignored(f"{text_of(action, 60) or 'nothing'}: no lead")]
    key = short(f"linkedin:{name}:{action}")
    if action == "DELETED":
        return [PersonGone("erasure", (short(f"submission:{name.removeprefix(RESPONSE)}"),), key=key)]
    return [Fetch(key, LeadFetch(sender.id, name.removeprefix(RESPONSE), key))]


async def ask_response(asking: Asking, wanted: LeadFetch, sender: Sender) -> NewLead | Ignored:
    """The response, its answers under the questions of its form. Raises Impossible, Retry, OSError."""
    versions = {"LinkedIn-Version": VERSION, "X-Restli-Protocol-Version": "2.0.0"}
    told = await asking.get(f"{ENDPOINT}/{quote(wanted.number, safe='')}", {"fields": FIELDS}, versions)
    if told.status == 404:
        raise Impossible(f"LinkedIn knows no response {wanted.number}, or does not show it to the access token")
    if told.status == 426:
        raise Impossible(f"LinkedIn no longer answers the version {VERSION} of its API: Tandem needs an update")
    if told.status != 200:
        raise ConnectionError(f"LinkedIn: http {told.status}")
    if is_yes(told.body.get("testLead")):
        return Ignored("a test of LinkedIn’s", test=True)
    form = part_of(told.body, "form")
    answers = _answers(told.body, form)
    hidden = {text_of(one.get("name")): one.get("value") for one in list_of(form, "hiddenFields")}
    said = {"form_name": text_of(form.get("name")), "answers": answers, "hidden": hidden}
    sent = {
        "form": text_of(form.get("name")),
        "answers": [{"question": one["question"], "answer": one["value"]} for one in answers],
        "hidden": hidden,
        **{one: told.body[one] for one in ("id", "leadType", "submittedAt", "owner") if one in told.body},
    }
    try:
        return lead_of(said, sent, sender, known_as=f"submission:{wanted.number}", key=None)
    except (BadBody, FieldProblems):
        raise Impossible(f"nothing in the response {wanted.number} of LinkedIn’s says who it is") from None


def _answers(response: Mapping[str, Any], form: Mapping[str, Any]) -> list[dict[str, Any]]:
    questions = {text_of(one.get("questionId")): one for one in list_of(part_of(form, "content"), "questions")}
    found = []
    for answer in list_of(part_of(response, "formResponse"), "answers"):
        number = text_of(answer.get("questionId"))
        question = questions.get(number, {})
        words = _localized(question.get("question")) or text_of(question.get("name")) or f"Question {number}"
        value = _value(part_of(answer, "answerDetails"), question)
        found.append({"label": text_of(question.get("predefinedField")) or words, "question": words, "value": value})
    return found


def _value(details: Mapping[str, Any], question: Mapping[str, Any]) -> Any:
    """The text that was written, or the labels of what was picked: the answer has their ids."""
    written = part_of(details, "textQuestionAnswer").get("answer")
    if written is not None:
        return written
    picked = part_of(details, "multipleChoiceAnswer").get("options")
    options = list_of(part_of(part_of(question, "questionDetails"), "multipleChoiceQuestionDetails"), "options")
    labels = {text_of(one.get("id")): _localized(one.get("text")) or text_of(one.get("label")) for one in options}
    numbers = [text_of(one) for one in picked] if isinstance(picked, list) else []
    return ", ".join(labels.get(one) or one for one in numbers) or None


def _localized(words: Any) -> str:
    """A text that LinkedIn has in one language or in several: the first."""
    return next((text for one in part_of(words, "localized").values() if (text := text_of(one))), "")


def heard(_results: Sequence[Kept | Ignored]) -> Response:
    """LinkedIn tells of the same again after anything but 200."""
    return JSONResponse({})


def answer_check(query: Mapping[str, str], sender: Sender) -> Response | None:
    """LinkedIn checks an address every two hours: its word comes back, signed."""
    word = query.get("challengeCode", "")
    if not word or len(word) > LONGEST_WORD or not word.isascii():
        return None
    return JSONResponse({"challengeCode": word, "challengeResponse": hex_hmac(sender.secret, word.encode())})


ADAPTER = Adapter(
    title="LinkedIn: lead forms",
    how="Make the webhook’s subscription by LinkedIn’s API, after you pasted into this source’s screen your app’s "
    "client secret: LinkedIn checks the address with it. Give it an access token that may read leads, too.",
    verify=doubt_signature,
    read=read_notice,
    delivery_key=lead_key,
    answer=heard,
    challenge=answer_check,
    secret_of="LinkedIn",  # noqa: S106  # a name
    key_of="LinkedIn",
    ask=ask_response,
)
