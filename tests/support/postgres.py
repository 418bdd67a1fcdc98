"""A PostgreSQL server of the tests' own: a fresh cluster in a scratch folder, gone when they end.

Debian's package starts a cluster too; the tests never touch it. PostgreSQL refuses to run as root, so a root
test run hands it to a user without rights.
"""

from __future__ import annotations

import atexit
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# Tests may lose their data; what they must not lose is time. Rows are counted when a test says so.
SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
USER, DATABASE = "accord", "accord"
TRIES, PATIENCE = 3, 60  # another program may take the free port first; seconds to wait for the start


class CannotStart(Exception):
    """No server, with what it said."""


def installed() -> Path | None:
    """Folder of `postgres` and `initdb`: Debian's newest, else those on the PATH."""
    versions = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    if versions:
        return max(versions, key=lambda folder: int(folder.parent.name))
    found = shutil.which("postgres")
    return Path(found).resolve().parent if found else None


def binaries() -> Path:
    """The same folder. CannotStart without."""
    folder = installed()
    if folder is None:
        raise CannotStart("No PostgreSQL server is installed. Type: apt-get install postgresql")
    return folder


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def _unprivileged() -> dict[str, Any]:
    """Arguments for subprocess: who runs the server."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    entry = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


@dataclass
class Cluster:
    """`settings`: what the server is told at its start, beside where it listens."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=lambda: SETTINGS)
    password: str = field(default_factory=lambda: secrets.token_hex(16))
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        return f"postgresql://{USER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        self._initialise()
        for _ in range(TRIES):
            self.port = free_port()
            if self._started():
                break
        else:
            raise CannotStart(self._log())
        self._create(DATABASE)

    def copy(self, name: str) -> str:
        """DATABASE_URL of a copy, to which nobody is connected yet."""
        self._create("--template", DATABASE, name)
        return self.url_of(name)

    def _create(self, *what: str) -> None:
        where = ["--host", "127.0.0.1", "--port", str(self.port), "--username", USER]
        self._run("createdb", *where, *what)

    def start_again(self) -> None:
        """After a crash, in the same place: what the server left in its log is played back."""
        end = time.monotonic() + PATIENCE
        # After a killed master the processes it left hold the memory that a new one needs, until they notice.
        while not self._started():
            if time.monotonic() > end:
                raise CannotStart(self._log())
            time.sleep(0.1)

    def crash(self, number: signal.Signals) -> None:
        """SIGQUIT: at once, as `pg_ctl stop -m immediate` does; SIGKILL: the master alone, as a system out
        of memory does."""
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # the fast shutdown: waits for no client
            try:
                self.process.wait(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _initialise(self) -> None:
        password = self.folder / "password"
        password.write_text(self.password)
        who = _unprivileged()
        if who:
            os.chown(self.folder, who["user"], who["group"])
            os.chown(password, who["user"], who["group"])
        where = ["--pgdata", str(self.folder / "data"), "--username", USER, "--pwfile", str(password)]
        how = ["--encoding", "UTF8", "--locale", "C.UTF-8", "--auth", "scram-sha-256", "--no-sync"]
        self._run("initdb", *where, *how)

    def _started(self) -> bool:
        where = {"listen_addresses": "127.0.0.1", "port": str(self.port)}
        settings = {**self.settings, **where, "unix_socket_directories": str(self.folder)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [binaries() / "postgres", "-D", self.folder / "data", *options],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **_unprivileged(),
            )  # fmt: skip
        end = time.monotonic() + PATIENCE
        ready = ["pg_isready", "--quiet", "--host", "127.0.0.1", "--port", str(self.port)]
        while self.process.poll() is None and time.monotonic() < end:
            if subprocess.run([binaries() / ready[0], *ready[1:]], cwd=self.folder).returncode == 0:
                return True
            time.sleep(0.05)
        self.process.kill()
        self.process.wait()
        return False

    def _run(self, program: str, *arguments: str) -> None:
        environment = os.environ | {"PGPASSWORD": self.password}
        done = subprocess.run([binaries() / program, *arguments], cwd=self.folder, env=environment,
                              capture_output=True, text=True, **_unprivileged())  # fmt: skip
        if done.returncode != 0:
            raise CannotStart(f"{program}: {done.stderr}")

    def _log(self) -> str:
        log = self.folder / "log"
        return log.read_text(errors="replace")[-4000:] if log.exists() else "PostgreSQL said nothing"


def start(settings: Mapping[str, str] = SETTINGS) -> Cluster:
    """A running cluster. Who starts it stops it; a run that fails in between still leaves nothing behind."""
    cluster = Cluster(Path(tempfile.mkdtemp(prefix="accord-postgres-", dir=_reachable_folder())), settings)
    atexit.register(cluster.stop)
    try:
        cluster.start()
    except BaseException:
        cluster.stop()
        raise
    return cluster


def _reachable_folder() -> Path:
    # A folder under a home may be closed to the server's user; the system's scratch folder never is.
    shared = Path("/tmp")
    return shared if shared.is_dir() else Path(tempfile.gettempdir())


@contextmanager
def running(settings: Mapping[str, str] = SETTINGS) -> Iterator[Cluster]:
    cluster = start(settings)
    try:
        yield cluster
    finally:
        cluster.stop()
