"""Net: the one place for sockets."""
