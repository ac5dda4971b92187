"""The model's provider: its answers and its pace."""
