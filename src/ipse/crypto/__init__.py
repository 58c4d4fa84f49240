"""Crypto: what is true, whoever says it."""
