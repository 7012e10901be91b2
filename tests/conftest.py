"""One server for the whole run, one migrated template, one fresh clone of it for each test.

MYTRADER_ETL_TEST_PG chooses the server: ``18`` (default) or ``16`` from the wheel, or a folder of
binaries such as ``/usr/lib/postgresql/15/bin``.
MYTRADER_ETL_REAL_DATA names the folder with bars.csv.gz and symbols.csv.gz.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import hypothesis
import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from pytest_postgresql import factories

from mytrader_etl import deployment
from mytrader_etl.embedded import EmbeddedServer

HERE = Path(__file__).resolve().parent

Connection = psycopg.Connection[Any]
SessionFactory = Callable[..., Connection]


@dataclass(frozen=True)
class Server:
    """What pytest-postgresql wants to know of a server, and the server itself."""

    embedded: EmbeddedServer
    maintenance: Connection
    host: str
    port: int
    user: str
    password: str | None = None
    options: str = ""
    maintenance_dbname: str = "postgres"
    template_dbname: str | None = None

    def dsn(self, dbname: str = "postgres", **parameters: str | int) -> str:
        """Return the conninfo of a database on this server."""
        return self.embedded.dsn(dbname, **parameters)

    def command(self, name: str) -> str:
        """Return the path of a client program, such as psql or pg_dump, of the server's version."""
        return self.embedded.command(name)

    @contextmanager
    def clone(self, template: str) -> Iterator[Connection]:
        """Yield an autocommit connection to a fresh copy of a database, dropped at the end."""
        name = f"clone_{uuid4().hex[:12]}"
        # A checkpoint costs little in memory, less than to log each page.
        self.maintenance.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        try:
            with psycopg.connect(self.dsn(name), autocommit=True) as connection:
                yield connection
        finally:
            self._await_last_session(name)
            self.maintenance.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _await_last_session(self, dbname: str) -> None:
        """Give the sessions that were closed a moment to end.

        DROP DATABASE would wait a tenth of a second for them, which is as long as a small test.
        """
        deadline = time.monotonic() + 0.1
        query = "SELECT FROM pg_stat_activity WHERE datname = %s"
        while self.maintenance.execute(query, (dbname,)).rowcount and time.monotonic() < deadline:
            time.sleep(0.002)


# The same examples in every run, however long each takes.
# --hypothesis-profile=default draws others.
hypothesis.settings.register_profile("steady", derandomize=True, deadline=None)
hypothesis.settings.load_profile("steady")

# A shell starts what runs in its background with SIGINT ignored, and the programs that tests start
# and interrupt would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that all processes come to their ends together."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def _memory() -> str | None:
    """Return a folder in memory that has room for the servers of a run and may hold programs.

    Most of the time of a small test is that of its database, a thousand files of which are
    created and removed: in memory that takes a third.
    """
    folder = Path("/dev/shm")
    if not folder.is_dir():
        return None
    disk = os.statvfs(folder)
    is_usable = disk.f_bavail * disk.f_frsize > 8 * 2**30 and not disk.f_flag & os.ST_NOEXEC
    return str(folder) if is_usable and os.access(folder, os.W_OK) else None


MEMORY = _memory()


class CopiedServer(EmbeddedServer):
    """A server on a copy of the first one's data folder: initdb takes longer than many tests."""

    _made: ClassVar[dict[Path, Path]] = {}

    def _initdb(self) -> None:
        if self._tcp:
            super()._initdb()
        elif self.bin_dir in self._made:
            shutil.copytree(self._made[self.bin_dir], self.data_dir, dirs_exist_ok=True)
            self._account.own_tree(self.data_dir)
        else:
            super()._initdb()
            folder = Path(tempfile.mkdtemp(prefix="mytrader-etl-cluster-", dir=MEMORY))
            atexit.register(shutil.rmtree, folder, ignore_errors=True)
            shutil.copytree(self.data_dir, folder / "data")
            self._made[self.bin_dir] = folder / "data"


def embedded_server(**arguments: Any) -> EmbeddedServer:
    """Return a new server, not started, of the version under test."""
    arguments.setdefault("temp_dir", MEMORY)
    # The server of Debian can compile queries, which takes far longer than to run them on the few
    # rows of the tests. jit itself stays on, for operations have to leave it as it was.
    arguments["settings"] = {"jit_above_cost": -1, **arguments.get("settings", {})}
    choice = os.environ.get("MYTRADER_ETL_TEST_PG", "18")
    if choice.isdigit():
        return CopiedServer(int(choice), **arguments)
    return CopiedServer(bin_dir=choice, **arguments)


@pytest.fixture(scope="session")
def pg_server() -> Iterator[Server]:
    """Run one server for all tests."""
    with (
        embedded_server(settings={"max_connections": 200}) as server,
        psycopg.connect(server.dsn(), autocommit=True) as maintenance,
    ):
        yield Server(server, maintenance, server.host, server.port, server.user)


@pytest.fixture
def own_server() -> Iterator[EmbeddedServer]:
    """Run a server for this test alone, which may crash and restart it."""
    with embedded_server() as server:
        yield server


@pytest.fixture
def fast_folder() -> Iterator[Path]:
    """Return a new folder that every account can reach, in memory where there is room."""
    path = Path(tempfile.mkdtemp(prefix="mytrader-etl-test-", dir=MEMORY or "/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def new_server() -> Callable[..., EmbeddedServer]:
    """Return what makes a server of the version under test, with settings; the caller starts it."""
    return embedded_server


def _migrate(**connection: Any) -> None:
    """Migrate the template database; pytest-postgresql calls this."""
    connection.pop("autocommit", None)
    deployment.up(make_conninfo("", **connection))


migrated_template = factories.postgresql_noproc(
    depends_on="pg_server", dbname="mytrader_etl_migrated", load=[_migrate]
)


@pytest.fixture(scope="session")
def platform_template(pg_server: Server, migrated_template: Any) -> Iterator[str]:
    """Return a database to copy: migrated, with the platform's tables and the reference data."""
    with pg_server.clone(migrated_template.template_dbname) as connection:
        connection.execute("CALL etl.create_platform_tables()")
        connection.execute("CALL etl.bootstrap_reference_data()")
        name = connection.info.dbname
        connection.close()  # nobody may be in a database that is copied
        yield name


@pytest.fixture
def template(migrated_template: Any) -> str:
    """Return the name of the database that ``db`` is a copy of."""
    return str(migrated_template.template_dbname)


@pytest.fixture
def db(pg_server: Server, template: str) -> Iterator[Connection]:
    """Return an autocommit connection to a fresh, migrated database."""
    with pg_server.clone(template) as connection:
        yield connection


@pytest.fixture
def empty_db(pg_server: Server) -> Iterator[Connection]:
    """Return an autocommit connection to a fresh database without our schema."""
    with pg_server.clone("template1") as connection:
        yield connection


@pytest.fixture
def dsn(db: Connection, pg_server: Server) -> str:
    """Return the conninfo of the database behind ``db``, good for any client version."""
    return pg_server.dsn(db.info.dbname)


@pytest.fixture
def empty_dsn(empty_db: Connection, pg_server: Server) -> str:
    """Return the conninfo of the database behind ``empty_db``."""
    return pg_server.dsn(empty_db.info.dbname)


@pytest.fixture
def session(dsn: str) -> Iterator[SessionFactory]:
    """Return a factory of more autocommit sessions on that database; all are closed at the end.

    Keyword arguments replace parts of the conninfo, such as ``user`` or ``options``.
    """
    opened: list[Connection] = []

    def connect(**parameters: Any) -> Connection:
        conninfo = make_conninfo(dsn, **parameters)
        connection = psycopg.connect(conninfo, autocommit=True)
        opened.append(connection)
        return connection

    yield connect
    for connection in opened:
        connection.close()


@pytest.fixture
def market(db: Connection) -> Connection:
    """Return ``db`` with the platform's tables and a small set of rows of every kind.

    tests/market.sql says which rows and why.
    """
    db.execute((HERE / "market.sql").read_text())
    return db


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder with real bars and symbols; in CI it has to be there."""
    given = os.environ.get("MYTRADER_ETL_REAL_DATA")
    problem = None
    if not given:
        problem = "MYTRADER_ETL_REAL_DATA is not set: it names the folder of the real bars"
    elif not (Path(given) / "bars.csv.gz").is_file():
        problem = f"MYTRADER_ETL_REAL_DATA: there is no bars.csv.gz in {given}"
    if problem is None:
        assert given is not None
        return Path(given)
    if os.environ.get("CI"):
        pytest.fail(problem)
    pytest.skip(problem)
