"""Shares: a template cut so that no operator holds anything but noise."""
