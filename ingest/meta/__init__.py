"""What the platforms of Meta have in common: who signs a delivery, and how the Graph API is asked and answers.

Pure, like the platforms that stand on it. What a field or a metric means is theirs.
"""
