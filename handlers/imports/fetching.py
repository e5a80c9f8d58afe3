"""The bytes of a file that somebody gave Tandem in a form of Slack's.

https://docs.slack.dev/reference/objects/file-object says how a file is fetched: by its private address, with the bot's
token. Where Tandem may not read files, that address answers 200 all the same, with the page where people sign in.
"""

from __future__ import annotations

from typing import Any, Final, Literal
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError

from domain.csv_tables import LARGEST_FILE
from handlers.failed_calls import error_name
from handlers.jobs import Tools

GONE: Final = ("file_not_found", "file_deleted", "no_such_file")
HIDDEN: Final = ("missing_scope", "not_allowed_token_type", "access_denied", "no_permission", "not_visible")
SECONDS: Final = 60
_PAGES: Final = (b"<!doctype html", b"<html")


class CannotFetch(Exception):
    """The file is not to be had, and no other try can help.

    `why`: "scope" where Tandem may not read files; "page" where Slack sent a web page instead, or the file is one;
    "gone" where Slack has it no more; "too_large" where it is larger than any file that Tandem reads.
    """

    def __init__(self, why: Literal["scope", "page", "gone", "too_large"]) -> None:
        super().__init__(why)
        self.why = why


async def fetch_file(tools: Tools, file: str) -> bytes:
    """The bytes of a file, by its id. Raises CannotFetch; whatever else goes wrong may be tried again.

    The address is asked of Slack, not taken from the form: of a file of another company's workspace the form tells
    only the id, and the bot's token goes to no address but Slack's.
    """
    try:
        told = await tools.client.files_info(file=file)
    except SlackApiError as error:
        name = error_name(error)
        if name in GONE:
            raise CannotFetch("gone") from None
        if name in HIDDEN:
            raise CannotFetch("scope") from None
        raise
    described: dict[str, Any] = told.get("file") or {}
    size = described.get("size")
    if isinstance(size, int) and size > LARGEST_FILE:
        raise CannotFetch("too_large")
    address = str(described.get("url_private_download") or described.get("url_private") or "")
    if described.get("mode") == "tombstone" or not _is_slacks(address, tools.client.base_url):
        raise CannotFetch("gone")
    try:
        return await _download(tools, address)
    except CannotFetch as error:
        if error.why in ("page", "scope"):
            await tools.client.auth_test()  # whose token has ended meanwhile tries again with the next one
        raise


async def _download(tools: Tools, address: str) -> bytes:
    # aiohttp leaves the token out where it is sent on to another host.
    headers = {"Authorization": f"Bearer {tools.client.token}"}
    timeout = aiohttp.ClientTimeout(total=SECONDS)
    async with tools.http.get(address, headers=headers, timeout=timeout, max_redirects=3) as answer:
        if answer.status in (404, 410):
            raise CannotFetch("gone")
        if answer.status in (401, 403):
            raise CannotFetch("scope")
        answer.raise_for_status()
        data = b""
        async for chunk in answer.content.iter_chunked(64 * 1024):
            data += chunk
            if len(data) > LARGEST_FILE:
                raise CannotFetch("too_large")
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:20].lower().startswith(_PAGES):
        raise CannotFetch("page")
    return data


def _is_slacks(address: str, api: str) -> bool:
    """Whether an address is one of Slack's: below slack.com, or where its Web API is, and as safe as that."""
    try:
        parts = urlsplit(address)
        there = (parts.hostname or "").casefold()
    except ValueError:
        return False
    if (parts.scheme, parts.netloc) == urlsplit(api)[:2]:
        return True
    return parts.scheme == "https" and (there == "slack.com" or there.endswith(".slack.com"))
