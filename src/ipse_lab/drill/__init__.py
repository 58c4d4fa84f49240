"""Drills: attacks on one's own network, counted."""
