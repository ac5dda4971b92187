"""The widgets: one script for the published page and for Jupyter, and their Python classes."""
