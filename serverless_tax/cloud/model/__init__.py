"""The model's provider: the answers it gives, and at what pace."""
