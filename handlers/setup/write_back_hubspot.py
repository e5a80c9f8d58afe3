"""HubSpot's contacts: an owner by the e-mail address, then one update of what changed.

Source: developers.hubspot.com, "Owners" and "Contacts" of the CRM API. A private app's access token needs the scopes
crm.objects.contacts.write and crm.objects.owners.read. An owner is set by their `id`, never by the `userId`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from domain.text import shorten
from domain.writeback.crms import CRMS
from handlers.setup.write_back_calling import Answer, Away, Gone, Line, NotLetIn, NotTaken, call

API: Final = "https://api.hubapi.com"


class HubSpot:
    """One account, by its access token."""

    def __init__(self, line: Line, token: str) -> None:
        self._line, self._token = line, token

    async def owner(self, email: str) -> str | None:
        """The id of the owner with that address; None where there is none. Raises Away, NotLetIn."""
        answer = await call(
            self._line, "GET", f"{API}/crm/v3/owners", token=self._token, params={"email": email, "limit": "10"}
        )
        _let_in(answer)
        if answer.status != 200 or not isinstance(answer.body, Mapping):
            raise Away(f"http_{answer.status}")
        found = answer.body.get("results")
        for one in found if isinstance(found, list) else ():
            if str(one.get("email", "")).strip().casefold() == email and not one.get("archived") and one.get("id"):
                return str(one["id"])
        return None

    async def write(self, record: str, owner: str | None, status: str | None) -> None:
        """Set what is given. Raises Away, NotLetIn, Gone, NotTaken."""
        given = {"hubspot_owner_id": owner, CRMS["hubspot"].field: status}
        properties = {name: value for name, value in given.items() if value is not None}
        url = f"{API}/crm/v3/objects/contacts/{record}"
        answer = await call(self._line, "PATCH", url, token=self._token, body={"properties": properties})
        _let_in(answer)
        if answer.status == 404:
            raise Gone
        if not 200 <= answer.status < 300:
            raise NotTaken(_said(answer))


def _let_in(answer: Answer) -> None:
    if answer.status in (401, 403):
        raise NotLetIn(f"http_{answer.status}")


def _said(answer: Answer) -> str:
    """HubSpot's words on what was wrong, or the bare status."""
    said: Any = answer.body.get("message") if isinstance(answer.body, Mapping) else None
    return shorten(" ".join(said.split()), 200) if isinstance(said, str) and said.strip() else f"http {answer.status}"
