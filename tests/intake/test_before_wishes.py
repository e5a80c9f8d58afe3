"""Leads of before there were wishes: their people are known, and what their sources send again is a resend."""

from datetime import UTC, datetime

from alembic import command
from sqlalchemy import select, text

from domain.leads.arriving import Arriving, NewLead
from domain.leads.receiving import receive_leads
from storage.database import Database
from storage.migrate import _config, migrate
from storage.models import Lead, Wish

AT = "2026-01-01 00:00:00.000000"
WORKSPACE = (
    "INSERT INTO workspaces (id, slack_team_id, name, domain, bot_user_id, state, competitors, currency, created_at) "
    f"VALUES (1, 'T1', '', '', '', 'active', '[]', 'USD', '{AT}')"
)
TEAM = (
    "INSERT INTO teams (id, workspace_id, key, name, hours, is_default, created_at) "
    f"VALUES (1, 1, 'sales', 'Sales', '{{\"zone\": \"UTC\"}}', true, '{AT}')"
)
LEAD = (
    "INSERT INTO leads (id, workspace_id, team_id, state, name, email, source, external_id, tier, touches, notes, "
    "asked, arrived_at, reassigns, updated_at) VALUES "
    f"(1, 1, 1, 'new', 'Lee', 'LEE@x.example', 'crm', 'c-1', 'hot', '[]', '[]', 'Demo', '{AT}', 0, '{AT}')"
)
BEFORE = (WORKSPACE, TEAM, LEAD)


def test_who_asked_before_the_upgrade_is_known_after_it(database_url: str) -> None:
    database = Database(database_url)
    with database.engine.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0006")
        for statement in BEFORE:
            connection.execute(text(statement))
    migrate(database.engine)
    wish = database.run_sync(lambda session: session.scalars(select(Wish)).one())
    assert (wish.lead_id, wish.person, wish.external_id, wish.asked) == (1, "lee@x.example", "c-1", "Demo")

    def post(asked: str, external_id: str | None) -> tuple[int, bool, bool]:
        lead = NewLead("Lee", "crm", email="lee@x.example", asked=asked, external_id=external_id, said=asked)
        [found] = database.run_sync(receive_leads, 1, [Arriving(lead, datetime(2026, 3, 1, tzinfo=UTC))])
        return found.lead_id, found.new, found.news

    assert post("Demo", "c-1") == (1, False, False)
    assert post("Prices", None) == (1, False, True)
    assert database.run_sync(lambda session: session.scalars(select(Lead.asked)).all()) == ["Prices"]
    database.close()
