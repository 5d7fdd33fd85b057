"""Engagement of an account by its local day."""

from contracts.table import ACCOUNT, COUNTS, DAY, FOLLOWS, NETS, PLATFORM, UNIQUE, Table, count

TABLE = Table(
    name="engagement_by_account_day",
    doc="Organic engagement of an account by its local day, with the people behind it.",
    key=(PLATFORM, ACCOUNT, DAY),
    values=(
        *COUNTS,
        *FOLLOWS,
        UNIQUE,
        count(
            "new_engagers",
            "Those of unique_engagers whose first engagement with the account lies in this day.",
        ),
        count("returning_engagers", "unique_engagers minus new_engagers."),
        *NETS,
    ),
    retention="day",
)
