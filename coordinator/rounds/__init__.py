"""Rounds: `engine` is the state machine, `carrier` the seam to the nodes."""
