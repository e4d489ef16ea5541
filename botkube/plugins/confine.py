"""What a process gives up before it becomes a plugin, and the launcher that does it and then is the plugin.

`confine` works on the calling process and cannot be undone: it is for the launcher, and for a child that was
forked to be a plugin. Whatever it is told and cannot do is an error: a plugin runs confined or not at all.
"""

import errno
import os
import resource
import signal
import struct
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Final, Literal, NoReturn

import msgspec

from botkube.runtime.kernel import Kernel
from botkube.runtime.landlock import Grants, outside, restrict
from botkube.runtime.namespaces import enter, unshare
from botkube.runtime.privileges import (
    User,
    become,
    drop_capabilities,
    gain_nothing,
    limit_capabilities,
)

View = Literal["landlock", "mounts", "all"]
"""How a process is kept from files: by Landlock, by a file system of its own, or by their owners alone."""

OURS: Final = "botkube: "  # what the launcher says begins with it
SANDBOX: Final = "the sandbox "
DEVICES: Final = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
UNUSABLE: Final = (
    125  # the launcher's exit code for what another try would not mend; env(1) has it too
)
_NOT_STARTED: Final = 126
_FOR_GOOD: Final = (errno.ENOENT, errno.EACCES, errno.ENOTDIR, errno.ENOEXEC)


class Confinement(msgspec.Struct, frozen=True, kw_only=True):
    """What is left to one process.

    `directory` is its private directory, always writable. `own` is what it consists of, always readable.
    Of `readable` and `writable` all is taken out that is `hidden`. `cgroup` is the file to join a control
    group by.
    """

    directory: str
    user: User | None = None
    view: View = "all"
    own: tuple[str, ...] = ()
    readable: tuple[str, ...] = ()
    writable: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    network: bool = True
    cgroup: str = ""
    open_files: int = 0  # no other limit than there is
    processes: int = 0


class Unconfined(Exception):
    """Something could not be given up."""


class Order(msgspec.Struct, frozen=True):
    """What the launcher is told; bytes, as neither arguments nor variables need be text. No argv: just try."""

    argv: tuple[bytes, ...]
    env: dict[bytes, bytes]
    confinement: Confinement


def encode_order(argv: tuple[str, ...], env: Mapping[str, str], confinement: Confinement) -> bytes:
    """Write what the launcher reads."""
    variables = {os.fsencode(name): os.fsencode(value) for name, value in env.items()}
    order = Order(tuple(map(os.fsencode, argv)), variables, confinement)
    return msgspec.msgpack.encode(order)


def confine(kernel: Kernel, spec: Confinement) -> None:
    """Give up everything but what is left to this process; it must have one thread.

    Raises: Unconfined; the process is then good for nothing but to end.
    """
    for what, step in _steps(kernel, spec):
        try:
            step()
        except OSError as error:
            raise Unconfined(f"cannot {what}: {error.strerror or error}") from error


def _steps(kernel: Kernel, spec: Confinement) -> Iterator[tuple[str, Callable[[], None]]]:
    if spec.cgroup:
        yield "join its control group", lambda: kernel.write(spec.cgroup, "0")
    for which, most in (
        (resource.RLIMIT_NOFILE, spec.open_files),
        (resource.RLIMIT_NPROC, spec.processes),
    ):
        if most:
            yield "set its limits", partial(_limit, kernel, which, most)
    if spec.view == "mounts" or not spec.network:
        yield "leave the host's mounts or network", lambda: _unshare(kernel, spec)
    if spec.view == "mounts":
        yield "get mounts of its own", lambda: enter(kernel, _grants(spec), spec.directory)
    yield f"enter {spec.directory}", lambda: os.chdir(spec.directory)
    yield "give up gaining privileges", lambda: gain_nothing(kernel)
    if spec.view == "landlock":
        yield "restrict its files (Landlock)", lambda: restrict(kernel, _grants(spec))
    yield "limit its capabilities", lambda: limit_capabilities(kernel)
    if (user := spec.user) is not None:
        yield f"become user {user.uid}", lambda: become(kernel, user)
    yield "drop its capabilities", lambda: drop_capabilities(kernel)
    yield "be applied", lambda: _check_ways((spec.directory, *spec.own))


def _check_ways(paths: Iterable[str]) -> None:
    """Say which directory its user cannot pass, else a plugin would only say that a file is not there."""
    for path in filter(None, paths):
        for way in reversed(Path(path).parents):
            if not os.access(way, os.X_OK):
                text = f"user {os.getuid()} may not enter {way}, which is on the way to {path}"
                raise PermissionError(errno.EACCES, text)


def _limit(kernel: Kernel, which: int, most: int) -> None:
    hard = resource.getrlimit(which)[1]
    value = most if hard == resource.RLIM_INFINITY else min(most, hard)
    kernel.libc("setrlimit", which, struct.pack("=2Q", value, value))


def _unshare(kernel: Kernel, spec: Confinement) -> None:
    privileged = spec.user is not None  # only root can be told to become somebody else
    unshare(kernel, mounts=spec.view == "mounts", network=not spec.network, privileged=privileged)


def _grants(spec: Confinement) -> Grants:
    return Grants(
        readable=(*outside(spec.readable, spec.hidden), *spec.own),
        writable=(*outside(spec.writable, spec.hidden), spec.directory),
        devices=DEVICES,
    )


def launch(kernel: Kernel) -> NoReturn:
    """Confine this process as stdin says and become the program it names; exits with a sentence if it cannot."""
    try:
        order = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Order)
    except msgspec.DecodeError:
        _fail(UNUSABLE, "`plugin confine` is for the program itself")
    _close_stdin()
    try:
        confine(kernel, order.confinement)
    except Unconfined as error:
        _fail(UNUSABLE, f"{SANDBOX}{error}")
    if not order.argv:
        sys.exit(0)
    _reset_signals()
    try:
        os.execve(order.argv[0], order.argv, order.env)  # noqa: S606 - no shell is wanted
    except OSError as error:
        code = UNUSABLE if error.errno in _FOR_GOOD else _NOT_STARTED
        _fail(code, f"cannot start {os.fsdecode(order.argv[0])}: {error.strerror}")


def _close_stdin() -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)


def _reset_signals() -> None:
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores them, and that is inherited
        signal.signal(number, signal.SIG_DFL)


def _fail(code: int, text: str) -> NoReturn:
    sys.stderr.write(f"{OURS}{text}\n")
    sys.exit(code)
