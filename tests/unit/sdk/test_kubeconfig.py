"""The kubeconfig as a file: private, and gone afterwards."""

from pathlib import Path

import pytest

from botkube.sdk import UserError, kubeconfig_file


def test_the_file_is_private_and_goes_with_the_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with kubeconfig_file("kubectl", b"apiVersion: v1\n") as path:
        assert path.parent == tmp_path
        assert path.read_bytes() == b"apiVersion: v1\n"
        assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == []


def test_it_goes_with_an_error_too_and_may_be_gone_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(KeyError), kubeconfig_file("kubectl", b"x"):
        raise KeyError
    with kubeconfig_file("kubectl", b"x") as path:
        path.unlink()
    assert list(tmp_path.iterdir()) == []


def test_without_one_the_plugin_and_the_key_are_named() -> None:
    with (
        pytest.raises(UserError, match=r'"kubectl" access .* context\.rbac .*permissions\.md'),
        kubeconfig_file("kubectl", b""),
    ):
        raise AssertionError
