"""The demonstration: the main job on real input, with proof at every step."""
