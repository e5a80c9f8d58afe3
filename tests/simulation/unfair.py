"""Ways to break the product that lose nothing and double nothing: somebody is treated unfairly, or not served."""

from __future__ import annotations

from typing import Final

from tests.simulation.mutant import Mutant

UNFAIR: Final = (
    Mutant(
        "a digest goes to the channel of another audience",
        "digests.editions",
        "            audience.channel,\n            at=at,",
        "            session.scalar(\n                select(Audience.channel)\n"
        "                .where(Audience.workspace_id == audience.workspace_id)\n"
        "                .order_by(Audience.id)\n            ),\n            at=at,",
        ("stray",),
    ),
    Mutant(
        "the DM of a rep's own lead says that another has it",
        "handlers.leads.views",
        "if lead.owner is not None and lead.owner.user_id != reader:",
        "if lead.owner is not None and lead.owner.user_id == reader:",
        ("wrong card",),
    ),
    Mutant(
        "a lead that is claimed can be claimed away",
        "domain.leads.lifecycle",
        "            raise LeadAlreadyClaimed(claimer.name, lead.claimed_at or at, at)\n",
        "            del claimer\n",
        ("doubled",),
    ),
    Mutant(
        "a claim stops the clock",
        "domain.leads.lifecycle",
        '    event_id = note_event(session, lead, "claimed", at=at',
        '    stop_clock(session, lead, at)\n    event_id = note_event(session, lead, "claimed", at=at',
        ("rung missed",),
    ),
    Mutant(
        "whoever gets a lead has only what was left of the time since it arrived",
        "domain.leads.lifecycle",
        "start_clock(session, lead, team, policy_of(session, lead), at)",
        "start_clock(session, lead, team, policy_of(session, lead), lead.arrived_at)",
        ("rung missed",),
    ),
    Mutant(
        "the reminder comes at half time",
        "domain.leads.ladder",
        'Rung("remind", at_share(lambda terms: terms.remind_at)',
        'Rung("remind", at_share(lambda terms: terms.half_at)',
        ("stray",),
    ),
    Mutant(
        "a breached lead goes on to the next rep at once",
        "domain.leads.ladder",
        "aim.lead.reassigns >= aim.terms.max_reassigns:\n        return None\n",
        "aim.lead.reassigns >= aim.terms.max_reassigns:\n        return None\n    seconds /= 1000\n",
        ("stray",),
    ),
    Mutant(
        "a breached lead may stay with who let it wait",
        "domain.leads.ladder",
        ", without={owner} if owner else ())",
        ")",
        ("stray",),
    ),
    Mutant(
        "every lead has the usual tier",
        "domain.leads.routed",
        'tier = (one.lead.tier or "").strip().casefold() if one.lead.tier else usual',
        "tier = usual",
        ("wrong card",),
    ),
    Mutant(
        "whoever gets a lead as it arrives has not taken a turn",
        "domain.leads.routing",
        "        _TURN.run_many(session, rows)\n",
        "        del rows\n",
        ("stray",),
    ),
    Mutant(
        "the refresh token that a renewal brings is not kept",
        "domain.renewing",
        "            sealed_refresh_token=sealed_refresh_token,\n",
        "",
        ("lost",),
    ),
    Mutant(
        "a manager picks a rep, and the next in turn gets the lead",
        "domain.leads.lifecycle",
        "    if member.id == lead.owner_id:\n",
        "    from domain.leads.routing import next_rep\n"
        "    member = next_rep(session, session.get_one(Team, lead.team_id), at, without={lead.owner_id}) or member\n"
        "    if member.id == lead.owner_id:\n",
        ("stray",),
    ),
)
