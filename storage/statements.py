"""Hot statements: SQLAlchemy writes their SQL once, and each run goes straight to the driver.

What a person waits for is mostly a handful of small statements. Around each of them SQLAlchemy's own bookkeeping costs
ten times what the database does (13 us a statement by a connection, 42 by a Session, 1 by the driver, measured on
SQLite). So the statement is compiled when it first runs, for the dialect at hand, and from then on values go through
the processors of its types, the driver's cursor, and back. It runs on the transaction's own connection, after whatever
ran there before; what a Session has not flushed yet it does not see.
"""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import CompoundSelect, Connection, Delete, Dialect, Insert, Select, TextClause, Update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import ExpandedState, SQLCompiler

MOST_VALUES: Final = 65_535
"""PostgreSQL numbers the values of a statement with two bytes. SQLite says by itself when there are too many."""

Values = Mapping[str, Any]
Process = Callable[[Any], Any]
_Made = Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]] | Insert | Update | Delete | TextClause


def stay_connected(session: Session) -> None:
    """Keep the transaction's connection at hand for its statements: asking a Session costs as much as a small one.

    For sessions that end with their transaction.
    """
    session.info["connection"] = session.connection()


def _connection_of(session: Session) -> Connection:
    kept: Connection | None = session.info.get("connection")
    return kept if kept is not None else session.connection()


class Statement:
    """One statement, made once and run often. Make it at the top of a module, and hand values over by name.

    A list stands for an expanding parameter (`column.in_(bindparam("ids", expanding=True))`). What a column of an
    INSERT has as its default in Python is filled in. Rows are named tuples of what is selected. Raises what
    SQLAlchemy raises: IntegrityError, OperationalError and the other DBAPIErrors. Raises ValueError for what no
    driver would be asked: more than MOST_VALUES values, several rows of unlike names, a name inside a list's.
    """

    def __init__(self, statement: _Made) -> None:
        self.statement: Final = statement
        self._compiled: dict[tuple[str, tuple[str, ...]], _Compiled] = {}

    def all(self, session: Session, values: Values = {}) -> list[Any]:  # noqa: B006  # never changed
        """All rows, in order."""
        return self._run(session, values).rows()

    def first(self, session: Session, values: Values = {}) -> Any:  # noqa: B006
        """The first row; None when there is none."""
        found = self._run(session, values).rows()
        return found[0] if found else None

    def scalar(self, session: Session, values: Values = {}) -> Any:  # noqa: B006
        """The first value of the first row; None when there is none."""
        found = self.first(session, values)
        return found[0] if found is not None else None

    def scalars(self, session: Session, values: Values = {}) -> list[Any]:  # noqa: B006
        """The first value of each row."""
        return [row[0] for row in self._run(session, values).rows()]

    def run(self, session: Session, values: Values = {}) -> int:  # noqa: B006
        """Run it for its effect; how many rows it concerned."""
        return self._run(session, values).count

    def run_many(self, session: Session, several: Sequence[Values]) -> None:
        """Run it once for each of several sets of values, all with the same names."""
        if several:
            connection = _connection_of(session)
            self._for(connection, several[0]).run_many(connection, several)

    def insert(self, session: Session, values: Values) -> int:
        """Store one row; its id."""
        return self._run(session, values).inserted_id()

    def insert_many(self, session: Session, several: Sequence[Values]) -> list[int]:
        """Store several rows, all with the same names; their ids, in the same order."""
        if not several:
            return []
        connection = _connection_of(session)
        return self._for(connection, several[0]).insert_many(connection, several)

    def _run(self, session: Session, values: Values) -> _Ran:
        connection = _connection_of(session)
        return self._for(connection, values).run(connection, values)

    def _for(self, connection: Connection, values: Values) -> _Compiled:
        dialect = connection.dialect
        # The columns of an INSERT and of an UPDATE follow from the names that are handed over.
        names = tuple(values) if isinstance(self.statement, Insert | Update) else ()
        found = self._compiled.get((dialect.name, names))
        if found is None:
            found = self._compiled[dialect.name, names] = _Compiled(self.statement, dialect, list(names) or None)
        return found


@dataclass(slots=True)
class _Ran:
    cursor: Any
    compiled: _Compiled

    @property
    def count(self) -> int:
        return int(self.cursor.rowcount)

    def rows(self) -> list[Any]:
        return self.compiled.read(self.cursor)

    def inserted_id(self) -> int:
        row = self.cursor.fetchone() if self.compiled.returns_id else None
        return int(row[0] if row is not None else self.cursor.lastrowid)


@dataclass(frozen=True, slots=True)
class _Written:
    """The SQL for so many values in each list: how the driver wants the values, each with what prepares it."""

    sql: str
    order: tuple[str, ...] | None
    processors: Mapping[str, Process]


class _Compiled:
    def __init__(self, statement: _Made, dialect: Dialect, names: list[str] | None) -> None:
        self.returns_id = False
        if isinstance(statement, Insert) and not statement._returning and dialect.name == "postgresql":
            statement = statement.returning(*statement.table.primary_key)
            self.returns_id = True
        compiled = statement.compile(dialect=dialect, column_keys=names)
        assert isinstance(compiled, SQLCompiler)
        self._made = compiled
        self._dialect = dialect
        self._lists = sorted(
            {compiled.escaped_bind_names.get(one.key, one.key) for one in compiled.post_compile_params}
        )
        self._refuse_names_of_lists(compiled)
        required = {name for bind, name in compiled.bind_names.items() if bind.required}
        self._fixed: Values = {name: value for name, value in compiled.params.items() if name not in required}
        self._constants = _constants_in(compiled) if dialect.name == "postgresql" else {}
        self._defaults: list[tuple[str, Any]] = [(column.key, column.default) for column in compiled.insert_prefetch]
        self._written: dict[tuple[int, ...], _Written] = {}
        self._row: Any = None
        self._results: list[Process | None] = []
        self._any_result = False

    def _refuse_names_of_lists(self, compiled: SQLCompiler) -> None:
        """The values of a list `ids` are called ids_1, ids_2 (pairs: ids_1_1): another parameter would get theirs."""
        for one in self._lists:
            for name in compiled.bind_names.values():
                if re.fullmatch(rf"{re.escape(one)}_\d+(_\d+)?", name):
                    raise ValueError(f"{name} is a value of the list {one}: call the parameter something else")

    def run(self, connection: Connection, values: Values) -> _Ran:
        written, given = self._prepared(values)
        raw: Any = connection.connection.dbapi_connection
        _tell(connection, written.sql, given, many=False)
        try:
            cursor = raw.execute(written.sql, given)
        except Exception as error:
            raise self._explained(connection, written.sql, error) from error
        return _Ran(cursor, self)

    def run_many(self, connection: Connection, several: Sequence[Values]) -> None:
        self._sent(connection, several)

    def _sent(self, connection: Connection, several: Sequence[Values], **how: bool) -> Any:
        """All of them at once: PostgreSQL is waited for a single time."""
        prepared = self._all_prepared(several)
        raw: Any = connection.connection.dbapi_connection
        sql, given = prepared[0][0].sql, [one for _, one in prepared]
        _tell(connection, sql, given, many=True)
        cursor = raw.cursor()
        try:
            cursor.executemany(sql, given, **how)
        except Exception as error:
            raise self._explained(connection, sql, error) from error
        return cursor

    def insert_many(self, connection: Connection, several: Sequence[Values]) -> list[int]:
        if not self.returns_id:
            _check_alike(several)
            return [self.run(connection, values).inserted_id() for values in several]
        cursor = self._sent(connection, several, returning=True)
        ids = [int(cursor.fetchone()[0])]
        while cursor.nextset():
            ids.append(int(cursor.fetchone()[0]))
        return ids

    def read(self, cursor: Any) -> list[Any]:
        found = cursor.fetchall()
        if not found:
            return []
        if self._row is None:
            self._learn(cursor.description)
        make = self._row._make
        if not self._any_result:
            return list(map(make, found))
        return [
            make(
                [
                    value if process is None else process(value)
                    for process, value in zip(self._results, row, strict=True)
                ]
            )
            for row in found
        ]

    def _learn(self, description: Sequence[Any]) -> None:
        """What each column is called, and what makes a Python value of it."""
        entries = self._made._result_columns
        self._results = [
            entry.type._cached_result_processor(self._dialect, column[1])
            for entry, column in zip(entries, description, strict=True)
        ]
        self._any_result = any(process is not None for process in self._results)
        self._row = namedtuple("Row", [entry.keyname for entry in entries], rename=True)  # type: ignore[misc]

    def _all_prepared(self, several: Sequence[Values]) -> list[tuple[_Written, Any]]:
        _check_alike(several)
        prepared = [self._prepared(values) for values in several]
        if any(written is not prepared[0][0] for written, _ in prepared):
            raise ValueError("the lists of several rows are not of one length: run the rows one by one")
        return prepared

    def _prepared(self, values: Values) -> tuple[_Written, Any]:
        lengths = tuple([len(values[name]) for name in self._lists]) if self._lists else ()
        written = self._written.get(lengths)
        given: dict[str, Any] = {**self._fixed, **values}
        for name, default in self._defaults:
            given[name] = default.arg if default.is_scalar else default.arg(None)
        if written is None:
            written = self._written[lengths] = self._write(given)
        for name in self._lists:
            several = given.pop(name)
            if several and isinstance(several[0], tuple):
                for number, row in enumerate(several, start=1):
                    given.update((f"{name}_{number}_{column}", value) for column, value in enumerate(row, start=1))
            else:
                given.update((f"{name}_{number}", value) for number, value in enumerate(several, start=1))
        if len(given) > MOST_VALUES and self._dialect.name == "postgresql":
            raise ValueError(f"{len(given):,} values in one statement; {MOST_VALUES:,} is the most: ask in parts")
        for name, process in written.processors.items():
            given[name] = process(given[name])
        if written.order is not None:
            return written, tuple([given[name] for name in written.order])
        return written, given

    def _write(self, given: Mapping[str, Any]) -> _Written:
        made = self._made
        state: ExpandedState | None = None
        processors: Mapping[str, Any] = made._bind_processors
        if self._lists:
            state = made._process_parameters_for_postcompile(dict(given))
            processors = {**made._bind_processors, **state.processors}
        order = state.positiontup if state is not None else made.positiontup
        used = {**processors}
        for name in self._lists:
            used.pop(name, None)
        sql = state.statement if state is not None else made.string
        for name, constant in self._constants.items():
            sql = sql.replace(f"%({name})s", constant)
        return _Written(
            sql,
            tuple(order) if made.positional and order is not None else None,
            {name: process for name, process in used.items() if process is not None},
        )

    def _explained(self, connection: Connection, sql: str, error: Exception) -> BaseException:
        """The error as SQLAlchemy's users know it; a connection that is lost is not used again."""
        dbapi: Any = self._dialect.loaded_dbapi
        if not isinstance(error, dbapi.Error):
            return error
        raw: Any = connection.connection.dbapi_connection
        lost = self._dialect.is_disconnect(error, raw, None)
        told: BaseException = DBAPIError.instance(
            sql, None, error, dbapi.Error, hide_parameters=True, connection_invalidated=lost, dialect=self._dialect
        )
        if lost:
            # As SQLAlchemy does: what took one connection took those that rest in the pool, too.
            connection.engine.pool._invalidate(connection.connection, error)
            connection.invalidate(error)
        return told


def _constants_in(compiled: SQLCompiler) -> Mapping[str, str]:
    """The numbers and words that a statement has by itself, such as `limit(1)` and `state == "live"`, as SQL.

    PostgreSQL gets them in the text. Of a LIMIT that is a parameter it does not know whether it is one or a million,
    and of a state not whether it is that of a partial index. So it would keep no plan and make one for each run, which
    often takes longer than the run.
    """
    own = {name: bind.value for bind, name in compiled.bind_names.items() if bind.unique and not bind.expanding}
    return {
        name: _as_sql(value)
        for name, value in own.items()
        if isinstance(value, bool | int | str) and name not in compiled._bind_processors
    }


def _as_sql(value: bool | int | str) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''").replace("%", "%%") + "'"
    return str(value).lower()


def _check_alike(several: Sequence[Values]) -> None:
    """The first row's names make the statement: what another row has more would be lost without a word."""
    names = several[0].keys()
    for number, values in enumerate(several, start=1):
        if values.keys() != names:
            other = ", ".join(sorted(names ^ values.keys()))
            raise ValueError(f"row {number} does not have the names of the first row: {other}")


def _tell(connection: Connection, sql: str, given: Any, *, many: bool) -> None:
    """Whoever listens to an engine's statements (a test, a tool) hears of ours as of SQLAlchemy's own."""
    if connection._has_events or connection.engine._has_events:
        for listen in connection.dispatch.before_cursor_execute:
            listen(connection, None, sql, given, None, many)
