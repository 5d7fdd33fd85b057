"""Measures what the pipeline costs: each stage alone, and the whole way from a webhook to a visible row.

Not shipped. Every run counts its final rows a second time, with the simulator's ledger, from the records that lie on
the source topic; figures of a run in which any row is wrong are not shown.
"""
