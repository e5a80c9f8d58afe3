"""What a system that posts to us reads back: JSON, with a reason for every refusal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse

from domain.leads.arrival import Received


class BadBody(Exception):
    """The body cannot be taken; `problems` has a reason for each field ("" is the body as a whole)."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("bad body")
        self.problems = dict(problems)


def accepted(received: Received) -> dict[str, Any]:
    """The answer that is kept for a redelivery: `added` is news, written on a lead that there was."""
    status = "accepted" if received.new else "added" if received.news else "duplicate"
    return {"lead_id": received.lead_id, "status": status}


def answer(kept: Mapping[str, Any]) -> JSONResponse:
    """202 for what was taken in, 200 for what we had; the same bytes each time, however it was kept."""
    body = {"lead_id": kept["lead_id"], "status": kept["status"]}
    return JSONResponse(body, status_code=200 if kept["status"] == "duplicate" else 202)


def refusal(status: int, error: str, problems: Mapping[str, str] | None = None) -> JSONResponse:
    """Why nothing was stored."""
    body: dict[str, Any] = {"error": error}
    if problems:
        body["problems"] = [{"field": field or "body", "reason": reason} for field, reason in problems.items()]
    return JSONResponse(body, status_code=status)
