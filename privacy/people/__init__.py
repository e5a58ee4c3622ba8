"""What a record says of one person: populations, categories, outcomes, scores."""
