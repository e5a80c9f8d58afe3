"""Who works at Harbourline, and where they talk: an invented maker of software for freight and loading docks.

What they may do and which team they are in stands in company.toml, as their admin would write it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

COMPANY: Final = "Harbourline"
HOME_ZONE: Final = "Europe/London"
"""The zone of the headquarters, by which the story's times are told."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the workspace: `name` is what others type after the @."""

    name: str
    real_name: str
    title: str
    tz: str
    admin: bool = False


PEOPLE: Final = (
    Person("priya", "Priya Nair", "Account Executive, EMEA", "Europe/London"),
    Person("tomasz", "Tomasz Zieliński", "Account Executive, EMEA", "Europe/Warsaw"),
    Person("ingrid", "Ingrid Solheim", "Account Executive, EMEA", "Europe/Oslo"),
    Person("fiona", "Fiona Gallagher", "Head of Sales, EMEA", "Europe/Dublin"),
    Person("marcus", "Marcus Boyd", "Account Executive, Americas", "America/New_York"),
    Person("daniela", "Daniela Rojas", "Account Executive, Americas", "America/Bogota"),
    Person("ben", "Ben Okafor", "Account Executive, Americas", "America/Chicago"),
    Person("carla", "Carla Mendes", "VP Sales, Americas", "America/New_York"),
    Person("jonas", "Jonas Richter", "Partner Manager", "Europe/Berlin"),
    Person("aylin", "Aylin Demir", "Partner Manager", "Europe/Istanbul"),
    Person("henrik", "Henrik Lund", "Head of Partnerships", "Europe/Copenhagen"),
    Person("sofia", "Sofia Marchetti", "Product Marketing Lead", "Europe/Rome"),
    Person("theo", "Theo Lambert", "Content Marketing", "Europe/Paris"),
    Person("ruth", "Ruth Abara", "Revenue Operations", "Europe/London", admin=True),
)
"""The first one is who looks at the page when it is opened: a rep with leads to work on."""

VIEWER: Final = PEOPLE[0].name


@dataclass(frozen=True, slots=True)
class Room:
    """A channel; `members` None: everybody."""

    name: str
    topic: str
    members: tuple[str, ...] | None = None
    bot: bool = True


SALES: Final = (
    "priya",
    "tomasz",
    "ingrid",
    "fiona",
    "marcus",
    "daniela",
    "ben",
    "carla",
    "jonas",
    "aylin",
    "henrik",
)
MARKETING: Final = ("sofia", "theo")

ROOMS: Final = (
    Room(
        "#leads-emea",
        "Hot: 10 minutes. Warm: 2 hours. Mon to Fri, 8:30 to 17:30 London",
        ("priya", "tomasz", "ingrid", "fiona", "sofia", "ruth"),
    ),
    Room("#sales", "What works, what doesn’t, what marketing made for us", (*SALES, *MARKETING, "ruth")),
    Room("#general", "News and small talk", None, bot=False),
    Room(
        "#leads-americas",
        "Mon to Fri, 8:30 to 18:00 New York",
        ("marcus", "daniela", "ben", "carla", "sofia", "ruth"),
    ),
    Room("#leads-partners", "Referrals and resellers", ("jonas", "aylin", "henrik", "sofia", "ruth")),
    Room("#marketing", "Plans, drafts, numbers", (*MARKETING, "fiona", "henrik", "ruth")),
)
