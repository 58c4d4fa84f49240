"""Operator: one of the three that answer together and blind."""
