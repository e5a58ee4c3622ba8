"""The core: people into bounded integer vectors, noise, the secure sum, honest statistics.

Pure: no files, no clock, no database, no network. Randomness is an argument.
"""
