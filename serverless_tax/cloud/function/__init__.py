"""A function: its environments, their processes, and their metering."""
