"""Workspaces that grew: a million voc items of the last four weeks, their tallies, and 10,000 open leads.

All is made in the database itself, by a few statements, so that it takes seconds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select, text
from sqlalchemy.orm import Session

from domain.calendar import WorkingHours
from domain.leads.terms import Terms
from domain.people import default_team, ensure_workspace
from storage.database import Database
from storage.models import Account, Lead, Member, Policy, TeamMember, Theme, VocItem, Workspace

NOW: Final = datetime(2026, 11, 16, 12, tzinfo=UTC)
WEEKS: Final = 4
REPS, ACCOUNTS, COMPETITORS, SIZES, THEMES = 400, 5_000, 40, 12, 2_000
"""What each workspace has. Of the themes, few came up lately; deals are of few sizes."""


@dataclass(frozen=True, slots=True)
class Grown:
    """A workspace with ids: of a rep (the next ones are reps, too), of a marketer, of the manager of its team; of the
    theme and the account that were logged most.
    """

    workspace_id: int
    rep: int
    marketer: int
    manager: int
    theme: int
    account: int


def grow(db: Database, name: str, *, items: int, themes: int, leads: int) -> Grown:
    """A workspace of that Slack team with `items` of the last weeks in `themes`, counted as the worker would have, and
    `leads` that are open, half of them overdue.
    """
    grown, values = db.run_sync(_settle, name)
    values |= {"until": items, "themes": themes, "step": WEEKS * 604_800.0 / max(1, items), "leads": leads}
    with db.engine.begin() as connection:
        if not db.is_sqlite:
            # Looking up each foreign key would take longest.
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement, more in (*_voc(db.is_sqlite), *_leads(db.is_sqlite)):
            _run(connection, statement, values | more)
        if not db.is_sqlite:
            for table in ("voc_items", "leads"):
                connection.execute(text(f"SELECT setval('{table}_id_seq', (SELECT max(id) + 1 FROM {table}))"))
    if not db.is_sqlite:
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as vacuuming:
            vacuuming.execute(text("VACUUM ANALYZE"))
    return grown


def _run(connection: Connection, statement: str, values: dict[str, Any]) -> None:
    made = text(statement)
    connection.execute(made, {name: values[name] for name in made._bindparams})


def _settle(session: Session, name: str) -> tuple[Grown, dict[str, Any]]:
    """The workspace with its people, names and team; and what the statements below start from."""
    workspace_id = ensure_workspace(session, name, name=name, at=NOW)
    session.get_one(Workspace, workspace_id).competitors = ["Rivalsoft", "Acme"]
    here = {"workspace_id": workspace_id, "created_at": NOW}
    roles = (*["rep"] * REPS, "marketer", "manager")
    people = [{**here, "slack_user_id": f"U{name}{n}", "name": f"Person {n}", "role": r} for n, r in enumerate(roles)]
    session.execute(insert(Member), people)
    words = [{**here, "slug": f"theme-{n}", "key": f"theme-{n}", "title": f"Theme {n}"} for n in range(THEMES)]
    session.execute(insert(Theme), words)
    names = [
        {**here, "name": f"Account {n}", "slug": f"account-{n}", "known": n % 2 == 0, "keyed": True}
        for n in range(ACCOUNTS)
    ]
    session.execute(insert(Account), names)
    firsts = {
        first: session.scalar(select(func.min(model.id)).where(model.workspace_id == workspace_id)) or 0
        for first, model in (("member", Member), ("theme", Theme), ("account", Account))
    }
    team = default_team(session, workspace_id)
    team.hours = WorkingHours.always().to_json()
    rep = firsts["member"]
    grown = Grown(workspace_id, rep, rep + REPS, rep + REPS + 1, firsts["theme"], firsts["account"])
    team.manager_id = grown.manager
    session.execute(insert(TeamMember), [{"team_id": team.id, "member_id": grown.rep + n} for n in range(REPS)])
    policy = session.scalars(select(Policy).where(Policy.workspace_id == workspace_id, Policy.is_default)).one()
    return grown, {
        **firsts,
        "here": workspace_id,
        "team": team.id,
        "tier": policy.tier,
        "policy": json.dumps(Terms.of(policy).to_json()),
        "hours": json.dumps(team.hours),
        "item": (session.scalar(select(func.max(VocItem.id))) or 0) + 1,
        "lead": (session.scalar(select(func.max(Lead.id))) or 0) + 1,
    }


def _numbers(until: str) -> str:
    return (
        "(WITH RECURSIVE numbers(i) AS (SELECT CAST(0 AS bigint) UNION ALL"
        f" SELECT i + 1 FROM numbers WHERE i + 1 < CAST(:{until} AS bigint)) SELECT i FROM numbers"
        f" WHERE CAST(:{until} AS bigint) > 0) AS n"
    )


def _ago(seconds: str, *, sqlite: bool) -> str:
    """So many seconds before NOW, as it is stored."""
    if sqlite:
        return f"strftime('%Y-%m-%d %H:%M:%f000', '{NOW:%Y-%m-%d %H:%M:%S}', -({seconds}) || ' seconds')"
    return f"timestamptz '{NOW.isoformat()}' - make_interval(secs => {seconds})"


# What a tally of the kind counts, as SQL. Every deal here is in USD and of an account.
_SUBJECTS: Final = {"own": "member_id", "theme": "theme_id", "account": "account_id", "competitor": "competitor_key"}
_DEAL: Final = r"account_id || '\:USD'"
_COUNTED: Final = (
    """'{"item": ' || (:item + i) || ', "member": ' || (:member + i % :reps)"""
    """ || ', "theme": ' || (:theme + i % :themes)"""
    """ || CASE WHEN i % 10 > 0 THEN ', "account": ' || (:account + i * 7919 % :accounts) ELSE '' END"""
    """ || CASE WHEN i % 8 = 0 THEN ', "key": "rival-' || (i % :competitors) || '", "name": "Rival '"""
    """ || (i % :competitors) || '"' ELSE '' END"""
    """ || CASE WHEN i % 3 = 0 THEN ', "objection": true' ELSE '' END"""
    """ || CASE WHEN i % 10 > 4 THEN ', "minor": ' || (1000000 * (1 + i % :sizes)) || ', "currency": "USD"'"""
    """ ELSE '' END"""
    """ || '}'"""
)


def _voc(sqlite: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    # The higher the id, the later it was logged, as items come.
    moment = _ago("(CAST(:until AS bigint) - i) * CAST(:step AS float)", sqlite=sqlite)
    sizes = {
        "reps": REPS,
        "accounts": ACCOUNTS,
        "competitors": COMPETITORS,
        "sizes": SIZES,
    }
    values = f"""
        SELECT :item + i, :here, :member + i % :reps,
               CASE WHEN i % 3 = 0 THEN 'objection' WHEN i % 3 = 1 THEN 'praise' ELSE 'question' END,
               'the rollout takes too long for us number ' || i, 'the rollout takes too long for us number ' || i,
               :theme + i % :themes,
               CASE WHEN i % 10 > 0 THEN :account + i * 7919 % :accounts END,
               CASE WHEN i % 8 = 0 THEN 'Rival ' || (i % :competitors) END,
               CASE WHEN i % 8 = 0 THEN 'rival-' || (i % :competitors) END,
               CASE WHEN i % 10 > 4 THEN 1000000 * (1 + i % :sizes) END, CASE WHEN i % 10 > 4 THEN 'USD' END,
               'command', 'live', 1, 1, {_COUNTED}, {moment}, {moment}
        FROM {_numbers("until")}"""
    names = ("item", "member", "theme", "account", "here", "reps", "themes", "accounts", "competitors", "sizes")
    for name in () if sqlite else names:
        for end in " ),":
            values = values.replace(f":{name}{end}", f"CAST(:{name} AS bigint){end}")
    yield (
        """INSERT INTO voc_items (id, workspace_id, member_id, kind, line, verbatim, theme_id, account_id, competitor,
                                  competitor_key, deal_minor, deal_currency, origin, state, version, tallied_version,
                                  tallied, created_at, updated_at)"""
        + values,
        sizes,
    )
    for about, subject in _SUBJECTS.items():
        for statement in _tallies(subject, sqlite=sqlite):
            if not sqlite:
                yield "ANALYZE voc_items, tallies, tally_parts", {}  # or the planner takes them to be empty
            yield statement, {"about": about}
    yield "INSERT INTO tally_books (workspace_id, folds) VALUES (:here, 1)", {}


def _tallies(subject: str, *, sqlite: bool) -> Iterator[str]:
    empty = "'{}'" if sqlite else "CAST('{}' AS jsonb)"
    yield f"""
        INSERT INTO tallies (workspace_id, about, subject, name, items, objections, reps, accounts, deals)
        SELECT CAST(:here AS bigint), CAST(:about AS text), CAST({subject} AS text),
               max(CASE WHEN CAST(:about AS text) = 'competitor' THEN competitor END), count(*),
               sum(CASE WHEN kind = 'objection' THEN 1 ELSE 0 END), count(DISTINCT member_id),
               count(DISTINCT account_id), {empty}
        FROM voc_items WHERE workspace_id = :here AND {subject} IS NOT NULL GROUP BY {subject}"""
    for part, minor, where in (
        ("'r' || member_id", "0", "true"),
        ("'a' || account_id", "0", "account_id IS NOT NULL"),
        (f"'d' || {_DEAL}", "deal_minor", "deal_minor IS NOT NULL"),
    ):
        yield f"""
            INSERT INTO tally_parts (tally_id, part, minor, count)
            SELECT t.id, {part}, {minor}, count(*) FROM voc_items AS i JOIN tallies AS t
            ON t.workspace_id = :here AND t.about = :about AND t.subject = CAST(i.{subject} AS text)
            WHERE i.workspace_id = :here AND {where} GROUP BY 1, 2, 3"""
    yield """
        INSERT INTO tally_parts (tally_id, part, minor, count)
        SELECT p.tally_id, 'm' || substr(p.part, 2), 0, max(p.minor) FROM tally_parts AS p
        JOIN tallies AS t ON t.id = p.tally_id
        WHERE t.workspace_id = :here AND t.about = :about AND p.part LIKE 'd%' GROUP BY p.tally_id, p.part"""
    sums = "'{\"USD\": [' || sum(p.count) || ', ' || count(*) || ']}'"
    yield f"""
        UPDATE tallies SET deals = COALESCE((
            SELECT {sums if sqlite else f"CAST({sums} AS jsonb)"} FROM tally_parts AS p
            WHERE p.tally_id = tallies.id AND p.part LIKE 'm%' GROUP BY p.tally_id), deals)
        WHERE workspace_id = :here AND about = :about"""


def _leads(sqlite: bool) -> Iterator[tuple[str, dict[str, Any]]]:
    moment = _ago("60.0 * i", sqlite=sqlite)

    def json_of(name: str) -> str:
        return f":{name}" if sqlite else f"CAST(:{name} AS jsonb)"

    def number(name: str) -> str:
        return f"CAST(:{name} AS bigint)"

    yield (
        f"""INSERT INTO leads (id, workspace_id, team_id, owner_id, state, name, email, company, asked, source,
                               external_id, score, tier, touches, notes, arrived_at, reassigns, updated_at)
            SELECT {number("lead")} + i, {number("here")}, {number("team")},
                   {number("member")} + i * 7 % {number("reps")}, 'new', 'Lead ' || i,
                   'lead' || i || '@example.com', 'Company ' || i % 900, 'Demo request', 'website', 'crm-' || i,
                   i % 100, :tier, {json_of("none")}, {json_of("none")}, {moment}, 0, {moment}
            FROM {_numbers("leads")}""",
        {"reps": REPS, "none": "[]"},
    )
    due = _ago("60.0 * (i - :leads / 2)".replace(":leads", "CAST(:leads AS bigint)"), sqlite=sqlite)
    yield (
        f"""INSERT INTO clocks (workspace_id, lead_id, state, started_at, due_at, rung, next_at, policy, hours, fence)
            SELECT {number("here")}, {number("lead")} + i, 'running', {moment}, {due}, 'breach', {due},
                   {json_of("policy")}, {json_of("hours")}, 1
            FROM {_numbers("leads")}""",
        {},
    )
    for kind, data in (("received", "{}"), ("given", None)):
        given = f"""'{{"to": ' || ({number("member")} + i * 7 % {number("reps")}) || '}}'"""
        given = given if sqlite else f"CAST({given} AS jsonb)"
        yield (
            f"""INSERT INTO lead_events (workspace_id, lead_id, at, kind, data)
                SELECT {number("here")}, {number("lead")} + i, {moment}, '{kind}',
                       {given if data is None else json_of("none")}
                FROM {_numbers("leads")}""",
            {"reps": REPS, "none": "{}"},
        )


def later(seconds: float) -> datetime:
    """So many seconds after everything that was seeded."""
    return NOW + timedelta(seconds=seconds)
