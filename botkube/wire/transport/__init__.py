"""grpclib driven by Trio: its Channel, Server and the asyncio primitives they use, subclassed.

No asyncio loop runs; what of asyncio is named here are types and protocols. Knows no plugin service.
grpclib's private names are used, so its version is pinned exactly.
"""
