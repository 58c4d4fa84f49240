"""Matching: one bit about secrets that nobody holds."""
