"""The editorial plan: read from a file, checked whole, written to PostgreSQL."""
