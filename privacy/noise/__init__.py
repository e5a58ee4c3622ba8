"""Noise shares: each centre adds a little; any h honest shares are the whole noise."""
