"""A month on one platform, line by line."""
