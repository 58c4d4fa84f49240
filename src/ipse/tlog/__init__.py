"""The log: trees, tiles, checkpoints, cosignatures and what they prove."""
