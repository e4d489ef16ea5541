import pytest

from botkube.model.errors import ProtocolError
from botkube.plugins.firstline import FirstLine


@pytest.mark.parametrize("size", [1, 2, 100])
async def test_the_line_is_taken_off_however_it_arrives(size: int) -> None:
    first = FirstLine()
    data, rest = b"1|3|unix|/s|grpc|\nmore\nand more", b""
    while data and not first.complete:
        rest = first.feed(data[:size])
        data = data[size:]
    assert await first.wait() == b"1|3|unix|/s|grpc|"
    assert rest + data == b"more\nand more"


async def test_a_line_that_does_not_end_is_refused() -> None:
    first = FirstLine()
    first.feed(b"x" * 5000)
    assert first.complete
    with pytest.raises(ProtocolError, match=r"more than 4096 bytes to stdout .* 'xxx"):
        await first.wait()


async def test_the_end_without_a_line_is_told() -> None:
    first = FirstLine()
    first.feed(b"1|3")
    first.feed(b"")
    assert await first.wait() is None
