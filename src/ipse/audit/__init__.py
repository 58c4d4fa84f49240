"""The auditor's room: questions whose answers one operator knows."""
