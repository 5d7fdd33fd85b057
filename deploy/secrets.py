"""Makes the secret files that docker-compose.yml mounts: random where we choose, empty where a platform does.

`python -m deploy.secrets DIRECTORY` adds what is missing and changes nothing that is there. The directory can be
entered by its owner alone; the files in it are readable by all, because each container mounts single files and
reads them as its own user.
"""

import secrets
import sys
from collections.abc import Mapping
from pathlib import Path

CHOSEN_BY_US = (
    "postgres_password",
    "postgres_migrator_password",
    "postgres_writer_password",
    "postgres_reader_password",
    "postgres_planner_password",
    "grafana_admin_password",
    "meta_verify_token",
    "identity_key",
    "seal_key",
)
ROLES = ("migrator", "writer", "reader", "planner")
CHOSEN_BY_OTHERS = ("meta_app_secrets", "meta_access_token", "alert_webhook_url", "alert_smtp_password")


def make(directory: Path, given: Mapping[str, str] | None = None) -> None:
    """Add the missing secrets: from `given`, else 32 random bytes in hex, else empty."""
    directory.mkdir(parents=True, exist_ok=True)
    directory.chmod(0o700)
    known = given or {}
    for name in (*CHOSEN_BY_US, *CHOSEN_BY_OTHERS):
        path = directory / name
        if name in known:
            path.write_text(known[name], encoding="utf-8")
        elif not path.exists():
            path.write_text(secrets.token_hex(32) if name in CHOSEN_BY_US else "", encoding="utf-8")


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
