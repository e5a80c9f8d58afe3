"""Reads what a request carries, and no more of it than anybody has reason to send."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request

BODY_LIMIT: Final = 1_000_000
"""The largest body that is taken, in bytes."""


class TooLarge(Exception):
    """The body is larger than any that Slack or a sender has reason to send."""


async def read_body(request: Request) -> bytes:
    """The raw body. Raises TooLarge as soon as it is clear, without reading the rest."""
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:12]) > BODY_LIMIT:
        raise TooLarge
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > BODY_LIMIT:
            raise TooLarge
        chunks.append(chunk)
    return b"".join(chunks)
