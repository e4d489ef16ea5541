"""Reads the URLs of an index, which are go-getter's: `//folder` after an archive and the parameters `archive`,
`checksum` and `filename` are for us, never for the server. Pure.
"""

import re
from typing import Final, Literal
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import msgspec

from botkube.runtime.override import override

Algorithm = Literal["md5", "sha1", "sha256", "sha512"]
Form = Literal["", "tar", "tar.gz", "tar.bz2", "tar.xz", "tar.zst", "zip", "gz", "bz2", "xz", "zst"]

LONGEST_URL: Final = 4096
_LENGTHS: Final[dict[int, Algorithm]] = {32: "md5", 40: "sha1", 64: "sha256", 128: "sha512"}
_SUFFIXES: Final[dict[str, Form]] = {  # longest first, `tar.gz` before `gz`
    "tar.bz2": "tar.bz2",
    "tar.zst": "tar.zst",
    "tar.gz": "tar.gz",
    "tar.xz": "tar.xz",
    "tbz2": "tar.bz2",
    "tzst": "tar.zst",
    "tgz": "tar.gz",
    "txz": "tar.xz",
    "bz2": "bz2",
    "tar": "tar",
    "zip": "zip",
    "zst": "zst",
    "gz": "gz",
    "xz": "xz",
}
_FALSE: Final = frozenset(("0", "f", "F", "FALSE", "false", "False"))
_TRUE: Final = frozenset(("1", "t", "T", "TRUE", "true", "True"))
_OURS: Final = frozenset(("archive", "checksum", "filename"))
_FORCED: Final = re.compile(r"([A-Za-z0-9]+)::")
_HEX: Final = re.compile(r"[0-9a-f]+")
HIDDEN: Final = "…"
_USER: Final = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*://)[^/?#]*@")
_TOKEN: Final = re.compile(
    r"((?:^|[&;])[^=&;]*(?:token|secret|pass|pwd|sig|cred|auth|key|session|jwt)[^=&;]*=)[^&;#]*",
    re.IGNORECASE,
)
_UNPRINTABLE: Final = re.compile(r"[\x00-\x20\x7f]")


class BadLocation(ValueError):
    """A URL or a checksum that cannot be used; the text completes a sentence that begins with its key."""


class Checksum(msgspec.Struct, frozen=True):
    """The digest a file must have."""

    algorithm: Algorithm
    hex: str

    @override
    def __str__(self) -> str:
        return f"{self.algorithm}:{self.hex}"


class Artifact(msgspec.Struct, frozen=True, kw_only=True):
    """A file to download, and how the executable is taken out of it."""

    url: str
    checksums: tuple[Checksum, ...] = ()
    form: Form = ""  # "": the file is the executable
    folder: str = ""  # inside the archive


def read_artifact(url: str, *, base: str = "") -> Artifact:
    """Read the URL of a file, relative to that of its index (`base`).

    Raises: BadLocation.
    """
    if _UNPRINTABLE.search(url) or len(url) > LONGEST_URL:
        raise BadLocation("holds a space or a control character, or is very long")
    if forced := _FORCED.match(url):
        raise BadLocation(f"{forced[1]}:: is not supported, write an http, https or file URL")
    url, folder = _split_folder(url)
    parts = urlsplit(check_url(_absolute(url, base), base=base))
    if parts.path.endswith("/"):
        raise BadLocation("names a directory, name a file")
    parameters = parse_qsl(parts.query, keep_blank_values=True)
    ours = {name: value for name, value in parameters if name in _OURS}
    theirs = urlencode([item for item in parameters if item[0] not in _OURS])
    query = theirs if ours else parts.query  # untouched if nothing was ours: it may be signed
    form = _form(parts.path, ours.get("archive", ""))
    _check_folder(folder, form)
    return Artifact(
        url=urlunsplit(parts._replace(query=query, fragment="")),
        checksums=(read_checksum(ours["checksum"]),) if ours.get("checksum") else (),
        form=form,
        folder=folder,
    )


def check_url(url: str, *, base: str = "") -> str:
    """Return an absolute URL that can be used; a remote index may not name files of this machine.

    Raises: BadLocation.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadLocation("is not a URL") from error  # the reason may quote a password
    if parts.scheme not in {"http", "https", "file"}:
        what = f"{parts.scheme}:// is not supported" if parts.scheme else "is not a whole URL"
        raise BadLocation(f"{what}, write an http, https or file URL")
    if parts.scheme == "file" and base and urlsplit(base).scheme != "file":
        raise BadLocation("names a file of this machine, which an index from elsewhere may not")
    if parts.scheme == "file" and (parts.netloc not in {"", "localhost"} or not parts.path):
        raise BadLocation("is not file:///PATH")
    if parts.scheme != "file" and (not parts.hostname or port == 0):
        raise BadLocation("names no host")
    return url


def read_checksum(text: str) -> Checksum:
    """Read a digest: its kind follows from its length, or stands before it (`sha256:…`).

    Raises: BadLocation.
    """
    kind, _, value = text.strip().lower().rpartition(":")
    if kind.startswith("file"):
        raise BadLocation("names a file of checksums, write the digest itself")
    by_length = _LENGTHS.get(len(value))
    if by_length is None or not _HEX.fullmatch(value) or kind not in {"", by_length}:
        known = ", ".join(f"{name} ({length})" for length, name in _LENGTHS.items())
        raise BadLocation(f"is no digest; known are, with their number of hex digits: {known}")
    return Checksum(by_length, value)


def public_url(url: str) -> str:
    """Return a URL as it may be shown and logged: without password and parameters, whether it can be read or not."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "a URL that cannot be read"
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=host, query="…" if parts.query else "", fragment=""))


def kept_url(url: str) -> str:
    """Return a URL as it may be kept where others read it: `…` in place of user, password and what looks like a token.

    Other parameters stay, they tell files of one server apart. What is kept already is returned as it is.
    """
    head, mark, query = url.partition("?")
    return _USER.sub(rf"\1{HIDDEN}@", head) + mark + _TOKEN.sub(rf"\1{HIDDEN}", query)


def origin_of(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port: what headers are meant for."""
    parts = urlsplit(url)
    usual = {"http": 80, "https": 443}.get(parts.scheme, 0)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or usual


def moved(url: str, old_base: str, new_base: str) -> str:
    """Return the URL of the same file on a mirror, "" if it does not lie below the index's folder."""
    old, new = urljoin(old_base, "."), urljoin(new_base, ".")
    return new + url.removeprefix(old) if url.startswith(old) else ""


def form_of(path: str) -> Form:
    """Return what a file is by the suffix of its name."""
    found = (form for suffix, form in _SUFFIXES.items() if path.endswith(f".{suffix}"))
    return next(found, "")


def _absolute(url: str, base: str) -> str:
    try:
        return url if urlsplit(url).scheme else urljoin(base, url)
    except ValueError as error:
        raise BadLocation("is not a URL") from error


def _split_folder(url: str) -> tuple[str, str]:
    path, mark, query = url.partition("?")
    start = path.find("://") + 3 if "://" in path else 0
    cut = path.find("//", start)
    if cut < 0:
        return url, ""
    return path[:cut] + mark + query, path[cut + 2 :]


def _check_folder(folder: str, form: Form) -> None:
    parts = folder.split("/")
    if folder and (".." in parts or folder.startswith("/")):
        raise BadLocation("names a folder outside of the archive after //")
    if folder and form not in {"zip", "tar"} and not form.startswith("tar."):
        raise BadLocation("names a folder after //, but is no archive")


def _form(path: str, wanted: str) -> Form:
    if wanted in _FALSE:
        return ""
    if not wanted or wanted in _TRUE:
        return form_of(path)
    if wanted not in _SUFFIXES:
        raise BadLocation(f"asks for archive={wanted}; known are {', '.join(_SUFFIXES)}, false")
    return _SUFFIXES[wanted]
