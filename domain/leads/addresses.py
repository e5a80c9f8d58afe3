"""E-mail addresses as people and systems write them: read generously, kept as they were written, compared exactly."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

_ANGLED: Final = re.compile(
    r"^(?P<name>[^<>]*)<(?:mailto:)?(?P<email>[^<>|]*@[^<>|]*)(?:\|[^<>]*)?>[\s.,;]*$", re.IGNORECASE
)
_SEPARATED: Final = re.compile(r"[,;\s]+")
_QUOTED: Final = re.compile(r'^"[^"]*"@')


_WITHOUT_DOTS: Final = frozenset({"gmail.com", "googlemail.com"})
_WITH_PLUS: Final = _WITHOUT_DOTS | {
    *("outlook.com", "hotmail.com", "live.com", "msn.com", "outlook.de", "hotmail.de", "outlook.fr", "hotmail.fr"),
    *("hotmail.co.uk", "live.co.uk", "icloud.com", "me.com", "mac.com", "proton.me", "protonmail.com", "pm.me"),
    "fastmail.com",
}
"""Providers of free mail, by what they do with an address. Migration 0063 did the same with what was stored."""


_NOTHING: Final = ("none", "no", "na", "nomail", "noemail", "no-email", "unknown", "test", "null", "nobody", "abc", "a")
NOBODYS: Final = frozenset(
    [
        *(f"{word}@{word}.{ending}" for word in _NOTHING for ending in ("com", "de", "net", "org")),
        *(f"{word}@{domain}" for word in _NOTHING[:7] for domain in ("email.com", "mail.com")),
    ]
)
"""What is typed where an address has to stand: `none@none.com` of two people makes them no one person."""


@dataclass(frozen=True, slots=True)
class Address:
    """An e-mail address as it was written; `name`: whose, where that stood beside it; `more`: others followed."""

    email: str
    name: str | None = None
    more: bool = False


def read_address(text: str) -> Address | None:
    """The first address in the text; None where nothing has an @ with something on both sides.

    Nothing else is asked of it: domains without a dot, of any script, and quoted names all reach somebody.
    """
    written = text.strip()
    name = None
    if found := _ANGLED.match(written):
        name, written = found["name"].strip().strip("\"'").strip() or None, found["email"].strip()
    if written.casefold().startswith("mailto:"):
        written = unquote(written[7:].partition("?")[0]).strip()
    if _QUOTED.match(written):
        return Address(written, name)
    parts = [part.strip("<>()[]\"'") for part in _SEPARATED.split(written)]
    addresses = [part for part in parts if _is_address(part)]
    if len(addresses) > 1:
        return Address(addresses[0], name, more=True)
    if len(addresses) == 1 and len(parts) > 1 and name is None:
        # "Lee Wong lee@northwind.com", "lee@northwind.com (work)"
        return Address(addresses[0])
    return Address(written, name) if _is_address(written) else None


def address_key(email: str) -> str:
    """The address as it is compared: without case, a final dot, or the way in which a domain of any script is coded."""
    local, _, domain = unicodedata.normalize("NFKC", email).casefold().rpartition("@")
    domain = domain.strip().rstrip(".")
    try:
        domain = domain.encode("ascii").decode("idna")
    except UnicodeError:
        with suppress(UnicodeError):
            domain = domain.encode("idna").decode("idna")
    return f"{local.strip()}@{domain}"


def mailbox_key(email: str) -> str:
    """What names the mailbox that an address reaches, as its provider means it: `address_key`, and where the provider
    leads them to the same mailbox without what follows a plus, and without dots.

    What follows a plus may be a mailbox of its own in a company's own domain, and stays there. Sources: the help pages
    of the providers, "Dots don't matter in Gmail addresses" and "plus addressing" (Outlook, iCloud, Proton, Fastmail).
    """
    local, _, domain = address_key(email).rpartition("@")
    if domain in _WITH_PLUS:
        local = local.partition("+")[0] or local
    if domain in _WITHOUT_DOTS:
        local, domain = local.replace(".", "") or local, "gmail.com"
    return f"{local}@{domain}"


def _is_address(text: str) -> bool:
    local, at, domain = text.rpartition("@")
    return bool(at and local.strip() and domain.strip())
