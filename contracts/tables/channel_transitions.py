"""The steps of the ways that people come."""

from contracts.attribution_columns import PATH_GRAIN
from contracts.table import Column, Table, count

TABLE = Table(
    name="channel_transitions",
    doc="How often somebody went from one channel to the next: what removal effects are computed from.",
    key=(
        *PATH_GRAIN,
        Column("day", "date", "Local date of the journey's last touch, at its site."),
        Column("step_from", "text", "A channel, or (start)."),
        Column("step_to", "text", "A channel, (conversion), or (null) for a journey without a purchase so far."),
    ),
    values=(count("steps", "How often."),),
    processor="paid",
)
