"""Prometheus: what is scraped, and the alerts as data from which the rule file is generated."""
