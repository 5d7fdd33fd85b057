"""The ways that people come."""

from contracts.attribution_columns import PATH_GRAIN
from contracts.table import Column, Table, count

TABLE = Table(
    name="channel_paths",
    doc="Journeys by the channels that they went through.",
    key=(
        *PATH_GRAIN,
        Column("path", "text", "The channels in their order, joined by an arrow; of more than 12 the last 12."),
    ),
    values=(
        count("purchases", "Journeys that ended in a purchase."),
        count("open_journeys", "Journeys without a purchase so far."),
    ),
    processor="paid",
)
