"""From a sum to a release."""
