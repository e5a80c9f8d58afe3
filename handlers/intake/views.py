"""What a system that posts to us may send, and what it reads back: JSON with a reason for every refusal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from starlette.responses import JSONResponse

DEEPEST: Final = 8
MOST_FIELDS: Final = 200

WORDS: Final = {
    "missing": "is required",
    "string_type": "must be a text",
    "string_unicode": "is not valid text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "less_than_equal": "must be at most 100",
    "greater_than_equal": "must be at least 0",
    "list_type": "must be a list",
    "too_long": "has too many entries",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
}


def _as_text(value: Any) -> Any:
    """A number where a text is wanted, as many systems send ids and phone numbers."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _as_touch(value: Any) -> Any:
    return {"what": value} if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_as_text)]


class PostedTouch(BaseModel):
    """Something marketing did: a text, or an object with `what` and `at`."""

    model_config = ConfigDict(extra="ignore")

    what: str
    at: Text | None = None


class PostedLead(BaseModel):
    """The body of `POST /intake/{source}`. Unknown fields are ignored; texts are cleaned and measured later."""

    model_config = ConfigDict(extra="ignore")

    id: Text | None = Field(None, validation_alias=AliasChoices("id", "lead_id", "external_id"))
    name: Text | None = None
    first_name: Text | None = None
    last_name: Text | None = None
    email: str | None = None
    phone: Text | None = None
    company: Text | None = Field(None, validation_alias=AliasChoices("company", "account"))
    asked: Text | None = Field(None, validation_alias=AliasChoices("asked", "message", "asked_for"))
    score: int | None = Field(None, ge=0, le=100)
    tier: Text | None = None
    team: Text | None = Field(None, validation_alias=AliasChoices("team", "region"))
    touches: list[Annotated[PostedTouch, BeforeValidator(_as_touch)]] = Field(default_factory=list, max_length=100)

    @property
    def full_name(self) -> str | None:
        return self.name or " ".join(part for part in (self.first_name, self.last_name) if part) or None

    def texts(self) -> dict[str, str | None]:
        """The fields that are plain texts, by the lead's names for them."""
        return {
            "name": self.full_name,
            "email": self.email,
            "phone": self.phone,
            "company": self.company,
            "asked": self.asked,
            "tier": self.tier,
            "team": self.team,
        }


class BadBody(Exception):
    """The body cannot be taken; `problems` has a reason for each field ("" is the body as a whole)."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("bad body")
        self.problems = dict(problems)


def parse_lead(document: Any) -> PostedLead:
    """The lead in a parsed body: a flat object, or Standard Webhooks' envelope with it under `data`.

    Raises BadBody for anything else, for wrong types, and for a body that is too deep or has too many fields.
    """
    _check_shape(document)
    if not isinstance(document, dict):
        raise BadBody({"": "must be a JSON object"})
    inner = document.get("data")
    fields = inner if isinstance(inner, dict) and "type" in document else document
    try:
        return PostedLead.model_validate(fields)
    except ValidationError as error:
        raise BadBody(
            {
                ".".join(str(part) for part in problem["loc"]): WORDS.get(problem["type"], problem["msg"])
                for problem in error.errors(include_url=False, include_input=False)
            }
        ) from error


def _check_shape(document: Any) -> None:
    """Walk without recursion: a bomb of brackets must not reach the stack."""
    fields, todo = 0, [(document, 1)]
    while todo:
        node, depth = todo.pop()
        if not isinstance(node, dict | list):
            continue
        fields += len(node)
        if depth > DEEPEST:
            raise BadBody({"": f"is nested deeper than {DEEPEST} levels"})
        if fields > MOST_FIELDS * 5 or (isinstance(node, dict) and len(node) > MOST_FIELDS):
            raise BadBody({"": f"has more than {MOST_FIELDS} fields"})
        todo += [(inner, depth + 1) for inner in (node.values() if isinstance(node, dict) else node)]


def accepted(lead_id: int, *, new: bool) -> dict[str, Any]:
    """The answer that is kept for a redelivery."""
    return {"lead_id": lead_id, "status": "accepted" if new else "duplicate"}


def answer(kept: Mapping[str, Any]) -> JSONResponse:
    """202 for a lead that was taken in, 200 for one that we had; the same bytes each time, however it was kept."""
    body = {"lead_id": kept["lead_id"], "status": kept["status"]}
    return JSONResponse(body, status_code=202 if kept["status"] == "accepted" else 200)


def refusal(status: int, error: str, problems: Mapping[str, str] | None = None) -> JSONResponse:
    """Why nothing was stored."""
    body: dict[str, Any] = {"error": error}
    if problems:
        body["problems"] = [{"field": field or "body", "reason": reason} for field, reason in problems.items()]
    return JSONResponse(body, status_code=status)
