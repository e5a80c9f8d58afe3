"""Ways to break the product, each by the edit of a few words in its source, and what a history must then find wrong.

A mutant that no history finds tells of what the simulation does not look at.
"""

from __future__ import annotations

from typing import Final

from tests.simulation.mutant import Mutant
from tests.simulation.unfair import UNFAIR

# What the courier does twice, or forgets.
_COURIER: Final = (
    Mutant(
        "the look-up is left out",
        "storage.lanes",
        'unsure=head.unsure or head.state == "sending",',
        "unsure=False,",
        ("doubled",),
    ),
    Mutant(
        "one look is enough, however late a post may be stored",
        "bot.courier.courier",
        "elif held.late_until is None or looked.began >= held.late_until:",
        "elif True:",
        ("doubled",),
    ),
    Mutant(
        "a look that fails ends the doubt",
        "storage.lanes",
        "return _put_back(session, held, next_at, held.unsure or unsure, error,",
        "return _put_back(session, held, next_at, unsure, error,",
        ("doubled",),
    ),
    Mutant(
        "an answer without its time is taken for one",
        "bot.courier.errands",
        'return text_in(answer, "ts")',
        'return str(answer["ts"])',
        ("lost", "doubled", "wrong card"),
    ),
    Mutant(
        "the fence of a lane is ignored, and what has ended may be put back",
        "storage.lanes",
        '    return _STILL_HELD.all(session, {"lane": held.lane_id, "held_fence": held.fence})\n',
        "    ours = update(Delivery).where(Delivery.id == held.id)\n"
        '    session.execute(ours.values(state="sending", finished_at=None))\n'
        "    return list(session.execute(select(Lane.free_at).where(Lane.id == held.lane_id)).all())\n",
        ("doubled",),
    ),
    Mutant(
        "the fence of a lane is ignored",
        "storage.lanes",
        '.where(Lane.id == bindparam("lane"), Lane.fence == bindparam("held_fence"), Lane.holder.is_not(None))',
        '.where(Lane.id == bindparam("lane"), bindparam("held_fence") > 0)',
        ("doubled", "wrong card"),
    ),
    Mutant(
        "a courier that slept past its lease sends all the same",
        "bot.courier.courier",
        "left = held.until - self.lease * (1 - SENDING_SHARE) - self.tandem.clock.now()",
        "left = self.lease",
        ("doubled", "wrong card", "out of order"),
    ),
    Mutant(
        "a lane is held for no time at all",
        "storage.lanes",
        '"next_fence": one.fence, "until": one.until}',
        '"next_fence": one.fence, "until": at}',
        ("doubled", "out of order", "wrong card", "standstill"),
    ),
    Mutant(
        "the lane of a dead holder is never due",
        "storage.lanes",
        '"next_fence": one.fence, "until": one.until}',
        '"next_fence": one.fence, "until": None}',
        ("unsettled",),
    ),
    Mutant(
        "the order in a lane is ignored",
        "storage.heads",
        "_IN_ORDER = (Delivery.priority, Delivery.id)",
        "_IN_ORDER = (Delivery.priority, Delivery.id.desc())",
        ("out of order",),
    ),
    Mutant(
        "what waits for another try is passed by all others",
        "storage.heads",
        "_IN_ORDER = (Delivery.priority, Delivery.id)",
        "_IN_ORDER = (Delivery.attempts, Delivery.priority, Delivery.id)",
        ("out of order",),
    ),
    Mutant(
        "a delivery that was limited is given up",
        "bot.courier.failures",
        "            _limited(session, held, outcome, limits, at)\n",
        '            return lanes.record_end(session, held, "dropped", at=at)\n',
        ("lost",),
    ),
    Mutant(
        "a delivery that met a server error is silently dropped",
        "bot.courier.failures",
        "            alone = at if _is_its_own(held, outcome) else None\n",
        '            return lanes.record_end(session, held, "dropped", at=at)\n            alone = None\n',
        ("lost",),
    ),
)

# What cards say.
_CARDS: Final = (
    Mutant(
        "an edit that was cut off is followed by the next at once",
        "bot.courier.failures",
        "if outcome.cut and not posting and held.late_until is not None:",
        "if False:",
        ("wrong card",),
    ),
    Mutant(
        "how often an edit was tried is forgotten",
        "storage.lanes",
        "attempts=head.attempts + 1,",
        "attempts=1 if head.card_ts else head.attempts + 1,",
        ("wrong card",),
    ),
    Mutant(
        "after an edit that was dropped, the recorded words are believed",
        "storage.lanes",
        'if state != "sent" and held.card is not None and held.attempts > 1:',
        "if False:",
        ("wrong card",),
    ),
    Mutant(
        "what changes while a post is in doubt is left to this post",
        "storage.outbox",
        'if row.state == "pending" and row.attempts == 0}',
        'if row.state == "pending"}',
        ("wrong card",),
    ),
    Mutant(
        "a card that waits tells what was true when it was queued",
        "storage.outbox",
        'if row.state == "pending" and row.attempts == 0}',
        'if row.state in ("pending", "sending")}',
        ("wrong card",),
    ),
    Mutant(
        "reminders and breaches keep what they said first",
        "domain.leads.announce",
        '    for alert in _ALERTS.all(session, {"lead": lead.id}):\n',
        "    for alert in ():\n",
        ("wrong card",),
    ),
)

# What clocks set off, and for whom.
_CLOCKS: Final = (
    Mutant(
        "a rung is told twice",
        "domain.leads.rungs",
        "    match decision:\n        case PutOff",
        "    if due.rung == 'breach':\n"
        "        decision = rung.effect(Step(session, clock, lead, team, at, due.lateness))\n"
        "    match decision:\n        case PutOff",
        ("doubled",),
    ),
    Mutant(
        "a reminder is dropped",
        "domain.leads.ladder",
        "    remind_rep(step.session, step.lead, step.clock.id, step.at)\n",
        "",
        ("rung missed",),
    ),
    Mutant(
        "a breach is noted and told to nobody",
        "domain.leads.ladder",
        "    ping_managers(session, lead, step.team, event_id, at, priority=priority)\n",
        "",
        ("lost",),
    ),
    Mutant(
        "a reminder goes to the manager",
        "domain.leads.announce",
        '    owner = session.get_one(Member, lead.owner_id)\n    event_id = note_event(session, lead, "reminded"',
        "    owner = receivers_of(session, session.get_one(Team, lead.team_id), None, at).told[0]\n"
        '    event_id = note_event(session, lead, "reminded"',
        ("lost",),
    ),
    Mutant(
        "the DM of a lead goes to another rep",
        "domain.leads.receiving",
        '("lead_dm", rep.user_id if rep else None)]',
        '("lead_dm", next((each.user_id for each in __import__("domain.leads.routing", fromlist=["any"])'
        ".available_reps(session, one.team.id, at) if each != rep), None))]",
        ("lost",),
    ),
    Mutant(
        "a clock is not stopped by contact",
        "domain.leads.lifecycle",
        "clock = stop_clock(session, lead, at) or last_clock(session, lead.id)\n",
        "clock = last_clock(session, lead.id)\n",
        ("rung missed", "unsettled"),
    ),
)

# What arrives twice.
_ARRIVALS: Final = (
    Mutant(
        "the inbox is forgotten",
        "storage.inbox",
        "    if noted:\n        in_order",
        "    if False:\n        in_order",
        ("doubled", "stray"),
    ),
    Mutant(
        "one workspace's messages go out by another's token",
        "bot.courier.courier",
        "client = self.client_of(held.workspace_id)",
        "client = self.client_of(1)",
        ("lost", "failed", "stray"),
    ),
)

# What systems outside are told.
_OUTSIDE: Final = (
    Mutant(
        "a webhook that failed is written down as delivered",
        "domain.webhooks.rounds",
        "        if one.error is None:\n            _succeeded",
        "        if True:\n            _succeeded",
        ("lost",),
    ),
    Mutant(
        "the webhooks of a lead overtake one that is tried again",
        "domain.webhooks.rounds",
        "WebhookMessage.due_at <= at, ~has_earlier)",
        "WebhookMessage.due_at <= at)",
        ("out of order",),
    ),
    Mutant(
        "whoever ends a write does not look whether something else is true by now",
        "domain.writeback.writing",
        "        if row.unsure or row.due or _changed(row, *_wanted(session, row, source, setting)) != (None, None):\n",
        "        if False:\n",
        ("wrong record",),
    ),
    Mutant(
        "what waited for the CRM is forgotten when an admin lets us in again",
        "domain.writeback.settings",
        "    if form.on:\n        for record in waiting:\n",
        "    if False:\n        for record in waiting:\n",
        ("wrong record",),
    ),
    Mutant(
        "a lead that changes hands is not written into its CRM",
        "domain.writeback.wanting",
        '        "reassigned",\n',
        "",
        ("wrong record",),
    ),
)

# Jobs and digests.
_BY_THEMSELVES: Final = (
    Mutant(
        "a job is recorded apart from its effect",
        "bot.loops.jobs",
        "            kind.record(session, job, result, at)\n            return True\n",
        "            return True\n",
        ("lost",),
    ),
    Mutant(
        "a job whose process died is never taken over",
        "storage.jobs",
        '    just_lost = row.state == "running"\n',
        '    just_lost = row.state == "running"\n    if just_lost:\n        row.due_at = at + lease * 100_000\n'
        "        session.flush()\n        return None\n",
        ("unsettled",),
    ),
    Mutant(
        "a dead job is silently dropped",
        "domain.dead_jobs",
        "    for admin in admins_of(session, held.workspace_id)[:ADMINS_TOLD]:\n",
        "    for admin in ():\n",
        ("lost",),
    ),
    Mutant(
        "a digest is told twice",
        "digests.editions",
        'once=f"edition:{edition.id}" if made is None else f"edition:{edition.id}:{at.isoformat()}",\n        )\n',
        "        )\n        outbox.put_notice(\n            session,\n            audience.workspace_id,\n"
        '            "edition",\n            edition.id,\n            audience.channel,\n            at=at,\n'
        "            priority=Priority.DIGEST,\n        )\n",
        ("doubled",),
    ),
    Mutant(
        "an audience that is due is passed over",
        "digests.editions",
        "    while audience.next_at is not None and audience.next_at <= at:\n",
        "    if audience.next_at is not None and audience.next_at <= at:\n"
        "        audience.next_at = next_issue(audience, audience.next_at)\n"
        "    while audience.next_at is not None and audience.next_at <= at:\n",
        ("lost",),
    ),
)

# What others make good.
_HARMLESS: Final = (
    Mutant(
        "a job is recorded without its fence",
        "storage.jobs",
        "ours = and_(Job.id == held.id, Job.fence == held.fence, Job.holder.is_not(None))",
        "ours = and_(Job.id == held.id)",
        (),
        "what a job leaves is named, so a second record adds nothing; the fence has its test in tests/storage",
    ),
    Mutant(
        "wakes are lost, and so is the look every few seconds",
        "bot.courier.courier",
        "            seconds = max(least, min(seconds, (due - self.tandem.clock.now()).total_seconds()))\n",
        "            seconds = 86_400.0\n",
        (),
        "the schedule rouses courier, ticker and jobs every fifteen seconds besides",
    ),
    Mutant(
        "words equal to those before a failed edit are not sent",
        "bot.courier.errands",
        "first = held.attempts == 1\n",
        "first = True\n",
        (),
        "the change that brought them back asked for a delivery of its own, which is sent: what is dropped at a later "
        "try forgets the recorded words",
    ),
    Mutant(
        "the edit of a lane that was lost is believed",
        "bot.courier.courier",
        "            if held.card is not None and not posted:\n",
        "            if False:\n",
        (),
        "what is answered within two thirds of a lease was done before another may edit: it guards clocks that jump",
    ),
    Mutant(
        "Slack's word that a post stands is ignored",
        "storage.confirmed",
        "    if found is None:\n        return False\n    if found.unsure:\n        _LOCK_LANE",
        "    if True:\n        return False\n    if found.unsure:\n        _LOCK_LANE",
        (),
        "the look into the channel's history finds what the event would have told",
    ),
    Mutant(
        "who wrote into the CRM after others had begun does not care",
        "domain.writeback.writing",
        "    if row is None or row.turn == going.turn:\n        return True\n",
        "    if True:\n        return True\n",
        (),
        "who stood still ends with its lease, or looks before it writes: this is about the moment after that look",
    ),
    Mutant(
        "wakes are lost",
        "storage.outbox",
        '        session.info.setdefault("wake", set()).add("courier")\n',
        "        pass\n",
        (),
        "the courier looks every five seconds, and everything comes only so much later",
    ),
)

MUTANTS: Final = (*_COURIER, *_CARDS, *_CLOCKS, *_ARRIVALS, *_OUTSIDE, *_BY_THEMSELVES, *UNFAIR, *_HARMLESS)
