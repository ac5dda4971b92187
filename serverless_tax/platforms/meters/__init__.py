"""What the rules of the platforms are made of."""
