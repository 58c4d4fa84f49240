"""Ground: names, parameters with their source, the error tree."""
