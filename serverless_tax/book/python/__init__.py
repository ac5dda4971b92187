"""Python on the page: what fetches it, puts it beside the pages, and runs their cells."""
