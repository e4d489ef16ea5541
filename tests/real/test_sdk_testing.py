"""The harness for plugin authors, with plugins as they write them."""

import os
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import msgspec
import pytest
import trio

from botkube.sdk import MessageContext, User, code_block, plaintext
from botkube.sdk.testing import CallFailed, PluginGone, PluginHarness
from tests.fakes.authors import put_executor, put_source

pytestmark = [pytest.mark.real, pytest.mark.slow]


class Settings(msgspec.Struct):
    words: tuple[str, ...] = ("typed",)


@pytest.fixture
async def sample(tmp_path: Path) -> AsyncGenerator[PluginHarness]:
    async with PluginHarness.start(put_executor(tmp_path)) as plugin:
        yield plugin


async def test_configurations_of_every_form(sample: PluginHarness) -> None:
    with trio.fail_after(100):
        assert (await sample.execute("sample config")).text == "() {}"
        assert (await sample.execute("sample config", Settings())).text == "('typed',) {}"
        assert (await sample.execute("sample config", {"words": ["a"]})).text == "('a',) {}"
        assert (await sample.execute("sample config", "words: [b]")).text == "('b',) {}"
        assert (await sample.execute("sample config", b"words: [c]")).text == "('c',) {}"
        several = [{"words": ["a", "b"], "nested": {"x": 1}}, {"words": ["c"], "nested": {"y": 2}}]
        merged = await sample.execute("sample config", several)
        assert merged.text == "('c',) {'x': 1, 'y': 2}"


async def test_what_comes_with_a_command(sample: PluginHarness) -> None:
    with trio.fail_after(100):
        answer = await sample.execute(
            "sample who",
            user=User(mention="<@1>", display_name="Ann"),
            message=MessageContext(url="https://x"),
            interactive=False,
            webhook_base_url="http://b",
        )
        assert answer.text == "<@1> Ann https://x False http://b"
        state = {"block": {"one": "a", "many": ["b", "c"]}}
        assert (await sample.execute("sample state block one", state=state)).text == "('a',)"
        assert (await sample.execute("sample state block many", state=state)).text == "('b', 'c')"
        assert (
            await sample.execute("sample cluster", kube_config=b"kind: Config")
        ).text == "kind: Config"
        with pytest.raises(CallFailed, match=r'"sample" access to the cluster with context\.rbac'):
            await sample.execute("sample cluster")


async def test_replies_and_what_the_plugin_says_of_itself(sample: PluginHarness) -> None:
    with trio.fail_after(100):
        several = await sample.execute("sample several")
        assert several.messages == (code_block("one"), code_block("two"))
        assert several.text == "one\n\ntwo"
        assert await sample.help() == plaintext("Does what a test wants.")
        metadata = await sample.metadata()
        assert (metadata.version, '"words"' in metadata.json_schema) == ("1.2.3", True)


async def test_errors_and_the_log(sample: PluginHarness) -> None:
    with trio.fail_after(100):
        with pytest.raises(CallFailed, match=r"^not today$"):
            await sample.execute("sample refuse")
        await sample.execute("sample print")
        with pytest.raises(PluginGone, match=r"(?s)ended with code 3\..*last words"):
            await sample.execute("sample die")
        assert sample.log[0] == "printed"
        assert '"@message":"last words"' in sample.log[1]
        with pytest.raises(PluginGone):
            await sample.execute("sample config")


@pytest.mark.parametrize("streams", [True, False])
async def test_output_comes_while_a_command_runs(tmp_path: Path, *, streams: bool) -> None:
    heard: list[str] = []
    with trio.fail_after(100):
        async with PluginHarness.start(put_executor(tmp_path, streams=streams)) as plugin:
            answer = await plugin.execute("sample talk", on_output=heard.append)
    assert answer.text == "größer\ntwo"
    assert answer.output == "".join(heard) == ("größer\ntwo\n" if streams else "")


async def test_cancelled_a_command_ends_with_what_it_runs(sample: PluginHarness) -> None:
    pids: list[int] = []
    with trio.fail_after(100):
        with trio.CancelScope() as scope:

            def heard(text: str) -> None:
                pids.append(int(text))
                scope.cancel()

            await sample.execute("sample wait", on_output=heard)
        assert scope.cancelled_caught
        await process_end(pids[0])
        assert (await sample.execute("sample config")).text == "() {}"


async def process_end(pid: int) -> None:
    try:
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    await trio.lowlevel.wait_readable(pidfd)
    os.close(pidfd)


async def test_events_of_a_source(tmp_path: Path) -> None:
    with trio.fail_after(100):
        async with PluginHarness.start(put_source(tmp_path)) as plugin:
            async with plugin.stream(cluster_name="stage") as events:
                first, second = await anext(events), await anext(events)
            assert (first.message, second.raw) == (plaintext("0 on stage"), {"n": 1})
            assert first.labels == {"kind": "tick"}
            async with plugin.stream({"count": 3}) as events:
                with pytest.raises(CallFailed, match="that is too much"):
                    assert [event.raw async for event in events] == []
            called = await plugin.handle_external_request({"a": 1}, {"count": 9})
            assert (called.message, called.raw) == (plaintext('{"a":1}'), 9)
            assert (await plugin.metadata()).external_request_schema == "{}"
            with pytest.raises(CallFailed):
                await plugin.execute("ticker")


async def test_nothing_is_left_behind_and_errors_come_bare(tmp_path: Path) -> None:
    seen: list[tuple[int, Path]] = []

    async def use() -> None:
        async with PluginHarness.start(put_executor(tmp_path)) as plugin:
            folder = Path((await plugin.execute("sample tmp")).text)
            assert folder.stat().st_mode & 0o777 == 0o700
            seen.append((plugin.pid, folder))
            raise KeyError

    with trio.fail_after(100), pytest.raises(KeyError):
        await use()
    [(pid, folder)] = seen
    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_an_executable_and_its_surroundings(tmp_path: Path) -> None:
    lines: list[str] = []
    program = tmp_path / "plugin"
    program.write_text(f"#!/bin/sh\nenv >&2\nexec {sys.executable} -P {put_executor(tmp_path)}\n")
    program.chmod(0o755)
    with trio.fail_after(100):
        env = {"LOG_LEVEL_SAMPLE": "debug", "BOTKUBE": "ours wins"}
        async with PluginHarness.start(
            program, env=env, dependencies=tmp_path, on_log=lines.append
        ) as plugin:
            assert (await plugin.execute("sample config")).text == "() {}"
    names = {line.partition("=")[0] for line in lines}
    assert {"LOG_LEVEL_SAMPLE", "PLUGIN_DEPENDENCY_DIR", "TMPDIR", "PATH"} <= names
    assert "PYTEST_CURRENT_TEST" not in names
