"""The CRMs that can be written to: which records are theirs, and what the steps of a lead are called there at first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

STATES: Final = ("new", "claimed", "contacted", "qualified", "nurture", "won", "lost", "declined")
"""The states of a lead that a CRM may have a status for, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Crm:
    """A CRM. `record`: what an id looks like there; `statuses`: by the lead's states, as a new account has them.

    `field`: what the status is called there. `own_address`: each company has its own, with an id of a client.
    """

    name: str
    field: str
    record: re.Pattern[str]
    statuses: Mapping[str, str]
    own_address: bool = False


# Source: knowledge.hubspot.com, "Lead status": the options are NEW, OPEN, IN_PROGRESS, OPEN_DEAL, UNQUALIFIED,
# ATTEMPTED_TO_CONTACT, CONNECTED and BAD_TIMING.
_HUBSPOT: Final = Crm(
    "HubSpot",
    "hs_lead_status",
    re.compile(r"[0-9]{1,20}"),
    MappingProxyType(
        {
            "new": "NEW",
            "claimed": "IN_PROGRESS",
            "contacted": "CONNECTED",
            "qualified": "OPEN_DEAL",
            "nurture": "BAD_TIMING",
            "lost": "UNQUALIFIED",
        }
    ),
)
# A lead's id begins with 00Q. Converting is not a matter of the status, so nothing stands for qualified and won.
_SALESFORCE: Final = Crm(
    "Salesforce",
    "Status",
    re.compile(r"00Q[0-9A-Za-z]{12}(?:[0-9A-Za-z]{3})?"),
    MappingProxyType(
        {
            "new": "Open - Not Contacted",
            "claimed": "Open - Not Contacted",
            "contacted": "Working - Contacted",
            "lost": "Closed - Not Converted",
        }
    ),
    own_address=True,
)

CRMS: Final[Mapping[str, Crm]] = MappingProxyType(
    {"hubspot": _HUBSPOT, "hubspot_workflow": _HUBSPOT, "salesforce": _SALESFORCE}
)
"""By the kind of source."""

RECORD: Final = "record:"


def record_of(auth: str, external_id: str | None) -> str | None:
    """The id in the CRM behind a source's name for a lead; None where it is no id of a record that can be written."""
    crm = CRMS.get(auth)
    if crm is None or external_id is None or not external_id.startswith(RECORD):
        return None
    number = external_id.removeprefix(RECORD)
    return number if crm.record.fullmatch(number) else None
