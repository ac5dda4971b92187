"""Durable executions: what they have done, when they wake, and what of it is billed."""
