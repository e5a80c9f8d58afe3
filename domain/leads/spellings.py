"""How other systems spell the fields of a lead: one table, for whoever reads what Tandem did not name itself.

A spelling is compared as `spelled` writes it: `First Name`, `first_name`, `your-first-name*` become `firstname` and
`yourfirstname`. Where several fields of one lead are filled, the first of the list wins: a work address before another.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from domain.text import compare_key

_NUMBERED: Final = re.compile(r"^q\d+[_-]")
_NOT_OF_A_NAME: Final = re.compile(r"[\W_]+")
_ASIDE: Final = re.compile(r"\([^()]*\)\s*[*:]?\s*$")

_WRITTEN: Final = {
    "name": (
        "fullname name contactname leadname personname customername yourname yourfullname displayname clientname "
        "nombrecompleto nombre nom naam nome vollername"
    ),
    "first_name": "firstname fname givenname forename namefirst yourfirstname contactfirstname vorname prenom voornaam",
    "last_name": (
        "lastname lname surname familyname namelast yourlastname contactlastname nachname nomdefamille achternaam "
        "apellido apellidos cognome sobrenome"
    ),
    "email": (
        "workemail businessemail emailwork email emailaddress mail mailaddress contactemail youremail "
        "youremailaddress leademail personemail customeremail useremail emailid epost correo correoelectronico "
        "emails clientemail courriel adresseemail emailadresse emailadres personalemail companyemail"
    ),
    "phone": (
        "workphone businessphone phone phonenumber mobile mobilephone mobilenumber mobilephonenumber cell "
        "cellphone telephone telephonenumber tel phonefull contactphone contactnumber phones phonenumbers "
        "clientphone yourphone yourtel whatsapp telefon telefonnummer handy telefono telefoon telefone telefoonnummer "
        "numerodetelephone workdirectphone companyphone corporatephone"
    ),
    "company": (
        "companyname company organization organisation organizationname organisationname org account accountname "
        "business businessname employer yourcompany companyorganization companyorganisation firm firma unternehmen "
        "entreprise societe empresa bedrijf azienda associatedcompany companyaccount"
    ),
    "job_title": (
        "jobtitle jobrole jobposition position yourtitle yourposition designation role funktion poste fonction "
        "functie ruolo"
    ),
    "asked": (
        "asked askedfor message yourmessage messagetext contactmessage leadmessage comments comment inquiry enquiry "
        "yourinquiry question questions request howcanwehelp howcanwehelpyou howmaywehelpyou whatdoyouneed "
        "interestedin interest reason purpose subject yoursubject topic notes note description nachricht mensaje "
        "messaggio bericht notizen bemerkung bemerkungen anmerkung anmerkungen kommentar commentaire comentario"
    ),
    "form": "formname formtitle form formlabel conversionname recentconversioneventname offer offername landingpage",
    "score": "score leadscore hubspotscore scoretotal",
    "tier": "tier leadtier sla",
    "team": "team region territory salesteam",
    "touches": "touches touchpoints activities",
    "campaign": "utmcampaign campaignname campaign",
    "campaign_source": "utmsource campaignsource",
    "campaign_medium": "utmmedium campaignmedium",
}

SPELLINGS: Final = {field: tuple(words.split()) for field, words in _WRITTEN.items()}
"""The spellings of each field, the best first."""

IDS: Final = {
    "": ("leadid", "externalid", "id"),
    "submission": ("submissionid", "responseid", "entryid", "submissiontoken"),
    "record": ("recordid", "contactid", "vid", "sfid"),
    "event": ("eventid", "messageid"),
}
"""What a sender may call a lead by, by the kind of the id: 7 of one kind is another lead than 7 of another kind."""

BARE: Final = frozenset({"id", "name"})
"""Words that name whatever object they stand in: the person, or the form around the person."""

OTHER_THINGS: Final = frozenset(
    [
        "form",
        "page",
        "app",
        "application",
        "library",
        "device",
        "os",
        "network",
        "screen",
        "meta",
        "metadata",
        "schema",
        "integration",
        "integrations",
        "site",
        "website",
        "campaign",
        "calculated",
        "variables",
        "settings",
        "owner",
        "hubspotowner",
        "agent",
        "rep",
        "salesrep",
        "assignee",
        "assignedto",
        "createdby",
        "updatedby",
        "creator",
        "product",
        "workflow",
        "source",
        "definition",
        "ending",
        "recipient",
    ]
)
"""Objects that stand beside the person: their `name` and `email` are not the lead's."""

WRAPPERS: Final = frozenset(
    [
        "data",
        "fields",
        "properties",
        "formresponse",
        "contact",
        "lead",
        "payload",
        "person",
        "customer",
        "user",
        "traits",
        "submission",
        "response",
        "responses",
        "answers",
        "attributes",
        "record",
        "body",
        "entry",
        "values",
        "rawrequest",
        "formdata",
        "result",
        "object",
        "params",
        "context",
    ]
)
"""Objects within which the person may stand."""

SECRETS: Final = frozenset(
    [
        "secret",
        "secretkey",
        "clientsecret",
        "apikey",
        "apitoken",
        "token",
        "accesstoken",
        "authtoken",
        "password",
        "passwd",
        "pwd",
        "authorization",
        "signature",
        "googlekey",
        "sessionid",
        "handshakekey",
        "webhooksecret",
        "sharedsecret",
    ]
)
"""Fields whose values are never kept."""

UNSTEADY: Final = frozenset(
    [
        "time",
        "date",
        "timestamp",
        "at",
        "id",
        "ids",
        "uuid",
        "guid",
        "attempt",
        "attemptnumber",
        "retry",
        "retrycount",
        "ip",
        "agent",
        "url",
        "uri",
        "nonce",
        "version",
        "hash",
        "cookie",
        "referrer",
        "token",
        "honeypot",
        "captcha",
    ]
)
"""Last words of fields that may differ each time the same is sent: no part of what somebody said."""

_NOT_SAID: Final = frozenset(
    [
        "",
        "n-a",
        "not-provided",
        "not-available",
        "not-applicable",
        "not-specified",
        "undefined",
        "no-company",
        "keine-angabe",
        "k-a",
    ]
)
_NOT_SAID_AS_A_WHOLE: Final = frozenset(["none", "null", "unknown", "unbekannt", "0"])
"""Somebody is called Null: these say nothing only where they are all that is said."""

_NO_NAMES_OF_THINGS: Final = frozenset(["na", "nan", "nil"])
"""Somebody is called Nan; no company and no job is."""


def says_nothing(field: str, text: str) -> bool:
    """Whether a form had to be filled in, and the text is what stands there then: `n/a`, `-`, `[not provided]`."""
    key = compare_key(text[:40])
    if key in _NO_NAMES_OF_THINGS:
        return field not in ("name", "first_name", "last_name")
    return key in _NOT_SAID or (key in _NOT_SAID_AS_A_WHOLE and field not in ("first_name", "last_name"))


_WORDS: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


def is_unsteady(name: str) -> bool:
    """Whether the field holds something else each time, such as `createdAt` or `client_ip`."""
    words = _WORDS.findall(name[:200])
    return bool(words) and words[-1].casefold() in UNSTEADY


def spelled(word: str) -> str:
    """The word as it is compared: without case, accents, spaces and punctuation; `q3_email` is `email`."""
    plain = unicodedata.normalize("NFKD", _NUMBERED.sub("", _ASIDE.sub("", word[:200])))
    return _NOT_OF_A_NAME.sub("", "".join(char for char in plain if not unicodedata.combining(char))).casefold()


FIELDS: Final = {word: (field, rank) for field, words in SPELLINGS.items() for rank, word in enumerate(words)}
"""The field of a spelling, and how good the spelling is (0 is the best)."""

ID_KINDS: Final = {word: (kind, rank) for kind, words in IDS.items() for rank, word in enumerate(words)}
