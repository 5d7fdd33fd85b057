"""The last stage: aggregates from Kafka into PostgreSQL tables and Prometheus metrics."""
