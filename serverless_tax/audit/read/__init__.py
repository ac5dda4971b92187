"""From whatever a log comes in to one record for each invocation."""
