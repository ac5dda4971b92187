"""What everything stands on: quantities, how they are shown, the REPORT line, the tracer."""
