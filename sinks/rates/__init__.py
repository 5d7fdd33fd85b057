"""Rates of exchange: read from a file, written to the database."""
