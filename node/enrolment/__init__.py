"""Entering a region: keys, the invitation, and what is agreed to."""
