"""Template: the integer vector that the network compares. Owner's device only."""
