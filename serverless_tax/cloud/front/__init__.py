"""What listens: the API, its gate, its errors, sockets and streams."""
