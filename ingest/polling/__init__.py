"""The poller: asks the platforms for what they do not push, or did not.

Two pollers of the same accounts are harmless and wasteful: the same facts get the same event ids, snapshots are
absolute, and a cursor says no more than what its own poll has written.
"""
