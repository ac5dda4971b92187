"""The names of ministack that this package replaces, by subject."""
