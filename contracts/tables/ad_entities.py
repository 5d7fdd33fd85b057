"""What ad accounts, campaigns, ad sets and ads are, as last read."""

from contracts.paid_columns import AD_ACCOUNT, BRAND
from contracts.table import PLATFORM, Column, Table


def _text(name: str, doc: str) -> Column:
    return Column(name, "text", doc, nullable=True)


TABLE = Table(
    name="ad_entities",
    doc="Ad accounts, campaigns, ad sets and ads: names, status, budgets, and the post that an ad promotes.",
    key=(
        BRAND,
        PLATFORM,
        AD_ACCOUNT,
        Column("kind", "text", "account, campaign, adset or ad."),
        Column("entity_id", "text", "The platform's id of it."),
    ),
    values=(
        _text("name", "Its name."),
        _text("status", "What the brand has set: active, paused and so on, in the platform's words."),
        _text("effective_status", "What holds in effect, that of its parents included."),
        _text("objective", "What a campaign is for, in the platform's words."),
        _text("campaign_id", "The campaign it belongs to."),
        _text("adset_id", "The ad set it belongs to."),
        _text("currency", "Currency of the account, ISO 4217."),
        _text("zone", "Time zone of the account, which decides its days."),
        Column("daily_budget_micros", "bigint", "Budget a day, in millionths of the currency.", True),
        Column("lifetime_budget_micros", "bigint", "Budget of the whole run, in millionths of the currency.", True),
        Column("starts_at", "timestamptz", "When it begins to run.", True),
        Column("ends_at", "timestamptz", "When it ends.", True),
        _text("post_platform", "Platform of the post that an ad promotes."),
        _text("post_account_id", "Account of that post."),
        _text("post_id", "The post that an ad promotes."),
        Column("as_of", "timestamptz", "Since when it is known to be so: the first reading that showed it."),
    ),
    processor="paid",
)
