"""The receiver: takes deliveries, and answers 200 only when Kafka has all of them."""
