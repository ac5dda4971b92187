"""What the sums of an audit say, and what to do about it."""
