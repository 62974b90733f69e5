"""The ledger: what the source documents say, what was measured, and the verdicts."""
