"""What listens: the API, its gate, its refusals, sockets and streams."""
