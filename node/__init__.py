"""A career centre's server: raw records stay here, encrypted."""
