from typing import Generic, TypeVar

import msgspec
import pytest
import trio
import trio.testing

from botkube.sdk import (
    ExecuteInput,
    Executor,
    ExternalInput,
    NoConfig,
    Source,
    StreamInput,
    WebhookSource,
    override,
    plaintext,
)
from botkube.sdk.event import Emit, Event
from botkube.sdk.plugin import check_plugin
from botkube.wire.errors import CallError

Config = TypeVar("Config")


class Settings(msgspec.Struct):
    word: str = ""


class Any(Executor[Config], Generic[Config]):
    @override
    async def execute(self, request: ExecuteInput, config: Config) -> str:
        return request.command


class Typed(Any[Settings]):
    name = "typed"
    version = "1.0.0"
    description = "Says a word."


class Loose(Any[dict[str, object]]):
    pass


class Waiting(Source[Settings]):
    name = "waiting"

    @override
    async def stream(self, request: StreamInput, config: Settings, emit: Emit) -> None: ...


def test_the_configuration_type_is_the_parameter_of_the_class() -> None:
    assert Any.config_type is NoConfig
    assert Typed.config_type is Settings
    assert Loose.config_type == dict[str, object]

    class Louder(Typed):
        pass

    assert Louder.config_type is Settings
    assert Waiting.config_type is Settings


async def test_what_a_plugin_has_without_writing_it() -> None:
    assert await Typed().help() == plaintext("Says a word.")
    with pytest.raises(CallError, match="waiting takes no external requests") as raised:
        await Waiting().handle_external_request(ExternalInput(payload=b""), Settings())
    assert raised.value.status == "UNIMPLEMENTED"


def test_a_plugin_without_its_method_cannot_be_made() -> None:
    class Half(Executor[NoConfig]):
        pass

    with pytest.raises(TypeError, match="execute"):
        Half()  # type: ignore[abstract]  # that is the point


class Hook(WebhookSource[Settings]):
    name, version, description = "hook", "1.0.0", "Takes calls."

    @override
    async def handle_external_request(self, request: ExternalInput, config: Settings) -> Event:
        return Event(message=plaintext(config.word))


async def test_a_webhook_source_stays_open(autojump_clock: trio.testing.MockClock) -> None:
    async def emit(event: Event) -> None:
        await trio.lowlevel.checkpoint()
        raise AssertionError(event)

    with trio.move_on_after(3600) as hour:
        await Hook().stream(StreamInput(), Settings(), emit)
    assert hour.cancelled_caught


def test_a_webhook_source_needs_its_method() -> None:
    class Half(WebhookSource[Settings]):
        pass

    with pytest.raises(TypeError, match="handle_external_request"):
        Half()  # type: ignore[abstract]  # that is the point


@pytest.mark.parametrize(
    ("attribute", "value", "said"),
    [
        ("name", "", "Typed.name is missing"),
        ("name", "My_Plugin", "Typed.name is 'My_Plugin', expected small letters"),
        ("version", "", "Typed.version is missing"),
        ("description", "", "Typed.description is missing"),
        ("dependencies", {"gh": {"linux": "https://x"}}, "dependencies['gh'] has 'linux'"),
        ("dependencies", {"gh": {"linux/amd64": ""}}, "expected such as 'linux/amd64'"),
    ],
)
def test_what_no_index_takes_is_named(
    monkeypatch: pytest.MonkeyPatch, attribute: str, value: object, said: str
) -> None:
    monkeypatch.setattr(Typed, attribute, value)
    with pytest.raises(ValueError, match=r".") as raised:
        check_plugin(Typed())
    assert said in str(raised.value)


def test_a_whole_plugin_is_fine() -> None:
    check_plugin(Typed())
    check_plugin(Hook())
