"""An audit as text, as a page, as rows, and without its names."""
