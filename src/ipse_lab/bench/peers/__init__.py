"""The peers of `make bench`: others who do the same job, each in one file.

A peer runs in processes of its own, with its own interpreter and packages: only what
stands in this folder is imported there, and `exchange` needs NumPy alone.
"""
