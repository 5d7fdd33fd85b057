"""Makes the secret files that docker-compose.yml mounts: random where we choose, empty where a platform does.

`python -m deploy.secrets DIRECTORY` adds what is missing and changes nothing that is there. The directory can be
entered by its owner alone; the files in it are readable by all, because each container mounts single files and
reads them as its own user.
"""

import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

from ingest import platforms

_OURS = (
    "postgres_password",
    "postgres_migrator_password",
    "postgres_writer_password",
    "postgres_reader_password",
    "postgres_planner_password",
    "grafana_admin_password",
    "identity_key",
    "seal_key",
)
ROLES = ("migrator", "writer", "reader", "planner")
_OTHERS = ("alert_webhook_url", "alert_smtp_password", "identity_key_next")


def chosen_by_us() -> tuple[str, ...]:
    """Names of the secrets that may be anything, those that a platform is told among them."""
    hooks = [platform.webhook for platform in platforms.load().values() if platform.webhook]
    return tuple(dict.fromkeys((*_OURS, *(hook.verify_token.name for hook in hooks if hook.verify_token))))


def chosen_by_others() -> tuple[str, ...]:
    """Names of the secrets that others give: the platforms, where alerts go, and whoever changes the identity key."""
    hooks = [platform.webhook for platform in platforms.load().values() if platform.webhook]
    polls = [platform.poll for platform in platforms.load().values() if platform.poll]
    given = [*(hook.secrets for hook in hooks), *(setting for poll in polls for setting in (poll.token, poll.secrets))]
    return tuple(dict.fromkeys((*(setting.name for setting in given if setting), *_OTHERS)))


def make(directory: Path, given: Mapping[str, str] | None = None) -> None:
    """Add the missing secrets: from `given`, else 32 random bytes in hex, else empty."""
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o700)
    known, ours = given or {}, chosen_by_us()
    for name in (*ours, *chosen_by_others()):
        path = directory / name
        if name in known:
            path.write_text(known[name], encoding="utf-8")
        elif not path.exists():
            path.write_text(secrets.token_hex(32) if name in ours else "", encoding="utf-8")


def logins(directory: Path, address: str) -> dict[str, str]:
    """Login role -> DSN of the database at `address` (host:port), from the passwords in the directory."""
    return {
        role: f"postgresql://engagement_{role}:{(directory / f'postgres_{role}_password').read_text()}"
        f"@{address}/engagement"
        for role in ROLES
    }


def write_logins(directory: Path, dsns: Mapping[str, str]) -> None:
    """The DSN files of the services that log in; they follow the passwords."""
    for role in ("migrator", "writer"):
        (directory / f"postgres_dsn_{role}").write_text(dsns[role], encoding="utf-8")


if __name__ == "__main__":
    target = Path(sys.argv[1])
    make(target)
    write_logins(target, logins(target, "postgres:5432"))
