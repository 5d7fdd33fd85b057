"""The relations that panels read, by their full names: declared tables, and the views built on them."""

from contracts.table import Table
from contracts.tables import (
    account_metrics_day,
    attribution_by_channel_day,
    channel_paths,
    channel_removal_effects,
    community_by_account_day,
    community_members,
    engagement_anomalies,
    engagement_by_account_day,
    engagement_by_account_hour,
    engagement_by_account_minute,
    inbound_comments,
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
MEMBERS = _table(community_members.TABLE)
COMMUNITY_DAY = _table(community_by_account_day.TABLE)
INBOUND_COMMENTS = _table(inbound_comments.TABLE)
ANOMALIES = _table(engagement_anomalies.TABLE)

CHANNEL_DAY = _table(attribution_by_channel_day.TABLE)
PATHS = _table(channel_paths.TABLE)
REMOVAL_EFFECTS = _table(channel_removal_effects.TABLE)

ACCOUNTS = f"{SCHEMA}.accounts"
POST_TOTALS = f"{SCHEMA}.post_totals"
POST_RATES = f"{SCHEMA}.post_rates"
ACCOUNT_RATES_DAY = f"{SCHEMA}.account_rates_day"
HEALTH = f"{SCHEMA}.community_health"
COHORTS = f"{SCHEMA}.community_cohorts"
RFM = f"{SCHEMA}.community_rfm"
RESPONSE_TIMES = f"{SCHEMA}.response_times_by_account_day"
SPIKES = f"{SCHEMA}.engagement_spikes"
PERFORMANCE = f"{SCHEMA}.content_performance"
BEST_TIMES = f"{SCHEMA}.best_times_to_post"
DECAY = f"{SCHEMA}.engagement_decay"
ADHERENCE = f"{SCHEMA}.editorial_adherence"
ADHERENCE_MONTH = f"{SCHEMA}.editorial_adherence_by_account_month"
MIX = f"{SCHEMA}.editorial_mix"
CAMPAIGN_DAY = f"{SCHEMA}.ad_performance_by_campaign_day"
BELIEFS = f"{SCHEMA}.ad_fact_beliefs"
EFFICIENCY = f"{SCHEMA}.brand_efficiency_day"
PACING = f"{SCHEMA}.budget_pacing"
ATTRIBUTED_ROAS = f"{SCHEMA}.attributed_roas_by_campaign_day"
CLAIMED = f"{SCHEMA}.claimed_vs_attributed"
TAGGING = f"{SCHEMA}.tagging_health_by_day"
ASSISTS = f"{SCHEMA}.organic_assists"
SPLIT = f"{SCHEMA}.post_organic_paid_split"
HALO = f"{SCHEMA}.paid_halo"
BOOST_CANDIDATES = f"{SCHEMA}.boost_candidates"
REVENUE = f"{SCHEMA}.ambassador_revenue"
ENGAGED = f"{SCHEMA}.engaged_purchases_by_day"
ON_LOYAL = f"{SCHEMA}.paid_on_loyal_by_day"
FRESHNESS = "pipeline.freshness"
DEAD_LETTERS = "pipeline.dead_letters"
SOURCE_HEALTH = "pipeline.source_health"

PICKED = "platform IN (${platform:sqlstring}) AND account_id IN (${account:sqlstring})"
"""The condition that the pickers make; every relation of the organic leg has these columns."""

OF_BRAND = "brand IN (${brand:sqlstring})"
IN_CURRENCY = f"{OF_BRAND} AND currency IN (${{currency:sqlstring}})"
BY_MODEL = f"{IN_CURRENCY} AND model IN (${{model:sqlstring}})"
"""The conditions that the pickers make in the paid leg. Sums over several currencies mean nothing."""

DAYS = "day BETWEEN $__timeFrom()::date AND $__timeTo()::date"
"""The condition that the time picker makes of local days."""

DAY_AS_TIME = "day::timestamp AT TIME ZONE 'UTC' AS time"
"""A local day on a time axis, at the same place for every account."""
