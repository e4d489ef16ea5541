"""Every sentence about what a system cannot do for a sandbox."""

import errno

import pytest

from botkube.plugins.confine import Confinement
from botkube.plugins.means import Means, find_means
from botkube.runtime.privileges import User
from tests.fakes.kernel import CREATE_RULESET, FakeKernel

USER = User(61183, 61183)
NONE = FakeKernel(landlock=0)
TODAY = FakeKernel()


class System:
    """Refuses what it is told to, with what the launcher would say."""

    def __init__(self, *refused: str) -> None:
        self._refused = refused
        self.tried: list[Confinement] = []

    async def attempt(self, spec: Confinement) -> str:
        self.tried.append(spec)
        kinds = {spec.view, "" if spec.network else "network", "user" if spec.user else ""}
        return f"cannot do: {min(kinds & set(self._refused))}" if kinds & set(self._refused) else ""


async def means(
    kernel: FakeKernel, *refused: str, user: User | None = USER, no_network: bool = False
) -> Means:
    attempt = System(*refused).attempt
    return await find_means(kernel, user=user, no_network=no_network, attempt=attempt)


async def test_a_system_that_can_do_it_all() -> None:
    found = await means(TODAY, no_network=True)
    assert found == Means(users=True, view="landlock", network=True, shortcomings=())


async def test_what_is_not_wanted_is_not_tried() -> None:
    system = System()
    await find_means(TODAY, user=None, no_network=False, attempt=system.attempt)
    assert [(spec.view, spec.network, spec.user) for spec in system.tried] == [
        ("landlock", True, None)
    ]


@pytest.mark.parametrize(
    ("kernel", "refused", "view", "said"),
    [
        (
            FakeKernel(landlock=5),
            (),
            "landlock",
            (
                "sandbox: with the Landlock of this kernel signals and abstract sockets of its user's "
                "other processes are not out of reach (Linux 6.12 does it)"
            ),
        ),
        (
            NONE,
            (),
            "mounts",
            (
                "sandbox: this kernel has no Landlock (it came with Linux 5.13); plugins get mounts "
                "of their own instead"
            ),
        ),
        (
            FakeKernel(refusing={CREATE_RULESET: errno.EOPNOTSUPP}),
            (),
            "mounts",
            (
                "sandbox: Landlock is switched off in this kernel: add landlock to the lsm= list of "
                "its command line; plugins get mounts of their own instead"
            ),
        ),
        (
            TODAY,
            ("landlock",),
            "mounts",
            (
                "sandbox: Landlock cannot be used here, the launcher cannot do: landlock; plugins get "
                "mounts of their own instead"
            ),
        ),
        (
            NONE,
            ("mounts",),
            "all",
            (
                "sandbox: this kernel has no Landlock (it came with Linux 5.13), and mounts of their "
                "own are refused, the launcher cannot do: mounts; plugins can read and write whatever "
                "their user may"
            ),
        ),
        (
            FakeKernel(refusing={CREATE_RULESET: errno.EPERM}),
            ("mounts",),
            "all",
            (
                "sandbox: Landlock is forbidden here by a system call filter: allow "
                "landlock_create_ruleset, landlock_add_rule and landlock_restrict_self (in a "
                "container: its seccomp profile), and mounts of their own are refused, the launcher "
                "cannot do: mounts; plugins can read and write whatever their user may"
            ),
        ),
    ],
)
async def test_one_sentence_for_how_files_are_kept(
    kernel: FakeKernel, refused: tuple[str, ...], view: str, said: str
) -> None:
    found = await means(kernel, *refused)
    assert (found.view, found.users) == (view, True)
    assert found.shortcomings == (said,)


async def test_each_thing_that_an_old_kernel_lacks_is_a_sentence() -> None:
    assert len((await means(FakeKernel(landlock=1))).shortcomings) == 4


async def test_who_is_not_root() -> None:
    found = await means(TODAY, user=None)
    assert not found.users
    assert found.shortcomings == (
        (
            "sandbox: plugins keep the user of Botkube, as only root can give them others: the "
            "sockets of one plugin are not out of another's reach"
        ),
    )


async def test_a_root_that_may_not_change_users() -> None:
    found = await means(TODAY, "user")
    assert (found.users, found.view) == (False, "landlock")
    assert found.shortcomings == (
        "sandbox: plugins stay root, though without its capabilities: the launcher cannot do: user",
    )


async def test_a_network_that_cannot_be_left() -> None:
    found = await means(TODAY, "network", no_network=True)
    assert not found.network
    assert found.shortcomings == (
        (
            "sandbox: plugins keep the network in spite of network: false, the launcher cannot do: "
            "network"
        ),
    )
