"""What arrives about answers that were told: used, helped, didn't help, and what happened."""

from __future__ import annotations

from domain.people import EVERYONE
from domain.voc.verdicts import explain_verdict, give_verdict
from handlers.answers import Answer
from handlers.arrival import Arrival
from handlers.listeners import Listeners
from handlers.news import views

listeners = Listeners()


@listeners.action("news.used", roles=EVERYONE)
async def used(arrival: Arrival) -> Answer:
    return await _judge(arrival, "used")


@listeners.action("news.helped", roles=EVERYONE)
async def helped(arrival: Arrival) -> Answer:
    return await _judge(arrival, "helped")


@listeners.action("news.no_help", roles=EVERYONE)
async def no_help(arrival: Arrival) -> Answer:
    return await _judge(arrival, "no_help")


@listeners.submission(views.WHY_FORM, roles=EVERYONE)
async def explain(arrival: Arrival) -> Answer:
    return await arrival.answer(
        explain_verdict,
        arrival.remembered_id("letter"),
        arrival.remembered_id("place"),
        arrival.field("note") or "",
        view=views.explained,
    )


async def _judge(arrival: Arrival, verdict: str) -> Answer:
    url = arrival.body.get("response_url")
    remembered = {"response_url": url} if url else {}
    place = views.read_place(arrival.value)
    return await arrival.answer(
        give_verdict, arrival.subject_id, place, verdict, view=lambda given: views.judged(given, remembered)
    )
