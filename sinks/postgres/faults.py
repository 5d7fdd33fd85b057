"""What an error of PostgreSQL means to the writer: bad data, a database that is away, or neither.

Bad data costs the row; a database that is away is waited for; anything else stops the process.
"""

from typing import Literal

import psycopg

# Cardinality violations (two records of one grain under two keys), data exceptions, integrity violations, a key that is
# too long for its index.
_BAD_DATA = ("21", "22", "23", "54000")
# Connection exceptions, serialisation failure, deadlock, insufficient resources, lock not available, shutdown.
_AWAY = ("08", "40001", "40P01", "53", "55P03", "57P0")


def meaning(error: psycopg.Error) -> Literal["bad data", "away", "unknown"]:
    """By SQLSTATE; an error of psycopg itself has none, and its class tells."""
    state = error.sqlstate
    if state is None:
        if isinstance(error, psycopg.DataError):
            return "bad data"
        return "away" if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError) else "unknown"
    if state.startswith(_BAD_DATA):
        return "bad data"
    return "away" if state.startswith(_AWAY) else "unknown"
