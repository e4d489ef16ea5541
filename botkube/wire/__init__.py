"""The plugin protocol (go-plugin's handshake and gRPC services), both sides of it; knows no policy."""
