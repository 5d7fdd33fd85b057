"""Columns that several tables of the paid leg share. Money and fractional counts are in millionths."""

from contracts.table import PLATFORM, Column, count

BRAND = Column("brand", "text", "The brand; all of the paid leg is counted by it.")
AD_ACCOUNT = Column("ad_account_id", "text", "The platform's ad account.")
AD_GRAIN = (
    BRAND,
    PLATFORM,
    AD_ACCOUNT,
    Column("level", "text", "ad, campaign or account: one tells the same spend as the other, so sum one of them only."),
    Column("entity_id", "text", "Id of that ad, campaign or account."),
    Column("period", "text", "day:YYYY-MM-DD, a local date of the ad account, or lifetime."),
    Column("breakdown", "text", "Empty for a total; else name=value pairs: a part of the total, to be summed alone."),
)
AS_OF = Column("as_of", "timestamptz", "Since when this is believed: the first reading that said so.")
DAY_OF_PERIOD = Column("day", "date", "Local date of a period that is a day; NULL for lifetime.", nullable=True)
IS_PROVISIONAL = Column("is_provisional", "boolean", "The platform may still restate it.")
AD_FIGURES = (
    DAY_OF_PERIOD,
    Column("campaign_id", "text", "The campaign that it belongs to.", nullable=True),
    Column("adset_id", "text", "The ad set that it belongs to.", nullable=True),
    Column("ad_id", "text", "The ad.", nullable=True),
    Column("currency", "text", "Currency of the money in this row, ISO 4217."),
    Column("zone", "text", "Time zone of the ad account, which decides its days."),
    Column("spend_micros", "bigint", "Money spent, in millionths of the currency."),
    count("impressions", "Times that it was shown."),
    count("clicks", "Clicks of every kind."),
    count("link_clicks", "Clicks on the link."),
    Column("reach", "bigint", "People who saw it, as the platform estimates; never summed.", nullable=True),
    count("reactions", "Reactions to it."),
    count("comments", "Comments on it."),
    count("shares", "Shares of it."),
    count("saves", "Saves of it."),
    count("video_views", "Views of its video."),
    Column("purchases_micros", "bigint", "Purchases that the platform claims, in millionths; NULL if none told.", True),
    Column("purchase_value_micros", "bigint", "Their value in millionths of the currency; NULL if not told.", True),
    Column("attribution_setting", "text", "By which windows the platform claims them.", nullable=True),
)
