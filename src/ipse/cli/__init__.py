"""The command line: what a person types; it decides nothing."""
