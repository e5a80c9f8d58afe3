"""Salesforce's leads: let in by the client credentials flow, a user by the e-mail address, one update of what changed.

Source: help.salesforce.com, "OAuth 2.0 Client Credentials Flow"; developer.salesforce.com, "REST API", "SOQL and SOSL",
"Status Codes and Error Responses". Everything goes to the My Domain address that the admin gave: an address that an
answer names is not followed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from domain.text import shorten
from domain.writeback.crms import CRMS
from handlers.setup.write_back_calling import Answer, Away, Gone, Line, NotLetIn, NotTaken, call

VERSION: Final = "v60.0"
LIMIT_RESTS: Final = timedelta(hours=1)
"""The limit of requests is one of the last 24 hours."""

_GONE: Final = frozenset({"NOT_FOUND", "ENTITY_IS_DELETED", "MALFORMED_ID"})
_CONVERTED: Final = "CANNOT_UPDATE_CONVERTED_LEAD"


class Salesforce:
    """One organization, by an access token of some minutes."""

    def __init__(self, line: Line, address: str, token: str) -> None:
        self._line, self._token = line, token
        self._data = f"{address}/services/data/{VERSION}"

    async def owner(self, email: str) -> str | None:
        """The id of the one active user with that address; None where there is none, or there are several.

        Raises Away, NotLetIn.
        """
        named = f"Email = '{soql_text(email)}' AND IsActive = true AND UserType = 'Standard'"
        query = f"SELECT Id FROM User WHERE {named} LIMIT 2"  # noqa: S608  # escaped, and no database of ours
        answer = await call(self._line, "GET", f"{self._data}/query", token=self._token, params={"q": query})
        _raise_alike(answer)
        records = answer.body.get("records") if isinstance(answer.body, Mapping) else None
        if answer.status != 200 or not isinstance(records, Sequence):
            raise Away(f"http_{answer.status}")
        ids = [str(one["Id"]) for one in records if isinstance(one, Mapping) and one.get("Id")]
        return ids[0] if len(ids) == 1 else None

    async def write(self, record: str, owner: str | None, status: str | None) -> None:
        """Set what is given. A lead that was converted stays as it is. Raises Away, NotLetIn, Gone, NotTaken."""
        given = {"OwnerId": owner, CRMS["salesforce"].field: status}
        body = {name: value for name, value in given.items() if value is not None}
        url = f"{self._data}/sobjects/Lead/{record}"
        answer = await call(self._line, "PATCH", url, token=self._token, body=body)
        code = _code(answer)
        if code == _CONVERTED:
            return
        if answer.status == 404 or code in _GONE:
            raise Gone
        if not code.startswith("INSUFFICIENT_ACCESS"):  # that is a matter of this record
            _raise_alike(answer)
        if not 200 <= answer.status < 300:
            raise NotTaken(_said(answer))


async def log_in(line: Line, address: str, client_id: str, secret: str) -> Salesforce:
    """Ask for an access token. Raises Away, NotLetIn."""
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    answer = await call(line, "POST", f"{address}/services/oauth2/token", form=form)
    token = answer.body.get("access_token") if isinstance(answer.body, Mapping) else None
    if answer.status in (400, 401, 403):
        raise NotLetIn("login")
    if answer.status != 200 or not isinstance(token, str) or not token.isascii() or not token.isprintable():
        raise Away(f"http_{answer.status}")
    return Salesforce(line, address, token)


def soql_text(text: str) -> str:
    """The text within the quotes of a query: what would end it, or means something there, is escaped."""
    plain = "".join(char for char in text if char.isprintable())
    return plain.replace("\\", "\\\\").replace("'", "\\'").replace('"', '\\"')


def _raise_alike(answer: Answer) -> None:
    code = _code(answer)
    if code == "REQUEST_LIMIT_EXCEEDED":
        raise Away("limit", LIMIT_RESTS)
    if code == "UNABLE_TO_LOCK_ROW":
        raise Away("locked")
    if answer.status in (401, 403):
        raise NotLetIn(f"http_{answer.status}")


def _error(answer: Answer) -> Mapping[str, Any]:
    body = answer.body
    first = body[0] if isinstance(body, list) and body else None
    return first if isinstance(first, Mapping) else {}


def _code(answer: Answer) -> str:
    return str(_error(answer).get("errorCode", "")) if answer.status >= 400 else ""


def _said(answer: Answer) -> str:
    """Salesforce's words on what was wrong, or the bare status."""
    said = str(_error(answer).get("message", ""))
    return shorten(" ".join(said.split()), 200) or f"http {answer.status}"
