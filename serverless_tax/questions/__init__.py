"""What one asks of several bills."""
