"""Ipse: a biometric network that nobody owns but the people in it."""

__version__ = "0.1.0"
