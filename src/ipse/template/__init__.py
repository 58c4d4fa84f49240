"""Template: the integer vector that stands for a body, made and compared in plain."""
