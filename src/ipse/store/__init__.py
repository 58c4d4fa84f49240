"""Store: the one place for durable state."""
