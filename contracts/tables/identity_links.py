"""Which visitors turned out to be which customers."""

from contracts.paid_columns import BRAND
from contracts.table import Column, Table

TABLE = Table(
    name="identity_links",
    doc="A visitor was seen to be a customer: by a login, an order or an import.",
    key=(BRAND, Column("link_id", "text", "What tells one such observation from another.")),
    values=(
        Column("visitor_id", "text", "Pseudonym of the browser."),
        Column("customer_id", "text", "Pseudonym of the customer."),
        Column("linked_at", "timestamptz", "When it was seen."),
        Column("source", "text", "login, order or import."),
    ),
    retention="interaction",
    processor="paid",
)
