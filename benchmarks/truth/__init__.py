"""Published figures against the exact truth of public data."""
