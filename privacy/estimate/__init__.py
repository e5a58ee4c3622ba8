"""Noisy sums into honest statistics: consistent tables, standard errors, bands."""
