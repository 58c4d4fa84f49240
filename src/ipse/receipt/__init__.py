"""Receipts: what was done with a record, said by the operators, and how often."""
