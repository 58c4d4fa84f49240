"""The laboratory: invented people, simulated networks, drills and measurements.

Nothing in `ipse` needs it but the command line's laboratory commands.
"""
