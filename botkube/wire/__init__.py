"""The plugin protocol (go-plugin's handshake and gRPC services), both sides of it; knows no policy."""

import sys
from types import ModuleType

# Imported, betterproto reads its own version from the metadata of installed packages: 1.3 MiB of every plugin
# process and 25 ms of its start, for a name that nobody reads. The version is pinned exactly, so say it here.
_version = ModuleType("betterproto._version")
vars(_version)["__version__"] = "2.0.0b7"
sys.modules.setdefault("betterproto._version", _version)
