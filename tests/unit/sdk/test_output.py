"""Where a plugin writes while it works."""

import trio

from botkube.sdk.output import SILENT, Output


async def test_text_and_bytes_are_sent_as_they_come() -> None:
    sent: list[bytes] = []

    async def send(data: bytes) -> None:
        await trio.lowlevel.checkpoint()
        sent.append(data)

    output = Output(send)
    assert output.heard
    await output.write("grüße\n")
    await output.write(b"\xff")
    await output.write("")
    assert sent == ["grüße\n".encode(), b"\xff"]


async def test_nobody_listens() -> None:
    assert not SILENT.heard
    await SILENT.write("lost, without harm")
