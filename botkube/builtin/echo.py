"""The `echo` executor: answers with the command itself. For trying things out and for tests of the path."""

import os
from typing import Annotated

import msgspec
from msgspec import Meta

from botkube.sdk import ExecuteInput, Executor, Message, UserError, code_block, override, serve


class EchoConfig(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Configuration of `echo`."""

    change_response_to_upper_case: Annotated[
        bool, Meta(description="Answer in capital letters.")
    ] = False


class Echo(Executor[EchoConfig]):
    """Answers with the whole command, the word `echo` included; `@fail` and `@panic` in it fail on purpose."""

    name = "echo"
    version = "2.0.0"
    description = (
        "Echo is an example Botkube executor plugin used during e2e tests. "
        "It's not meant for production usage."
    )

    @override
    async def execute(self, request: ExecuteInput, config: EchoConfig) -> Message:
        """Answer the command."""
        if "@fail" in request.command:
            raise UserError("The @fail label was specified. Failing execution.")
        if "@panic" in request.command:
            _crash("The @panic label was specified. Panicking.")
        upper = config.change_response_to_upper_case
        return code_block(request.command.upper() if upper else request.command)


def main() -> None:
    """Be the plugin."""
    serve(Echo())


def _crash(text: str) -> None:
    """End the process in the middle of the call, as a panic ends a Go plugin."""
    os.write(2, f"panic: {text}\n".encode())
    os._exit(2)
