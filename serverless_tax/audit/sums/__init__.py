"""What an audit adds up, for each function and size."""
