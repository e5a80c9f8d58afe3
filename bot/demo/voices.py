"""What customers said to Harbourline's reps: the lines as they typed them after `/voc`, over six weeks.

A line's time is a day of its week (0 is Monday) and a wall time in London; weeks count back from the demo's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Said:
    """A line that `by` logged `weeks` weeks before the demo's (0: in it), on `day` at `time`."""

    weeks: int
    day: int
    time: str
    by: str
    line: str


PAST: Final = (
    # Five weeks ago: price and the long way to the first dock.
    Said(5, 0, "10:40", "tomasz", "Says we are dear for a single warehouse. #pricing @Halden Paper 18k EUR"),
    Said(5, 1, "15:05", "ben", "pain: gate clerk still re-types every booking into a spreadsheet @Summit Outdoor"),
    Said(5, 2, "11:20", "jonas", "question: do they need new hardware at the gate, or is a tablet enough? #hardware"),
    Said(
        5,
        2,
        "17:10",
        "priya",
        '"I have been burned by a six month rollout before, I am not doing that to my team again" '
        "#rollout-time @Tallis & Grove $64k",
    ),
    Said(5, 3, "14:30", "marcus", "Wants a monthly price, no annual commitment #pricing @Apex Tile Supply $22k"),
    Said(5, 4, "09:50", "aylin", "gap: no Turkish in the driver app, half their drivers would not use it #driver-app"),
    Said(5, 4, "16:00", "daniela", "praise: arrival slots cut their queue at the gate from two hours to 25 minutes"),
    # Four weeks ago.
    Said(
        4, 0, "09:55", "ingrid", "Cold chain alarms look bolted on next to Portique #cold-chain @Nordvik Seafood $55k"
    ),
    Said(
        4,
        1,
        "10:15",
        "tomasz",
        "They run SAP ECC, not S/4, and our connector page only talks about S/4 #sap-integration @Kessler Maschinenbau "
        "120k EUR",
    ),
    Said(4, 1, "19:40", "ben", "pain: carriers call the dock office all day to ask where to park @Marlowe Beverages"),
    Said(4, 2, "13:05", "priya", 'question: "who owns the slot data if a 3PL books for us?" @Brightwater Foods'),
    Said(4, 3, "15:20", "marcus", "lost: went with OmniHaul, price only, 30% under us #pricing @Castellan Motors $90k"),
    Said(4, 3, "17:45", "carla", "competitor: OmniHaul gives the first year away when the TMS renewal is on the table"),
    Said(4, 4, "11:30", "jonas", "Reseller asks why he should learn a second pricing model for two docks #pricing"),
    # Three weeks ago: rollout and data residency begin to show.
    Said(
        3,
        0,
        "11:05",
        "priya",
        'IT wants it in writing where data sits. "Frankfurt or nothing, our works council will ask" '
        "#data-residency @Kessler Maschinenbau 120k EUR",
    ),
    Said(3, 1, "10:10", "ingrid", "Twelve weeks to go live is two peak seasons too late for fish #rollout-time"),
    Said(
        3, 1, "16:25", "daniela", "gap: no way to book a slot by WhatsApp, that is how their carriers work #driver-app"
    ),
    Said(3, 2, "09:30", "tomasz", "praise: the pilot dock team asked for the second site themselves @Vantaa Timber"),
    Said(3, 2, "15:50", "ben", "Needs their own carriers' scorecard, CSV export is not enough #reporting $35k"),
    Said(3, 3, "12:15", "aylin", "Customer feels locked in: what happens to history when they leave? #data-export"),
    Said(
        3,
        4,
        "14:40",
        "marcus",
        '"Your demo was lovely. Now show me it handling 400 trucks before 6am." #scale @Pacific Crest Produce $140k',
    ),
    Said(3, 4, "17:00", "priya", "pain: nobody trusts the ETA, so they staff every shift for the worst case"),
    # Two weeks ago.
    Said(2, 0, "10:20", "tomasz", "Second SAP shop in a month that asks for ECC #sap-integration @Dunmore Steel £75k"),
    Said(2, 0, "16:30", "marcus", "CFO wants payback under 9 months or it waits for next budget #pricing $58k"),
    Said(
        2,
        1,
        "09:45",
        "ingrid",
        "Lanebright quoted per truck, ours per dock, they cannot compare #pricing @Lindqvist Home",
    ),
    Said(
        2,
        1,
        "18:10",
        "daniela",
        'gap: audit trail of who moved a slot. "When a load of vaccines waits I need a name, not a system user" '
        "@Bellamy Pharma",
    ),
    Said(
        2,
        2,
        "11:55",
        "priya",
        "Rollout plan shows 10 weeks, they heard 4 from Lanebright #rollout-time @Tallis & Grove $64k",
    ),
    Said(2, 2, "15:15", "jonas", "praise: first referral closed in 19 days, the reseller wants to do two more"),
    Said(2, 3, "10:35", "ben", "competitor: Portique now bundles yard cameras, showed it live at the fair"),
    Said(2, 3, "14:20", "aylin", "Works council must agree before drivers are tracked at all #data-residency"),
    Said(2, 4, "13:00", "tomasz", "question: can two sister companies share docks but not see each other's loads?"),
    # Last week, which the digests of the demo's Monday tell: prices, ECC, rollout.
    Said(
        1,
        0,
        "10:05",
        "priya",
        '"Lanebright is a third cheaper and nobody here can tell me why you are not" vs Lanebright #pricing '
        "@Brightwater Foods $85k",
    ),
    Said(
        1, 0, "15:40", "tomasz", "No ECC connector, no project, says the IT lead #sap-integration @Dunmore Steel £75k"
    ),
    Said(
        1,
        1,
        "09:35",
        "ingrid",
        "Will not sign before they see a site live in under 6 weeks #rollout-time @Lindqvist Home $48k",
    ),
    Said(
        1, 1, "14:15", "marcus", "Per dock pricing punishes them for seasonal docks, 3 of 11 stand empty #pricing $58k"
    ),
    Said(1, 1, "17:20", "daniela", "pain: pays detention every week and cannot prove a single hour of it"),
    Said(
        1,
        2,
        "10:50",
        "tomasz",
        '"Call me when it talks to ECC. We migrate in 2028 if I am lucky and retired if I am not." #sap-integration '
        "@Kessler Maschinenbau 120k EUR",
    ),
    Said(
        1,
        2,
        "15:25",
        "ben",
        "Procurement benchmarked us against OmniHaul, we look 20% over #pricing @Marlowe Beverages $72k",
    ),
    Said(
        1, 2, "16:45", "priya", "praise: dock lead at Brightwater Foods told their Spanish site to call us, unprompted"
    ),
    Said(
        1,
        3,
        "09:40",
        "jonas",
        "Partner wants the ECC story before he puts us in a tender #sap-integration @Halden Paper",
    ),
    Said(
        1,
        3,
        "11:10",
        "ingrid",
        "Asks for proof that data stays in the EU, backups included #data-residency @Nordvik Seafood $55k",
    ),
    Said(
        1,
        3,
        "15:30",
        "marcus",
        "gap: no offline mode, the gate has no signal when it rains #driver-app @Apex Tile Supply",
    ),
    Said(
        1,
        3,
        "18:00",
        "carla",
        "Discount request number four this month, always the same: cheaper next door #pricing $31k",
    ),
    Said(
        1,
        4,
        "10:25",
        "aylin",
        "question: is there a price list a reseller may show, or only ours with a call? #pricing",
    ),
    Said(
        1,
        4,
        "14:50",
        "priya",
        "Their last rollout took 14 months, wants named people in the contract #rollout-time @Tallis & Grove $64k",
    ),
)

THIS_WEEK: Final = (
    Said(
        0,
        0,
        "14:40",
        "marcus",
        "lost: stayed with spreadsheets, budget frozen until spring #pricing @Castellan Motors $90k",
    ),
    Said(
        0,
        0,
        "15:05",
        "tomasz",
        "Asked about ECC in the first minute of the call #sap-integration @Vantaa Timber 60k EUR",
    ),
    Said(0, 1, "09:12", "ingrid", "praise: loved that slots move by themselves when a ferry is late @Nordvik Seafood"),
)
"""What was logged on the Monday and Tuesday before the page is opened."""

AHEAD: Final = (
    Said(
        0, 1, "15:20", "ben", "Cheaper to hire a second gate clerk, says the site manager #pricing @Summit Outdoor $27k"
    ),
    Said(0, 1, "17:05", "priya", "pain: one late ferry and the whole Tuesday plan is fiction @Nordvik Seafood"),
    Said(
        0, 2, "09:40", "tomasz", "Legal asks who our subprocessors are, all of them #data-residency @Dunmore Steel £75k"
    ),
    Said(
        0,
        2,
        "11:30",
        "ingrid",
        '"If the tablets die at minus 25 the rest of your demo does not matter" #hardware @Nordvik Seafood $55k',
    ),
    Said(
        0,
        2,
        "16:10",
        "marcus",
        "Wants a cap: what does it cost in their worst month? #pricing @Pacific Crest Produce $140k",
    ),
    Said(0, 2, "19:15", "daniela", "gap: slots in Spanish on the kiosk, not only in the app #driver-app"),
    Said(
        0,
        3,
        "10:05",
        "priya",
        "Data in Frankfurt is fine, support staff abroad is not #data-residency @Tallis & Grove $64k",
    ),
    Said(
        0, 3, "13:45", "jonas", "Tender needs a certified ECC interface by March #sap-integration @Halden Paper 40k EUR"
    ),
    Said(0, 3, "18:30", "ben", "competitor: Lanebright promises four weeks, reference customer says eleven"),
    Said(
        0,
        4,
        "09:25",
        "tomasz",
        '"I do not need it cheaper. I need my CFO to stop asking." #pricing @Kessler Maschinenbau 120k EUR',
    ),
    Said(0, 4, "11:50", "aylin", "question: can a reseller see only the docks he sold?"),
    Said(
        0,
        4,
        "16:20",
        "marcus",
        "praise: turned 31 trucks an hour on the pilot dock, record for the site @Apex Tile Supply",
    ),
)
"""What the reps will log in the rest of the week, when time is skipped ahead."""
