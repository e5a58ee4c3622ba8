"""What a release costs, and what a client's budget still holds; integers, rounded against us."""
