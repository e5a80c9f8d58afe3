"""What arrives about digests: the preview, its buttons, and the settings form."""

from __future__ import annotations

from digests.audiences import AudienceForm, load_audience, preview_digest, remove_audience, save_audience
from domain.people import ADMINS, EVERYONE
from handlers.answers import Answer, OpenModal, UpdateModal
from handlers.arrival import Arrival
from handlers.digests import views
from handlers.listeners import Listeners
from handlers.setup.digests import digest_form, digests_list
from handlers.setup.growing import picked_value

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
    audience, overview = await arrival.look(load_audience, arrival.subject_id)
    return OpenModal(digest_form(audience, overview, {"response_url": arrival.body.get("response_url")}))


@listeners.submission("digest.save", roles=ADMINS)
async def on_save(arrival: Arrival) -> Answer:
    form = AudienceForm(
        id=arrival.remembered_id("audience"),
        version=arrival.remembered("version"),
        name=arrival.field("name") or "",
        kind=arrival.field("kind") or "",
        team=picked_value(arrival, "team"),
        channel=arrival.field("channel"),
        weekday=arrival.field("weekday") or "",
        time=arrival.field("time") or "",
        zone=arrival.field("zone") or "",
        paused=bool(arrival.fields("paused")),
        when_empty=arrival.field("when_empty") or "",
    )
    return await arrival.answer(save_audience, form, view=views.changed(arrival.context))


@listeners.action("digest.remove", roles=ADMINS)
async def on_remove(arrival: Arrival) -> Answer:
    remembered = arrival.context
    return await arrival.answer(
        remove_audience,
        arrival.subject_id,
        view=lambda saved: UpdateModal(digests_list(saved.overview, remembered, saved)),
    )
