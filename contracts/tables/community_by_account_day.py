"""The community of an account at the end of each local day."""

from contracts.table import ACCOUNT, DAY, PLATFORM, Table, count

TABLE = Table(
    name="community_by_account_day",
    doc="Who was active, who came back, and how many people stand on each level (O16, O17, O20, O22).",
    key=(PLATFORM, ACCOUNT, DAY),
    values=(
        count("active_1d", "Distinct people active on the day."),
        count("active_7d", "Distinct people active on the 7 days that end with it."),
        count("active_28d", "Distinct people active on the 28 days that end with it."),
        count("new_engagers", "Those of active_1d whose first engagement lies in this day."),
        count("returning_engagers", "active_1d minus new_engagers."),
        count("reactivated_engagers", "Those of returning_engagers who were silent for more than 28 days before."),
        count("exploring", "People on levels 1 to 3 at the end of the day."),
        count("participating", "People on levels 4 to 6 at the end of the day."),
        count("contributing", "People on levels 7 to 9 at the end of the day."),
        count("leading", "People on levels 10 to 12 at the end of the day."),
        count("joined", "People on a level who were on none the day before."),
        count("moved_up", "People on a higher level than the day before, where they were on one already."),
        count("held", "People on the same level as the day before."),
        count("moved_down", "People on a lower level than the day before, but on one."),
        count("left_levels", "People on no level any more who were on one the day before."),
        count("commitment", "Sum over the rings of weight (1, 4, 7, 10) squared times people; the base of gravity."),
    ),
    retention="day",
)
