"""Logs for people (console) or machines (json), one line for each event, with secrets taken out whatever wrote them."""

from __future__ import annotations

import logging
import re
import sys
import threading
import time
from collections.abc import Callable, Iterable, MutableMapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Literal

import structlog

from storage.trace import current_request_id

_SECRET = re.compile(
    r'xox[a-z]-[\w-]+|xapp-[\w-]+|whsec_[\w+/=-]+|sk-[\w-]{16,}|(?<=://)([^:@/\s"]+):[^@/\s"]+(?=@)|(?<=\?ticket=)[\w-]+'
)
# PostgreSQL adds rows and parameters to its errors: what customers wrote, over as many lines as they wrote.
_DETAIL = {
    "console": re.compile(
        r"(DETAIL|CONTEXT):  .*?(?=\n\[SQL: |\n\nThe above exception was|\n\nDuring handling of|\Z)", re.DOTALL
    ),
    "json": re.compile(
        r'(DETAIL|CONTEXT):  (?:[^"\\]|\\.)*?'
        r'(?=\\n\[SQL: |\\n\\nThe above exception was|\\n\\nDuring handling of|"|\Z)'
    ),
}
_SHORTEST_SECRET = 8  # a shorter value would also be found in innocent words
_REPEATS_AFTER = 60.0  # seconds
_MOST_TROUBLES = 1000  # that are remembered, so that lines which never come again cost no memory

Entry = MutableMapping[str, Any]


def configure_logs(form: Literal["console", "json"], secrets: Iterable[str] = (), *, level: int = logging.INFO) -> None:
    """Send everything to standard error in one form: ours, the libraries', warnings, and what nobody caught.

    `secrets`: values that never appear, besides what looks like a token or a password in an address, and the rows
    that PostgreSQL tells with its errors. `level`: what is less than this is left out, `logging.INFO` by default.
    """
    hide: Any = _hiding(form, secrets)
    repeats = Repeats()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_request_id,
        repeats.drop,
        structlog.processors.format_exc_info,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    )
    if form == "console":
        shared.pop()  # this renderer sets tracebacks in lines of their own
    structlog.configure(
        # Ours go straight to the stream: by way of the standard library a line costs three times as much.
        processors=[*shared, renderer, hide],
        logger_factory=NamedLogger,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(repeats)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer, hide],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # Bolt warns at every start that our own authorize wins over the client's token, which is the intention.
    logging.getLogger("slack_bolt").setLevel(logging.ERROR)
    for noisy in ("slack_sdk", "apscheduler", "uvicorn", "aiohttp", "alembic", "httpx", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.captureWarnings(True)
    sys.excepthook = _tell_uncaught
    threading.excepthook = lambda ended: _tell_uncaught(
        ended.exc_type, ended.exc_value or ended.exc_type(), ended.exc_traceback
    )


class NamedLogger:
    """Writes lines to standard error, and knows the module that it logs for."""

    def __init__(self, *_names: str) -> None:
        self.name = structlog.stdlib.LoggerFactory(ignore_frame_names=[__name__])().name

    def msg(self, line: str) -> None:
        # Whoever reads the log may be gone, and the disk behind it full: the work goes on.
        with suppress(OSError, ValueError):
            sys.stderr.write(line + "\n")
            sys.stderr.flush()

    debug = info = warning = error = critical = exception = msg


class Repeats(logging.Filter):
    """A trouble that lasts is told once a minute, with how often it came in between: the disk must not fill with it.

    What happened to one arrival or delivery (it has a request id) is always told.
    """

    def __init__(self) -> None:
        super().__init__()
        self._told: dict[tuple[str, ...], tuple[float, int]] = {}
        self._lock = threading.Lock()  # the database's threads log too

    def drop(self, _logger: Any, method: str, entry: Entry) -> Entry:
        """For our own lines, a processor: raises DropEvent for one that was told less than a minute ago."""
        if method in ("debug", "info") or "request_id" in entry:
            return entry
        told = (repr(item) for item in sorted(entry.items()) if item[0] not in ("timestamp", "exc_info"))
        repeated = self._repeated(*told, _kind(entry.get("exc_info")))
        if repeated is None:
            raise structlog.DropEvent
        return {**entry, "repeated": repeated} if repeated else entry

    def filter(self, record: logging.LogRecord) -> bool:
        """For libraries' lines: whether to tell this one."""
        if record.levelno < logging.WARNING or current_request_id() is not None:
            return True
        repeated = self._repeated(record.name, record.getMessage(), _kind(record.exc_info))
        if repeated:
            record.msg, record.args = f"{record.getMessage()} (and {repeated:,} times in between)", None
        return repeated is not None

    def _repeated(self, *line: str) -> int | None:
        """How often the line came since it was last told; None when that is less than a minute ago."""
        with self._lock:
            at, repeated = self._told.get(line, (None, 0))
            if at is not None and time.monotonic() - at < _REPEATS_AFTER:
                self._told[line] = (at, repeated + 1)
                return None
            if len(self._told) >= _MOST_TROUBLES:
                self._told.clear()
            self._told[line] = (time.monotonic(), 0)
            return repeated


def _kind(exc_info: Any) -> str:
    """The kind of an exception: its words may hold what changes each time."""
    if exc_info is True:
        exc_info = sys.exc_info()
    error = exc_info[1] if isinstance(exc_info, tuple) else exc_info
    return type(error).__name__


def add_request_id(_logger: Any, _method: str, entry: Entry) -> Entry:
    """Which arrival (or tick) this was logged for, if for any."""
    if "request_id" not in entry:
        request_id = current_request_id()
        if request_id is not None:
            entry["request_id"] = request_id
    return entry


def _hiding(form: str, secrets: Iterable[str]) -> Callable[[Any, str, str], str]:
    """A last processor: takes secrets out of the finished line, however deep in it they stood."""
    known = [re.escape(value) for value in secrets if len(value) >= _SHORTEST_SECRET]
    secret = re.compile("|".join([*known, _SECRET.pattern]))
    detail = _DETAIL[form]

    def hide(_logger: Any, _method: str, line: str) -> str:
        return secret.sub("***", detail.sub(r"\1: ***", line))

    return hide


def _tell_uncaught(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    """What nobody caught ends in the log like everything else; Ctrl-C is no news."""
    if not issubclass(kind, KeyboardInterrupt):
        logging.getLogger("tandem").critical("uncaught error", exc_info=(kind, error, traceback))
