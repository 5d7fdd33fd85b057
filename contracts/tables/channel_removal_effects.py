"""What each channel is needed for."""

from contracts.attribution_columns import CHANNEL, PATH_GRAIN
from contracts.table import Column, Table, count

TABLE = Table(
    name="channel_removal_effects",
    doc="What would be lost without a channel: its removal effect in the Markov chain of the last 90 days.",
    key=(*PATH_GRAIN, CHANNEL),
    values=(
        count("purchases", "Journeys of these days that ended in a purchase, of all channels."),
        Column("removal_effect", "double precision", "Share of the conversions that is lost without the channel."),
        Column(
            "credited", "double precision", "The channel's part of the purchases, in proportion to the removal effects."
        ),
        Column("as_of", "date", "The last of the 90 days, UTC."),
    ),
    processor="paid",
)
