"""The Prometheus sink: the business figures of accounts, exposed for scraping."""
