"""What a lab holds on to: its target, its recordings, its meter."""
