import os
import pwd

import pytest

from botkube.plugins.users import EXCLUSIVE, NoUser, named_user, own_users, taken_users
from botkube.runtime.privileges import User

NAMES = [f"executor/repo/plugin-{n}" for n in range(20)]


@pytest.mark.parametrize(
    ("text", "user"), [("65533", User(65533, 65533)), ("1000:100", User(1000, 100))]
)
def test_numbers(text: str, user: User) -> None:
    assert named_user(text) == user


def test_a_name() -> None:
    entry = pwd.getpwnam("nobody")
    assert named_user("nobody") == User(entry.pw_uid, entry.pw_gid)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("no-such-user", 'there is no user "no-such-user": useradd --system no-such-user'),
        ("root", "is root"),
        ("0", "is root"),
        ("1000:0", "is root"),
        ("4294967295", "no number of a user"),
        ("1:2:3", "there is no user"),
    ],
)
def test_what_is_no_user_for_a_plugin(text: str, why: str) -> None:
    with pytest.raises(NoUser, match=why):
        named_user(text)


def test_each_has_its_own() -> None:
    users = own_users(NAMES, "a", ())
    assert len({user.uid for user in users.values()}) == len(NAMES)
    assert all(user.uid in EXCLUSIVE and user.gid == user.uid for user in users.values())


def test_it_stays_mostly_the_same_whatever_the_others_are() -> None:
    users = own_users(NAMES, "a", ())
    fewer = own_users(NAMES[:10], "a", ())
    assert sum(users[name] == fewer[name] for name in fewer) >= 8


def test_another_instance_has_others() -> None:
    one, other = own_users(NAMES, "a", ()), own_users(NAMES, "b", ())
    assert sum(one[name] == other[name] for name in NAMES) <= 2


def test_what_is_taken_is_left_alone() -> None:
    wanted = own_users(["x"], "a", ())["x"].uid
    assert own_users(["x"], "a", {wanted})["x"].uid == wanted + 1
    assert own_users(["x"], "a", set(EXCLUSIVE) - {EXCLUSIVE[0]})["x"].uid == EXCLUSIVE[0]


def test_there_are_only_so_many() -> None:
    users = own_users(map(str, range(200)), "a", ())
    assert len(users) == len(EXCLUSIVE) == len({user.uid for user in users.values()})
    assert own_users(["x"], "a", EXCLUSIVE) == {}


def test_who_has_an_entry_or_a_process_is_taken() -> None:
    assert {0, os.geteuid(), pwd.getpwnam("nobody").pw_uid} <= taken_users()


def test_a_user_that_is_for_one_plugin_alone_cannot_be_named() -> None:
    with pytest.raises(NoUser, match="61000 to 61183 are for auto"):
        named_user("61005")
