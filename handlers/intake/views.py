"""What a system that posts to us reads back: JSON, with a reason for every refusal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse


class BadBody(Exception):
    """The body cannot be taken; `problems` has a reason for each field ("" is the body as a whole)."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("bad body")
        self.problems = dict(problems)


class Within(Exception):
    """The cause of an error: the `document` was read, and nothing in it says who it is. An admin may know where."""

    def __init__(self, document: Any) -> None:
        super().__init__("within a document")
        self.document = document


def refusal(status: int, error: str, problems: Mapping[str, str] | None = None) -> JSONResponse:
    """Why nothing was stored."""
    body: dict[str, Any] = {"error": error}
    if problems:
        body["problems"] = [{"field": field or "body", "reason": reason} for field, reason in problems.items()]
    return JSONResponse(body, status_code=status)
