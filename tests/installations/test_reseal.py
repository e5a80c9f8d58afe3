"""A new key: what the old one sealed is sealed anew by `./tandem reseal`, and then the old one can go."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr
from rich.console import Console
from sqlalchemy import select

from bot.commands.reseal import reseal_everything
from bot.seal import Sealer
from bot.settings import Settings
from domain.installations import Grant, installed
from domain.people import ensure_workspace
from domain.sealed import SEALED, find_sealed, reseal
from domain.sources import add_source
from storage.base import Base
from storage.database import Database
from storage.models import Installation, Source

NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)
OLD, NEW = "o" * 32, "n" * 32


def grant(sealer: Sealer, token: str = "xoxb-1") -> Grant:
    return Grant(
        app_id="A1",
        bot_user_id="U0BOT",
        scopes=frozenset(),
        sealed_token=sealer.seal(token),
        team_id="T1",
        sealed_refresh_token=sealer.seal("xoxe-1"),
        expires_at=NOON,
    )


async def fill(db: Database) -> None:
    """An installation and a source, sealed with the old key."""
    old = Sealer(OLD)
    await db.run(installed, grant(old), at=NOON)
    workspace = await db.run(ensure_workspace, "T1", name="", domain="", bot_user_id="", at=NOON)
    await db.run(add_source, workspace, "website", seal=old.seal, at=NOON)


def type_it(url: str, keys: str) -> tuple[bool, str]:
    said = io.StringIO()
    settings = Settings(_env_file=None, database_url=url, tandem_secret_key=SecretStr(keys))
    return reseal_everything(settings, out=Console(file=said, width=200)), said.getvalue()


def test_every_column_that_holds_secrets_is_resealed() -> None:
    named = {
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name.startswith("sealed") or column.name == "secret"
    }
    assert {(one.class_.__tablename__, one.key) for one in SEALED} == named


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_what_the_old_key_sealed_is_unsealed_by_the_new_one_alone(db: Database, database_url: str) -> None:
    await fill(db)
    well, said = type_it(database_url, f"{NEW},{OLD}")
    assert (well, said) == (True, "Sealed with the first key: 3. The older keys are no longer needed.\n")
    new = Sealer(NEW)
    row = await db.read(lambda session: session.scalars(select(Installation)).one())
    source = await db.read(lambda session: session.scalars(select(Source)).one())
    assert new.unseal(row.sealed_token) == "xoxb-1"
    assert new.unseal(row.sealed_refresh_token or "") == "xoxe-1"
    assert new.unseal(source.sealed_secret)
    assert type_it(database_url, NEW) == (True, "Everything was sealed with the first key already.\n")


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_what_no_key_unseals_is_counted_and_left(db: Database, database_url: str) -> None:
    await fill(db)
    well, said = type_it(database_url, NEW)
    assert not well
    assert "No key unseals 3" in said
    row = await db.read(lambda session: session.scalars(select(Installation)).one())
    assert Sealer(OLD).unseal(row.sealed_token) == "xoxb-1"


async def test_a_token_that_was_renewed_meanwhile_is_not_put_back(db: Database) -> None:
    await fill(db)
    both = Sealer(f"{NEW},{OLD}")
    read = await db.read(find_sealed)
    await db.run(installed, grant(both, "xoxb-2"), at=NOON)
    assert await db.run(reseal, read, both.reseal) == 1
    row = await db.read(lambda session: session.scalars(select(Installation)).one())
    assert both.unseal(row.sealed_token) == "xoxb-2"
