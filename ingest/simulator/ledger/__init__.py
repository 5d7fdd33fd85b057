"""The truth ledger: what happened in the simulated world, what was offered, and the tables that follow from it.

A second implementation of `docs/semantics.md`, slow and obvious. It may use the standard library only: no
contract, no table declaration, no SQL and no line of the pipeline, or it would repeat the pipeline's mistakes.
"""

from ingest.simulator.ledger.counting import Row, Rows
from ingest.simulator.ledger.evaluation import Gap, Ledger, Missing, Seen, Tables
from ingest.simulator.ledger.notes import CONTENT, Fact, Notes

__all__ = ["CONTENT", "Fact", "Gap", "Ledger", "Missing", "Notes", "Row", "Rows", "Seen", "Tables"]
