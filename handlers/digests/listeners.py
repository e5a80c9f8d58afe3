"""What arrives about digests: the preview, its buttons, and the settings form."""

from __future__ import annotations

from typing import Any

from digests.audiences import change_audience, load_settings, preview_digest
from domain.people import ADMINS, EVERYONE
from handlers.answers import Answer, OpenModal, UpdateModal
from handlers.arrival import Arrival
from handlers.digests import views
from handlers.listeners import Listeners

listeners = Listeners()


@listeners.command(
    "tandem", "digest", roles=EVERYONE, usage="digest [sales | marketing]", help="Preview the weekly digest"
)
async def on_digest(arrival: Arrival) -> Answer:
    return views.preview(await arrival.look(preview_digest, arrival.text.casefold()))


@listeners.action("digest.preview", roles=EVERYONE)
async def on_switch(arrival: Arrival) -> Answer:
    return views.preview(await arrival.look(preview_digest, arrival.value), replace=True)


@listeners.action("digest.settings", roles=ADMINS)
async def on_settings(arrival: Arrival) -> Answer:
    form = await arrival.look(load_settings, arrival.subject_id)
    return OpenModal(views.settings_form(form, {"response_url": arrival.body.get("response_url")}))


@listeners.action("digest.other", roles=ADMINS)
async def on_other(arrival: Arrival) -> Answer:
    return UpdateModal(views.settings_form(await arrival.look(load_settings, arrival.subject_id), arrival.context))


@listeners.submission("digest.save", roles=ADMINS)
async def on_save(arrival: Arrival) -> Answer:
    remembered = arrival.context
    return await arrival.answer(
        change_audience,
        arrival.remembered_id("audience"),
        channel=arrival.field("channel"),
        weekday=_number(arrival.field("weekday")),
        minute=_minute(arrival.field("time")),
        zone=arrival.field("zone") or "",
        paused=bool(arrival.fields("paused")),
        when_empty=arrival.field("when_empty") or "",
        view=views.changed(remembered),
    )


def _number(typed: Any) -> int:
    return int(typed) if typed is not None and str(typed).isdecimal() else -1


def _minute(picked: str | None) -> int:
    """The minute of the day in "09:30", or -1."""
    hour, _, minute = (picked or "").partition(":")
    return _number(hour) * 60 + _number(minute) if hour.isdecimal() and minute.isdecimal() else -1
