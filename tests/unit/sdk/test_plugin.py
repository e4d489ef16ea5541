from typing import Generic, TypeVar

import msgspec
import pytest

from botkube.model.message import Message
from botkube.sdk import (
    ExecuteInput,
    Executor,
    ExternalInput,
    NoConfig,
    Source,
    StreamInput,
    override,
)
from botkube.sdk.event import Emit
from botkube.wire.errors import CallError

Config = TypeVar("Config")


class Settings(msgspec.Struct):
    word: str = ""


class Any(Executor[Config], Generic[Config]):
    @override
    async def execute(self, request: ExecuteInput, config: Config) -> str:
        return request.command


class Typed(Any[Settings]):
    pass


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
    assert await Typed().help() == Message()
    with pytest.raises(CallError, match="waiting takes no external requests") as raised:
        await Waiting().handle_external_request(ExternalInput(payload=b""), Settings())
    assert raised.value.status == "UNIMPLEMENTED"


def test_a_plugin_without_its_method_cannot_be_made() -> None:
    class Half(Executor[NoConfig]):
        pass

    with pytest.raises(TypeError, match="execute"):
        Half()  # type: ignore[abstract]  # that is the point
