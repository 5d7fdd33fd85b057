"""What shops have in common: who signs a delivery, how it is kept whole, and how an order is told.

Pure, like the platforms that stand on it. What a field or a topic means is theirs.
"""
