"""Measurements of this machine. Nothing here is asserted; tests do not time."""
