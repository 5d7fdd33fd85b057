"""The embedded stack: real Kafka, PostgreSQL and Prometheus as child processes, no containers, no root."""
