"""A request and its month, and the named ones of the book."""
