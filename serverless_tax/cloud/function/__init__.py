"""A function: its environments, their processes, and what is metered of them."""
