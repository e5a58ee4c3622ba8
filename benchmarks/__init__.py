"""One module for each claim about speed or size; each prints its ratios."""
