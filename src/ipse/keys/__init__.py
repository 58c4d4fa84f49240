"""Keys: the one place where private keys are made, kept and used."""
