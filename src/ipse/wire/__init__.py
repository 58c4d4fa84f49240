"""Wire: every value that may leave a device, one encoding each."""
