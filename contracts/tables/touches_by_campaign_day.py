"""Who came to the brand's sites, by campaign and day."""

from contracts.paid_columns import BRAND
from contracts.table import DAY, Column, Table, count

TABLE = Table(
    name="touches_by_campaign_day",
    doc="Touches of a site by what the address said of the campaign; empty text where it said nothing.",
    key=(
        BRAND,
        Column("site_id", "text", "The site."),
        Column("source", "text", "utm_source, lower case; empty if the address had none."),
        Column("medium", "text", "utm_medium, lower case; empty if the address had none."),
        Column("campaign", "text", "utm_campaign, lower case; empty if the address had none."),
        Column("campaign_id", "text", "The ad platform's campaign that the address named; empty if it named none."),
        DAY,
    ),
    values=(
        count("touches", "Touches of people, of every kind."),
        count("clicks", "Touches of people that are clicks on a redirect or an ad."),
        count("views", "Touches of people that are views of an ad."),
        count("without_consent", "Touches of people without granted consent: they belong to nobody."),
        count("bots", "Touches by what is no person; in no other column."),
    ),
    retention="hour",
    processor="paid",
)
