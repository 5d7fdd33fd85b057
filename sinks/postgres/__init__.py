"""The PostgreSQL sink: rows and the offsets they came from are applied in one transaction."""
