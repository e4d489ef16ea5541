"""gRPC over sockets, on h2 and Trio: client calls and served methods whose messages are bytes. Knows no plugin service."""
