"""Sample: what a sensor captured, and whether it can be used. Owner's device only."""
