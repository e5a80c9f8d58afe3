"""A start while Slack is away, where one workspace has its token in the environment and another was installed."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from bot.installations.fixed import meet_fixed
from bot.installations.registry import Installations
from bot.seal import Sealer
from bot.settings import Settings, SettingsProblem
from bot.slack.session import make_session
from domain.installations import Grant, installed
from domain.wall import WallClock
from handlers.arrival import Tandem
from storage.database import Database
from tests.running import KEY

NOBODY = "http://127.0.0.1:1/api/"


async def test_a_start_while_slack_is_away_fails_rather_than_go_on_without_one_workspace(db: Database) -> None:
    """Whoever keeps the program running starts it again; it would have served the other one alone until then."""
    clock = WallClock()
    grant = Grant("A1", "UBOT", frozenset(), Sealer(KEY).seal("xoxb-2"), team_id="T2")
    await db.run(installed, grant, at=clock.now())
    settings = Settings(slack_bot_token=SecretStr("xoxb-1"), slack_api_url=NOBODY, tandem_secret_key=SecretStr(KEY))
    async with make_session() as session:
        installations = Installations(db, clock, Sealer(KEY), api_url=NOBODY, session=session)
        await installations.refresh()
        assert [one.team_id for one in installations.all()] == ["T2"]
        with pytest.raises(SettingsProblem):
            await meet_fixed(Tandem(db, clock), installations, settings)
