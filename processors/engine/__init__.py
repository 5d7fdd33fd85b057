"""The exact micro-batch engine on Faust: transport, recovery, transactions. Knows nothing of what is folded."""
