"""The relations that panels read, by their full names: declared tables, and the views built on them."""

from contracts.table import Table
from contracts.tables import (
    account_metrics_day,
    engagement_by_account_day,
    engagement_by_account_hour,
    engagement_by_account_minute,
    posts,
    reactions_by_post,
)

SCHEMA = "analytics"


def _table(table: Table) -> str:
    return f"{SCHEMA}.{table.name}"


ACCOUNT_MINUTE = _table(engagement_by_account_minute.TABLE)
ACCOUNT_HOUR = _table(engagement_by_account_hour.TABLE)
ACCOUNT_DAY = _table(engagement_by_account_day.TABLE)
ACCOUNT_METRICS_DAY = _table(account_metrics_day.TABLE)
POSTS = _table(posts.TABLE)
REACTIONS = _table(reactions_by_post.TABLE)

ACCOUNTS = f"{SCHEMA}.accounts"
POST_TOTALS = f"{SCHEMA}.post_totals"
POST_RATES = f"{SCHEMA}.post_rates"
ACCOUNT_RATES_DAY = f"{SCHEMA}.account_rates_day"
FRESHNESS = "pipeline.freshness"
DEAD_LETTERS = "pipeline.dead_letters"

PICKED = "platform IN (${platform:sqlstring}) AND account_id IN (${account:sqlstring})"
"""The condition that the pickers make; every relation of the schema has these columns."""
