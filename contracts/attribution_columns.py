"""Columns that the tables of attribution share. Units are 10^-12 of a purchase, money millionths of the currency."""

from contracts.paid_columns import BRAND
from contracts.table import Column

MODEL = Column("model", "text", "How a purchase is shared among the touches before it: a file of the models.")
BASIS = Column("basis", "text", "Whose day it is: touch or conversion.")
CHANNEL = Column("channel", "text", "Channel of the touch, by the rules of the configuration and the built-in ones.")
CAMPAIGN = Column("campaign", "text", "Campaign of the touch: campaign_id, else utm_id, else utm_campaign, else empty.")
CURRENCY = Column("currency", "text", "Currency of the order, ISO 4217.")
CREDIT_DAY = Column("day", "date", "Local date of the touch at its site, or of the order in its shop's zone.")
CREDITS = (
    Column("units", "bigint", "Credit in 10^-12 of a purchase; 10^12 is a whole one."),
    Column("value_micros", "bigint", "The credit's part of the order's net value, in millionths of the currency."),
)
CREDIT_GRAIN = (BRAND, MODEL, BASIS, CHANNEL)
PATH_OPTION = Column("path_option", "text", "What is left of a journey before its channels are counted.")
PATH_GRAIN = (BRAND, PATH_OPTION)
