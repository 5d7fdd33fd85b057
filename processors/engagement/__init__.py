"""Organic engagement, folded: pure functions and plain objects. No IO, no clock, no environment.

Read `organic` first: it says what becomes of each record. `facts` decides what an interaction counts, `windows` where.
"""
