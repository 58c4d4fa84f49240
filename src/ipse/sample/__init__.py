"""Sample: what a sensor captured, read, judged and made ready for an encoder."""
