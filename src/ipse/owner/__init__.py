"""Owner: the wallet of the person whose body it is."""
