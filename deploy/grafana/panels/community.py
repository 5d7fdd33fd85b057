"""How many people a community has, how far in they are, and which way they move."""

from deploy.grafana.panel import BAD, GOOD, NEUTRAL, WARNING, Panel, Row, Sql
from deploy.grafana.relations import ACCOUNTS, COMMUNITY_DAY, DAY_AS_TIME, DAYS, HEALTH, PICKED

RING_COLOURS = {"exploring": "light-blue", "participating": NEUTRAL, "contributing": "purple", "leading": WARNING}


def _by_day(*columns: str) -> Sql:
    """Columns of a community's days, added up over the accounts."""
    return Sql(
        f"""
        SELECT {DAY_AS_TIME}, {", ".join(columns)}
        FROM {COMMUNITY_DAY}
        WHERE {PICKED} AND {DAYS}
        GROUP BY 1 ORDER BY 1
        """,
        is_series=True,
    )


def _by_account(value: str) -> Sql:
    """A figure of a community's health; figures of several accounts cannot be added up."""
    return Sql(
        f"""
        SELECT {DAY_AS_TIME}, accounts.name AS metric, {value} AS value
        FROM {HEALTH} JOIN {ACCOUNTS} AS accounts USING (platform, account_id)
        WHERE {PICKED} AND {DAYS} AND {value} IS NOT NULL
        ORDER BY 1
        """,
        is_series=True,
    )


ROW = Row(
    "Community",
    (
        Panel(
            "Members by ring",
            "People by the ring they stand on at the end of the local day (O20), added up over the accounts. Whoever "
            "was not active for 90 days is on none.",
            "short",
            (_by_day(*(f'sum("{ring}") AS "{ring}"' for ring in RING_COLOURS)),),
            kind="bars",
            width=12,
            colours=RING_COLOURS,
        ),
        Panel(
            "Level movements",
            "People whose level rose or fell against the day before; below zero those that fell or were lost. joined: "
            "on no level the day before.",
            "short",
            (
                _by_day(
                    "sum(joined) AS joined",
                    "sum(moved_up) AS up",
                    "-sum(moved_down) AS down",
                    '-sum(left_levels) AS "left"',
                ),
            ),
            kind="bars",
            width=12,
            colours={"joined": NEUTRAL, "up": GOOD, "down": WARNING, "left": BAD},
        ),
        Panel(
            "Gravity",
            "Change of commitment in 28 days per person (O22): above zero people move inwards. Commitment is the sum "
            "over people of the squared weight of their ring (1, 4, 7, 10).",
            "none",
            (_by_account("gravity_28d"),),
        ),
        Panel(
            "Active people",
            "Distinct people active on the day, and in the 7 and 28 days that end with it, added up over the accounts.",
            "short",
            (_by_day('sum(active_1d) AS "1 day"', 'sum(active_7d) AS "7 days"', 'sum(active_28d) AS "28 days"'),),
        ),
        Panel(
            "New, returning and reactivated people",
            "The day's active people: new ones, those who were silent for more than 28 days before, and the other "
            "returning ones.",
            "short",
            (
                _by_day(
                    "sum(new_engagers) AS new",
                    "sum(returning_engagers - reactivated_engagers) AS returning",
                    "sum(reactivated_engagers) AS reactivated",
                ),
            ),
            kind="bars",
            colours={"new": GOOD, "returning": NEUTRAL, "reactivated": "purple"},
        ),
        Panel(
            "Share of followers that engages",
            "People active in 28 days over the followers as last known. Not everybody who engages follows; days "
            "without known followers have no point.",
            "percentunit",
            (_by_account("active_28d / nullif(followers, 0)::double precision"),),
            width=12,
        ),
        Panel(
            "Followers gained in 28 days",
            "Followers as last known less those known 28 days before; negative where more left than came.",
            "short",
            (_by_account("follower_growth_28d"),),
            width=12,
        ),
    ),
)
