"""Keys: the one place where private keys are kept and used."""
