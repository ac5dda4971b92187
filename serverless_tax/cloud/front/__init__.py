"""The listening side: the API, its gate, its errors, sockets and streams."""
