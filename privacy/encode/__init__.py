"""People into bounded integer vectors: dimensions, layout, encoding."""
