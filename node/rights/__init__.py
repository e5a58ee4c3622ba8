"""What a client may ask of her centre."""
