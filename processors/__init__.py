"""Stream processors: fold source records into aggregates, exactly. Read `app` first."""
