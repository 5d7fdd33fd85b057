"""Grafana: panels as data, the dashboards generated from them, and what provisions both."""
