"""Opens the demo: the playground, the company's past, the program, and the week up to Tuesday at ten.

A folder that holds an earlier demo is opened where it was left; time stood still meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource
from sqlalchemy.orm import Session

from bot.commands.offline import usable
from bot.demo import story
from bot.demo.almanac import Almanac, almanac_for, today
from bot.demo.cast import COMPANY, PEOPLE, ROOMS, VIEWER
from bot.demo.controls import Controls
from bot.demo.history import set_up_company, write_history
from bot.demo.stage import Stage
from bot.demo.tasks import TASKS
from bot.program import Program
from bot.seal import Sealer
from bot.settings import HOW_TO_GET, Settings, SettingsProblem
from domain.people import ensure_workspace, sync_members
from domain.wall import WallClock
from handlers.catalog import all_listeners
from handlers.manifest import make_manifest
from handlers.setup.profiles import profile_of
from playground import Playground
from playground.saving import dump_workspace, load_workspace
from storage.migrate import migrate

DATABASE: Final = "demo.db"
STATE: Final = "demo.json"
SAVE_EVERY: Final = 10.0
"""Seconds between two savings of the playground, so that little is lost when the process is killed."""

PACE: Final = timedelta(seconds=1)


class DemoSettings(Settings):
    """Settings that come from nowhere but the demo: a token or database in the environment is none of its business."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  # the signature is pydantic's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


@dataclass(frozen=True, slots=True)
class Kept:
    """What a demo remembers besides its database. `secrets`: of the sources, by name; `workspace`: the playground."""

    monday: date
    now: datetime
    key: str
    secrets: Mapping[str, str]
    workspace: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Demo:
    """The demo, open. `url` is the page's address."""

    url: str
    stage: Stage

    @property
    def viewer(self) -> str:
        """Whoever the page is opened as."""
        return self.stage.slack.member(VIEWER).real_name

    @property
    def now(self) -> str:
        """What time it is for them."""
        zone = ZoneInfo(self.stage.slack.member(VIEWER).tz)
        return f"{self.stage.clock.now().astimezone(zone):%A, %H:%M}"


@asynccontextmanager
async def open_demo(folder: Path, port: int, host: str = "127.0.0.1") -> AsyncIterator[Demo]:
    """The demo with its state in `folder` and its page on that address (port 0: a free one). Raises SettingsProblem."""
    kept = _read(folder)
    almanac = Almanac(kept.monday) if kept else almanac_for(today())
    clock = WallClock(kept.now if kept else almanac.at(4, "14:30", weeks=1))
    key = kept.key if kept else secrets.token_urlsafe(32)
    controls = Controls()
    async with AsyncExitStack() as closing:
        slack = Playground(
            make_manifest(all_listeners(), steps=True),
            now=lambda: clock.now().timestamp(),
            team_name=COMPANY,
            controls=controls.all(),
            tasks=TASKS,
            host=host,
            port=port,
        )
        await _listen(slack, port)
        closing.push_async_callback(slack.stop)
        program = Program(_settings(slack, folder, key), clock=clock, pace=0, host="127.0.0.1")
        if kept:
            load_workspace(slack.installation, kept.workspace)
            known = kept.secrets
        else:
            _people_and_rooms(slack)
            known = await _found(program, slack, almanac, key)
        stage = Stage(slack, program, clock, known)
        if not kept:
            await stage.play(story.talk_before(almanac))
            stage.wait_until(almanac.at(0, "08:58"))
        await program.start()
        closing.push_async_callback(program.stop)
        await slack.app_connected()
        stage.plan_ahead(story.week_ahead(almanac))
        if not kept:
            stage.plan_ahead(story.week_so_far(almanac))
            await stage.advance_to(almanac.at(1, "10:00"))
        program.courier.pace = PACE
        controls.stage = stage

        def save() -> None:
            state = Kept(almanac.monday, clock.now(), key, known, dump_workspace(slack.installation))
            _write(folder, state)

        async with _saved(save):
            yield Demo(slack.page_url, stage)


async def _listen(slack: Playground, port: int) -> None:
    try:
        await slack.start()
    except socket.gaierror:
        raise SettingsProblem([f"TANDEM_HOST is not usable. It should be {HOW_TO_GET['tandem_host']}."]) from None
    except OSError as error:
        raise SettingsProblem([f"Port {port} cannot be used ({error.strerror}). Set PORT to a free one."]) from None


def _settings(slack: Playground, folder: Path, key: str) -> Settings:
    return DemoSettings(
        slack_bot_token=SecretStr(slack.bot_token),
        slack_app_token=SecretStr(slack.app_token),
        slack_signing_secret=SecretStr(slack.signing_secret),
        slack_api_url=slack.api_url,
        database_url=f"sqlite:///{folder / DATABASE}",
        port=0,
        tandem_secret_key=SecretStr(key),
    )


def _people_and_rooms(slack: Playground) -> None:
    for person in PEOPLE:
        slack.add_member(
            person.name,
            real_name=person.real_name,
            title=person.title,
            tz=person.tz,
            is_admin=person.admin,
            is_primary_owner=person.admin,
        )
    for room in ROOMS:
        slack.add_channel(room.name, members=room.members, app=room.bot, topic=room.topic)


async def _found(program: Program, slack: Playground, almanac: Almanac, key: str) -> Mapping[str, str]:
    """Make the database, set the company up, and write its past. Returns the sources' secrets by name."""
    workspace = slack.workspace
    people = [one for one in workspace.members.values() if not one.is_bot]
    profiles = [profile_of(one.as_user(workspace.team_id, with_email=True), workspace.team_id) for one in people]
    names = {one.email: one.id for one in people} | {f"#{one.name}": one.id for one in workspace.channels.values()}
    by_name = {one.name: one.id for one in people}

    def found(session: Session) -> Mapping[str, str]:
        at = almanac.at(0, "08:00", weeks=6)
        workspace_id = ensure_workspace(
            session,
            workspace.team_id,
            name=COMPANY,
            domain=workspace.domain,
            bot_user_id=workspace.bot.id,
            at=at,
        )
        sync_members(session, workspace_id, profiles, at)
        known = set_up_company(session, workspace_id, names, almanac, Sealer(key).seal)
        write_history(session, workspace_id, almanac, by_name)
        return known

    with usable(program.db.url):
        await asyncio.to_thread(migrate, program.db.engine)
        return await program.db.run(found)


# What is kept between two starts


@asynccontextmanager
async def _saved(save: Any) -> AsyncIterator[None]:
    async def saving() -> None:
        while True:
            await asyncio.sleep(SAVE_EVERY)
            save()

    save()
    task = asyncio.create_task(saving())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
        save()


def _read(folder: Path) -> Kept | None:
    """What an earlier demo left in the folder, None when there was none. Raises SettingsProblem for a broken one."""
    try:
        data = json.loads((folder / STATE).read_text(encoding="utf-8"))
        return Kept(
            date.fromisoformat(data["monday"]),
            datetime.fromisoformat(data["now"]),
            data["key"],
            data["secrets"],
            data["workspace"],
        )
    except FileNotFoundError:
        if not (folder / DATABASE).exists():
            return None
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise SettingsProblem([f"The demo in {folder} cannot be opened again. Empty the folder, or name another."])


def _write(folder: Path, kept: Kept) -> None:
    """Written beside and moved into place, so that a process that is killed leaves the old state whole."""
    data = {
        "monday": kept.monday.isoformat(),
        "now": kept.now.isoformat(),
        "key": kept.key,
        "secrets": dict(kept.secrets),
        "workspace": kept.workspace,
    }
    beside = folder / f"{STATE}.new"
    beside.write_text(json.dumps(data), encoding="utf-8")
    beside.replace(folder / STATE)
