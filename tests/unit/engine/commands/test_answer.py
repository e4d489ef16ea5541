"""Which answer a command gets, and what users see when something goes wrong."""

import re

import msgspec
import pytest
import trio
import trio.testing

from botkube.engine.commands import texts
from botkube.engine.commands.answer import answer
from botkube.model.call import Answer, Call
from botkube.model.command import Address, Incoming, Kept, Origin, Outcome, Reply, User
from botkube.model.errors import PluginRefused, PluginUnavailable
from botkube.model.message import Body, Message, MessageType, encode_message
from botkube.model.slackstate import encode_state, typed
from tests.fakes.engine import (
    FakeExecutor,
    FakeResults,
    channel_with,
    desk_with,
    executor,
    routes_of,
    said,
    unseen,
)

CHANNEL = channel_with(executor("echo"), executor("off", enabled=False))


async def ask(text: str, fake: FakeExecutor | None = None) -> tuple[str, Reply | None]:
    desk = desk_with(
        CHANNEL, fake, routes=routes_of(CHANNEL, aliases={"e": "echo", "b": "--filter"})
    )
    return await answer(said(text), desk, unseen)


async def reply_to(text: str, fake: FakeExecutor | None = None) -> Reply:
    _, reply = await ask(text, fake)
    assert reply is not None
    return reply


def text_of(reply: Reply) -> str:
    body = reply.message.base_body
    return body.code_block or body.plaintext


async def test_a_plugin_gets_the_clean_command_and_everything_it_may_need() -> None:
    fake = FakeExecutor("out")
    name, reply = await ask("e 'a  b' --filter=x\n c", fake)
    (call,) = fake.calls
    assert (call.command, call.help) == ("echo 'a  b'\n c", False)
    assert str(call.key) == "repo/echo"
    assert call.incoming.user.name == "ann"
    assert name == "echo"
    assert reply is not None
    assert (text_of(reply), reply.outcome) == ("out", Outcome.OK)
    assert reply.description == "`echo 'a b' --filter=x c` on `dev`"


async def state_told(state: bytes, *, interactive: bool = True) -> bytes:
    channel = msgspec.structs.replace(CHANNEL, interactive=interactive)
    fake = FakeExecutor("out")
    incoming = msgspec.structs.replace(said("echo", origin=Origin.BUTTON), state=state)
    await answer(incoming, desk_with(channel, fake), unseen)
    (call,) = fake.calls
    return call.state


async def test_a_plugin_gets_the_state_of_the_messages_elements(
    caplog: pytest.LogCaptureFixture,
) -> None:
    given = encode_state({"b": {'@Botkube x --cluster-name="dev" --y': typed("z")}})
    assert await state_told(given) == encode_state({"b": {"x --y": typed("z")}})
    assert await state_told(given, interactive=False) == b""
    assert await state_told(b"") == b""
    assert caplog.records == []
    assert await state_told(b"nonsense") == b""
    assert "cannot be read" in caplog.text


async def test_the_configs_of_all_bound_groups_are_passed_in_order() -> None:
    channel = channel_with(
        executor("echo", group="a", config="x: 1"),
        executor("echo", group="b", enabled=False, config="x: 2"),
        executor("echo", group="c"),
        executor("echo", group="d", config="x: 4"),
    )
    fake = FakeExecutor("out")
    await answer(said("echo"), desk_with(channel, fake), unseen)
    assert fake.calls[0].configs == (b"x: 1", b"x: 4")


@pytest.mark.parametrize(
    ("text", "asks_help"), [("echo help", True), ("echo help me", True), ("echo Help", False)]
)
async def test_help_of_a_plugin(text: str, *, asks_help: bool) -> None:
    fake = FakeExecutor("usage")
    await ask(text, fake)
    assert fake.calls[0].help is asks_help


@pytest.mark.parametrize("text", ["ping --cluster-name=prod", "echo x --cluster-name prod"])
async def test_a_command_for_another_cluster_is_not_for_us(text: str) -> None:
    assert await ask(text) == ("other", None)


@pytest.mark.parametrize("text", ["ping --cluster-name=dev", "ping --cluster-name="])
async def test_a_command_for_this_cluster_is(text: str) -> None:
    assert text_of(await reply_to(text)).startswith("pong")


@pytest.mark.parametrize("text", ["ping", '"', ""])
async def test_an_unknown_channel_is_not_for_us(text: str) -> None:
    address = Address(platform="default-playground", channel="elsewhere")
    elsewhere = Incoming(id="c", text=text, user=User(name="ann"), address=address)
    assert await answer(elsewhere, desk_with(CHANNEL), unseen) == ("other", None)


@pytest.mark.parametrize("text", ["", "  ", "--all-clusters", "; ignored"])
async def test_no_words_mean_help(text: str) -> None:
    name, reply = await ask(text)
    assert name == "help"
    assert reply is not None
    assert reply.message == texts.help_message(CHANNEL)


@pytest.mark.parametrize(
    ("text", "answer_text", "outcome"),
    [
        (
            'echo "open',
            (
                "cannot parse command. Please use 'help' to see supported commands.\n"
                'quotes do not match: " is not closed'
            ),
            Outcome.FAILED,
        ),
        ("b", f"{texts.UNREADABLE}\nincorrect use of --filter flag: flag needs", Outcome.FAILED),
        (
            "nonsense",
            "Command not supported. Please use 'help' to see supported commands.",
            Outcome.REFUSED,
        ),
        ("Echo x", "Command not supported.", Outcome.REFUSED),  # plugin names keep their case
        (
            "kubectl get po",
            (
                "`kubectl` commands are disabled for this channel. "
                "To learn how to enable Kubectl executor, see "
            ),
            Outcome.REFUSED,
        ),
        ("helm list", "`helm` commands are disabled for this channel. ", Outcome.REFUSED),
        (
            "off x",
            "The `off` executor is disabled: set `enabled: true` for repo/off in executors.tools.",
            Outcome.REFUSED,
        ),
    ],
)
async def test_refusals_say_why(text: str, answer_text: str, outcome: Outcome) -> None:
    name, reply = await ask(text)
    assert reply is not None
    assert text_of(reply).startswith(answer_text)
    assert (name, reply.outcome) == ("other", outcome)
    assert reply.description.endswith("on `dev`")


async def test_no_link_leads_to_the_lapsed_domain() -> None:
    for text in ("kubectl x", "helm x", "nonsense", "help"):
        assert "botkube.io" not in str((await reply_to(text)).message)


async def test_an_enabled_plugin_comes_before_a_hint_and_a_built_in() -> None:
    channel = channel_with(executor("kubectl"), executor("ping"))
    fake = FakeExecutor("mine")
    for text in ("kubectl get po", "ping"):
        _, reply = await answer(said(text), desk_with(channel, fake), unseen)
        assert reply is not None
        assert text_of(reply) == "mine"


@pytest.mark.parametrize("text", ["100%s of %d {0} {x} %", "exit status 1\n\ttab `x`"])
async def test_an_error_of_a_plugin_is_shown_as_it_is(text: str) -> None:
    reply = await reply_to("echo x", FakeExecutor(PluginRefused(text)))
    assert reply.message.base_body.code_block == text
    assert reply.outcome is Outcome.FAILED


async def test_a_dead_plugin_is_one_sentence_with_an_id_that_is_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    fake = FakeExecutor(PluginUnavailable("the plugin {x} is 100% gone"))
    text = text_of(await reply_to("echo x", fake))
    found = re.fullmatch(r"the plugin \{x\} is 100% gone \(correlation id ([0-9a-f]{8})\)\.", text)
    assert found
    (record,) = caplog.records
    assert record.__dict__["fields"]["correlation_id"] == found[1]
    assert record.__dict__["fields"]["error"] == "the plugin {x} is 100% gone"


async def test_a_plugin_that_takes_too_long_is_cancelled_and_said_so(
    autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    cancelled = trio.Event()

    async def hang(_call: Call) -> Answer:
        try:
            await trio.sleep_forever()
        finally:
            cancelled.set()
        raise AssertionError

    reply = await reply_to("e 100%  {x}", FakeExecutor(hang))
    assert trio.current_time() == 60
    assert cancelled.is_set()
    assert text_of(reply) == "`echo 100% {x}` took longer than 60 s and was cancelled."
    assert reply.outcome is Outcome.TIMEOUT
    assert "command failed" in caplog.text


LONG = Message(
    type=MessageType.BASE_BODY_WITH_FILTER,
    base_body=Body(code_block="\n".join(f"line {n}" for n in range(30))),
)


async def test_a_text_result_is_kept_whole_also_when_it_is_shown_filtered() -> None:
    reply = await reply_to("echo x --filter='line 7'", FakeExecutor(LONG))
    assert text_of(reply) == "line 7"
    assert reply.kept == Kept(command="echo x", message=encode_message(LONG))


@pytest.mark.parametrize("message", [Message(base_body=Body(code_block="x")), Message()])
async def test_other_results_are_not_kept(message: Message) -> None:
    assert (await reply_to("echo x", FakeExecutor(message))).kept is None


async def test_the_filter_below_a_result_works_on_what_was_kept() -> None:
    fake = FakeExecutor("ran again")
    desk = desk_with(CHANNEL, fake, results=FakeResults({"echo x": LONG}))
    filtered = said('echo x --filter="line 2"', origin=Origin.INPUT)
    _, reply = await answer(filtered, desk, unseen)
    assert reply is not None
    assert fake.calls == []
    assert text_of(reply).splitlines()[:2] == ["line 2", "line 20"]
    assert reply.description.endswith("on `dev` by @ann")
    _, typed = await answer(said('echo x --filter="line 2"'), desk, unseen)
    assert typed is not None
    assert text_of(typed) == "ran again"


async def test_without_a_kept_result_the_filter_runs_the_command_again() -> None:
    fake = FakeExecutor(LONG)
    desk = desk_with(CHANNEL, fake, results=FakeResults())
    _, reply = await answer(said('echo x --filter="line 7"', origin=Origin.INPUT), desk, unseen)
    assert reply is not None
    assert text_of(reply) == "line 7"
