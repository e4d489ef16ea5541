"""Which file of an archive is the executable, and which archives are none of ours."""

import pytest

from botkube.packages.errors import PackageRefused
from botkube.packages.unpacking.archive import Member, judge, pick


def files(*names: str) -> list[Member]:
    members = [Member(name=name, type="file", size=1) for name in names]
    return judge(members, most=100, unpacked=1000)


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["executor_kubectl_linux_amd64"], "executor_kubectl_linux_amd64"),
        (["README.md", "LICENSE.txt", "plugin"], "plugin"),
        (["b", "a", "c"], "a"),
        (["./plugin"], "plugin"),
        ([".hidden", "plugin.sh"], "plugin.sh"),
        (["plugin.exe", "notes.md"], "plugin.exe"),
        (["dir/a", "plugin"], "plugin"),
        (["v1.2_x", "z"], "z"),
    ],
)
def test_a_plugin_is_the_first_file_that_can_be_executable(names: list[str], chosen: str) -> None:
    assert pick(files(*names), "", "").name == chosen


@pytest.mark.parametrize(
    ("names", "folder", "name", "chosen"),
    [
        (["kubectl", "other"], "", "kubectl", "kubectl"),
        (["gh_1/bin/gh", "gh_1/LICENSE"], "gh_1/bin", "gh", "gh_1/bin/gh"),
        (["./gh_1/bin/gh"], "gh_1/bin/", "gh", "gh_1/bin/gh"),
        (["a/b/tool.py"], "a/b", "tool.py", "a/b/tool.py"),
        (["x/plugin", "plugin2"], "x", "", "x/plugin"),
    ],
)
def test_a_dependency_is_the_file_of_its_name(
    names: list[str], folder: str, name: str, chosen: str
) -> None:
    assert pick(files(*names), folder, name).name == chosen


@pytest.mark.parametrize(
    ("names", "folder", "name", "words"),
    [
        ([], "", "", "no file that can be a plugin at its top; it is empty"),
        (["a/plugin"], "", "", "at its top; there is a/plugin; name a folder after //"),
        (["README.md", ".x"], "", "", "no file that can be a plugin"),
        (["kubectl2"], "", "kubectl", "no file kubectl at its top; there is kubectl2"),
        (["bin/gh"], "lib", "gh", "no file gh in its folder lib; there is bin/gh"),
        (["bin"], "bin", "", "in its folder bin"),
        (["gh", "./gh"], "", "gh", "has gh at its top 2 times"),
        ([*"abcdefgh"], "", "x", "there is a, b, c, d, e, …"),
    ],
)
def test_an_archive_without_the_file_says_what_it_has(
    names: list[str], folder: str, name: str, words: str
) -> None:
    with pytest.raises(PackageRefused) as caught:
        pick(files(*names), folder, name)
    assert words in str(caught.value)


@pytest.mark.hostile("archive")
@pytest.mark.parametrize("kind", ["link", "hard link"])
def test_a_link_is_no_executable(kind: str) -> None:
    link = Member(name="kubectl", type="hard link" if kind == "hard link" else "link", target="x")
    with pytest.raises(PackageRefused, match=f"kubectl in the archive is a {kind}, not a file"):
        pick(judge([link], most=1, unpacked=1), "", "kubectl")


@pytest.mark.hostile("archive")
@pytest.mark.parametrize(
    "member",
    [
        Member(name="/etc/passwd", type="file"),
        Member(name="../x", type="file"),
        Member(name="a/../../x", type="file"),
        Member(name="..", type="folder"),
        Member(name="a\0b", type="file"),
        Member(name="dev", type="other"),
        Member(name="l", type="link", target="/etc/passwd"),
        Member(name="a/l", type="link", target="../../x"),
        Member(name="l", type="hard link", target="../x"),
        Member(name="l", type="hard link", target="/x"),
        Member(name="big", type="file", size=1001),
        Member(name="negative", type="file", size=-1),
    ],
)
def test_what_has_no_place_in_an_archive(member: Member) -> None:
    with pytest.raises(PackageRefused, match="the archive"):
        judge([member], most=100, unpacked=1000)


def test_links_inside_and_long_lists_up_to_the_bound_are_fine() -> None:
    link = Member(name="a/l", type="link", target="../b")
    assert len(judge([link] * 100, most=100, unpacked=1000)) == 100
    with pytest.raises(PackageRefused, match="more than 100 files"):
        judge([link] * 101, most=100, unpacked=1000)
