"""`./tandem webhooks`: where changes are sent; what waits, what was given up and why; to be sent again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TypeVar

from rich.console import Console
from sqlalchemy.orm import Session

from bot.commands.offline import choose_workspace, opened
from bot.loops.clock import clock_of
from bot.seal import Sealer
from bot.settings import Settings, SettingsProblem
from domain.errors import FieldProblems, TandemError
from domain.webhooks import endpoints
from domain.webhooks.addresses import WebhookWrong, read_networks
from domain.webhooks.endpoints import Endpoint
from domain.webhooks.replaying import replay_piece
from handlers.words import counted, plain_sentence, span, trouble_words
from handlers.words.saying import in_plain_text
from storage.database import Database

T = TypeVar("T")


class Webhooks:
    """The endpoints of one workspace. `told`: where sentences go. Raises SettingsProblem."""

    def __init__(self, settings: Settings, workspace: str | None, *, out: Console) -> None:
        self._settings = settings
        self._workspace = workspace
        self._out = out
        self._networks = read_networks(settings.tandem_webhook_networks)

    def list(self) -> None:
        """Print what is known of each endpoint."""
        with self._opened() as (db, workspace_id, at):
            found = db.run_sync(endpoints.load_endpoints, workspace_id, at=at)
        for one in found:
            for line in told(one, at):
                self._tell(line)
        if not found:
            self._tell("Nothing is sent anywhere. Add an endpoint: ./tandem webhooks add https://example.com/tandem")

    def add(self, url: str, events: Sequence[str]) -> None:
        """Add an endpoint, and print its secret, this once."""
        with self._opened() as (db, workspace_id, at):
            add = endpoints.add_endpoint
            more = {"seal": self._seal(), "networks": self._networks, "at": at}
            endpoint, secret = self._done(db, lambda session: add(session, workspace_id, url, events, **more))  # type: ignore[arg-type]
        self._tell(f"Endpoint {endpoint.id} at {endpoint.host} gets {', '.join(endpoint.events)} from now on.")
        self._tell("Its secret is shown only now:")
        self._tell(secret)

    def rotate(self, endpoint_id: int) -> None:
        """Make a new secret, and print it, this once."""
        with self._opened() as (db, workspace_id, at):
            seal = self._seal()
            rotate = endpoints.rotate_secret
            _, secret = self._done(db, lambda session: rotate(session, workspace_id, endpoint_id, seal=seal, at=at))
        self._tell("For a day each event is signed with the old secret, too. The new one is shown only now:")
        self._tell(secret)

    def pause(self, endpoint_id: int, *, paused: bool) -> None:
        """Send nothing for a while, or send again."""
        with self._opened() as (db, workspace_id, at):
            pause = endpoints.pause_endpoint
            one = self._done(db, lambda session: pause(session, workspace_id, endpoint_id, paused=paused, at=at))
        self._tell(f"Endpoint {one.id} at {one.host} is {'paused: what happens is kept' if paused else 'active'}.")

    def remove(self, endpoint_id: int) -> None:
        """Send nothing there any more."""
        with self._opened() as (db, workspace_id, at):
            remove = endpoints.remove_endpoint
            one = self._done(db, lambda session: remove(session, workspace_id, endpoint_id, at=at))
        self._tell(f"Endpoint {one.id} at {one.host} is removed.")

    def test(self, endpoint_id: int) -> None:
        """Have a test event sent."""
        with self._opened() as (db, workspace_id, at):
            send = endpoints.send_test
            one = self._done(db, lambda session: send(session, workspace_id, endpoint_id, at=at))
        self._tell(f"A test event is on its way to {one.host}. `./tandem webhooks list` shows what came of it.")

    def replay(self, endpoint_id: int, since: str | None, until: str | None) -> None:
        """Send again what was given up, or everything of some time."""
        begin, end = _time(since), _time(until)
        count, after = 0, 0
        with self._opened() as (db, workspace_id, at):
            while True:

                def piece(session: Session, after: int = after) -> tuple[int, int | None]:
                    return replay_piece(session, workspace_id, endpoint_id, since=begin, until=end, after=after, at=at)

                done, last = self._done(db, piece)
                count += done
                if last is None:
                    break
                after = last
        self._tell(f"{counted(count, 'event')} to be sent again.")

    @contextmanager
    def _opened(self) -> Iterator[tuple[Database, int, datetime]]:
        with opened(self._settings) as db:
            yield db, db.read_sync(choose_workspace, self._workspace), clock_of(db).now()

    def _seal(self) -> Callable[[str], str]:
        self._settings.require("tandem_secret_key")
        return Sealer.from_settings(self._settings.tandem_secret_key).seal

    def _done(self, db: Database, use_case: Callable[[Session], T]) -> T:
        try:
            return db.run_sync(use_case)
        except FieldProblems as wrong:
            raise SettingsProblem([plain_sentence(one) for one in wrong.problems.values()]) from None
        except TandemError as wrong:
            raise SettingsProblem([plain_sentence(wrong)]) from None

    def _tell(self, line: str) -> None:
        self._out.print(line, markup=False, soft_wrap=True)


def told(one: Endpoint, at: datetime) -> Iterator[str]:
    """An endpoint in lines: what it gets, how it stands, what waits."""
    why = {"failing": "it failed for days", "gone": "it said that it is gone", "admin": "by an admin"}
    state = f"paused ({why.get(one.paused_why or '', one.paused_why)})" if one.state == "paused" else one.state
    yield f"{one.id:>4}  {one.url}"
    yield f"      {state}; gets {', '.join(one.events)}"
    waits = f"{counted(one.waiting.waiting, 'event')} waiting"
    late = f", for {span(one.waiting.late)}" if one.waiting.late else ""
    yield f"      {waits}{late}; {one.waiting.dead:,} given up"
    if one.failing_since is not None:
        reason = trouble_words(one.last_error, in_plain_text)
        yield f"      fails for {span(at - one.failing_since)}: {reason}"
    elif one.succeeded_at is not None:
        yield f"      delivered last at {one.succeeded_at:%Y-%m-%d %H:%M:%S} UTC"


def _time(text: str | None) -> datetime | None:
    """A time of the command line, UTC. Raises SettingsProblem."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise SettingsProblem([plain_sentence(WebhookWrong("no_time", (text,)))]) from None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at
