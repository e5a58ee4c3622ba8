"""The region's server: runs rounds, sees sums, publishes releases."""
