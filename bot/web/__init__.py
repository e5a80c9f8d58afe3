"""What other programs reach: the edge, the server, the sockets, the doors of whoever watches."""
