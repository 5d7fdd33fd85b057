"""The paid leg: what ads did, who came, what they bought, and which touches led to it. Pure functions."""
