"""From numbers to sentences: pure functions, Dutch and English."""
