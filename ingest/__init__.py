"""The first stage: from platforms to Kafka. Receives webhooks, polls APIs, keeps what it cannot read.

Parsing is pure and lives in `platforms`; Kafka, HTTP and the clock live at the edges.
"""
