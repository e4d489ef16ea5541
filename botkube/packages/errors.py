"""What can go wrong with a package, told so that a person can act on it."""

from collections.abc import Sequence

from botkube.model.errors import FatalError, PeerError


class PackageFailed(PeerError):
    """It did not work now and may work later: a server is away, a disk is full, somebody else is at it."""


class PackageRefused(FatalError):
    """Trying again is useless until somebody changes something: the index, a digest, a key, the configuration."""


class NotThere(PackageRefused):
    """The server has nothing under this URL."""


def joined(troubles: Sequence[PackageFailed | PackageRefused]) -> PackageFailed | PackageRefused:
    """Return the troubles of several places as one error: worth another try if one of them is."""
    text = "; ".join(dict.fromkeys(map(str, troubles)))
    if any(isinstance(trouble, PackageFailed) for trouble in troubles):
        return PackageFailed(text)
    return PackageRefused(text)
