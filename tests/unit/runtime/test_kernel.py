import errno
import os
from pathlib import Path

import pytest

from botkube.runtime.kernel import RealKernel


def test_it_calls_by_number_and_by_name() -> None:
    kernel = RealKernel()
    descriptor = kernel.libc("memfd_create", b"name", 0)
    os.close(descriptor)
    assert kernel.libc("getpid") == os.getpid()


def test_whole_words_are_passed() -> None:
    file = os.memfd_create("file")
    try:
        RealKernel().libc("ftruncate", file, 2**40)  # lost, it would be cut to 32 bits
        assert os.fstat(file).st_size == 2**40
    finally:
        os.close(file)


def test_an_error_is_an_error() -> None:
    with pytest.raises(OSError, match="unshare") as caught:
        RealKernel().libc("unshare", 1)
    assert caught.value.errno == errno.EINVAL
    with pytest.raises(OSError, match="Function not implemented"):
        RealKernel().syscall(100_000)


def test_it_writes(tmp_path: Path) -> None:
    file = tmp_path / "cgroup.procs"
    file.touch()
    RealKernel().write(str(file), "0")
    assert file.read_text() == "0"
    with pytest.raises(FileNotFoundError):
        RealKernel().write(str(tmp_path / "absent"), "0")
