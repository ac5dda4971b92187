"""The audit: from a log to what the waiting in it costs, and what to do about that."""
