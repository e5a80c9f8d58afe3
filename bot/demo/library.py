"""What Harbourline's marketing made: content with its figures, personas that changed, answers to themes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of content. `figures`: (views, leads, influenced wins) a week, the oldest first; the last is the demo's.

    None in place of a week: it was not out yet.
    """

    title: str
    path: str
    kind: str
    persona: str
    theme: str
    figures: tuple[tuple[int, int, int] | None, ...]

    @property
    def url(self) -> str:
        return f"https://www.harbourline.example/{self.path}"


PIECES: Final = (
    Piece(
        "What a late truck really costs",
        "guides/late-truck",
        "guide",
        "Site Manager Sam",
        "pricing",
        ((410, 6, 0), (438, 7, 1), (455, 6, 0), (502, 9, 1), (611, 11, 1), (902, 19, 2), (870, 17, 1)),
    ),
    Piece(
        "Payback calculator: docks, trucks, detention",
        "tools/payback",
        "tool",
        "CFO Carmen",
        "pricing",
        (None, None, (120, 4, 0), (233, 9, 0), (241, 8, 1), (318, 14, 2), (402, 18, 2)),
    ),
    Piece(
        "Go live in six weeks: how Vantaa Timber did it",
        "stories/vantaa-timber",
        "case study",
        "Site Manager Sam",
        "rollout-time",
        (None, None, None, None, (388, 9, 0), (540, 12, 1), (365, 9, 2)),
    ),
    Piece(
        "Webinar: the gate without the queue",
        "webinars/gate-without-queue",
        "webinar",
        "Site Manager Sam",
        "rollout-time",
        ((95, 11, 0), (60, 5, 1), (52, 3, 0), (350, 22, 0), (180, 10, 1), (77, 4, 1), (61, 3, 0)),
    ),
    Piece(
        "Connecting SAP: what works today",
        "docs/sap",
        "documentation",
        "IT Lead Ilse",
        "sap-integration",
        ((130, 0, 0), (142, 1, 0), (171, 1, 0), (205, 2, 0), (260, 3, 0), (349, 2, 0), (377, 4, 0)),
    ),
    Piece(
        "Harbourline and Lanebright side by side",
        "compare/lanebright",
        "comparison",
        "CFO Carmen",
        "pricing",
        ((88, 3, 0), (92, 2, 1), (101, 3, 0), (97, 2, 0), (160, 5, 0), (214, 8, 1), (190, 7, 1)),
    ),
    Piece(
        "Where your data lives: hosting and backups",
        "security/hosting",
        "documentation",
        "IT Lead Ilse",
        "data-residency",
        ((55, 0, 0), (49, 0, 0), (84, 1, 0), (118, 1, 0), (121, 1, 0), (133, 2, 1), (158, 2, 0)),
    ),
    Piece(
        "Yard of the month: Nordvik Seafood at minus 20",
        "blog/nordvik",
        "blog post",
        "Site Manager Sam",
        "cold-chain",
        ((720, 2, 0), (512, 1, 0), (300, 1, 0), (240, 0, 0), (190, 1, 0), (96, 0, 0), (81, 0, 0)),
    ),
    Piece(
        "Dock scheduling buyer’s checklist (PDF)",
        "guides/checklist",
        "guide",
        "CFO Carmen",
        "pricing",
        ((260, 12, 1), (255, 11, 0), (248, 12, 1), (230, 10, 1), (228, 10, 0), (221, 9, 0), (232, 10, 1)),
    ),
)
"""Seven weeks of figures: six that are past, and the demo's own, which marketing imports when it is over."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """A persona as it was first written, and how it changed: new fields and why, by `by`, last week."""

    name: str
    first: Mapping[str, str]
    changed: Mapping[str, str]
    why: str
    by: str


PORTRAITS: Final = (
    Portrait(
        "Site Manager Sam",
        {
            "role": "Runs one warehouse or plant; owns the dock plan and the overtime budget.",
            "goals": "No queue at the gate at 6 in the morning. Home on time once a week.",
            "pains": "Carriers who come when they like. Staffing every shift for the worst case.",
            "objections": "“We tried a system, the drivers ignored it.”",
            "message": "Your dock plan survives the first late truck.",
        },
        {
            "objections": "“We tried a system, the drivers ignored it.” “I am not doing a six month rollout again.”",
            "message": "Live in six weeks, and your dock plan survives the first late truck.",
        },
        "Four calls in two weeks where rollout time killed the next meeting",
        "sofia",
    ),
    Portrait(
        "CFO Carmen",
        {
            "role": "Finance lead of a group with 5 to 40 sites; signs above $50k.",
            "goals": "Payback inside one budget year. Costs she can predict.",
            "pains": "Detention fees nobody can prove. Software priced by things she cannot count.",
            "objections": "“Lanebright is cheaper.”",
            "message": "Every waiting hour has a price, and now a receipt.",
        },
        {
            "pains": "Detention fees nobody can prove. Seasonal docks she pays for while they stand empty.",
            "objections": "“Lanebright is a third cheaper and nobody can tell me why you are not.”",
        },
        "Pricing came up five times last week, always as a comparison and never as a sum",
        "sofia",
    ),
    Portrait(
        "IT Lead Ilse",
        {
            "role": "Keeps SAP and forty interfaces alive with a team of three.",
            "goals": "Nothing that needs her at the weekend.",
            "pains": "Vendors who say “API” and mean a CSV by mail.",
            "objections": "“Where does the data sit, and who can see it?”",
            "message": "One connector, documented, hosted in Frankfurt.",
        },
        {},
        "",
        "theo",
    ),
)


@dataclass(frozen=True, slots=True)
class Reply:
    """Marketing's approved answer to a theme, given by `by` `weeks` weeks before the demo's, on `day` at `time`.

    `audience`: "safe", it may be sent to customers, or "internal".
    """

    theme: str
    words: str
    by: str
    weeks: int
    day: int
    time: str
    audience: str = "internal"


REPLIES: Final = (
    Reply(
        "rollout-time",
        "Vantaa Timber was live in six weeks with two of our people on site. Offer the six week plan with named "
        "people in the contract; send the case study before the call, not after.",
        "sofia",
        1,
        3,
        "11:30",
        "safe",
    ),
    Reply(
        "pricing",
        "Don’t defend the price, do the sum: open the payback calculator with their detention fees. Seasonal docks "
        "can be paused for three months a year at no cost; that is new and Lanebright can’t.",
        "sofia",
        1,
        4,
        "10:00",
    ),
    Reply(
        "data-residency",
        "All data and all backups are in Frankfurt. The subprocessor list is on the hosting page; legal answers "
        "questions within a day.",
        "theo",
        3,
        2,
        "15:00",
        "safe",
    ),
)

REPLY_AHEAD: Final = Reply(
    "sap-integration",
    "The ECC connector is in pilot with Kessler from January. Until then: ECC 6.0 works by IDoc through our gateway, "
    "two days of set-up, price included. Say “pilot”, don’t promise a date.",
    "theo",
    0,
    3,
    "15:30",
)
"""What marketing will answer later in the demo's week."""


@dataclass(frozen=True, slots=True)
class Work:
    """What marketing does about a theme, said by `by` `weeks` weeks before the demo's, on `day` at `time`.

    `owned`: they look after the theme from then on.
    """

    theme: str
    by: str
    weeks: int
    day: int
    time: str
    status: str
    note: str
    owned: bool = True


WORK: Final = (
    Work("data-residency", "theo", 3, 2, "15:10", "shipped", "The hosting page names all subprocessors."),
    Work("driver-app", "theo", 3, 4, "11:00", "planned", "Offline mode and Turkish come in the spring release."),
    Work("data-export", "theo", 2, 1, "09:30", "looking", "Legal writes down what happens to history.", owned=False),
    Work("hardware", "sofia", 2, 3, "14:00", "wont_do", "A tablet is enough: we do not sell hardware.", owned=False),
    Work("rollout-time", "sofia", 1, 3, "11:40", "shipped", "The six week plan names people, and dates."),
    Work("pricing", "sofia", 1, 4, "10:10", "planned", "Pauses for seasonal docks go into the price list in January."),
    Work("sap-integration", "theo", 1, 4, "16:20", "looking", "Product is asked what we may say of ECC.", owned=False),
)
"""By the time the page is opened; nobody looks after the theme that rises."""
