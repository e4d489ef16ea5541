import pytest

from botkube.builtin.echo import Echo, EchoConfig
from botkube.sdk import ExecuteInput, UserError
from botkube.sdk.adapter import ExecutorAdapter
from botkube.wire.messages import ExecuteRequest


@pytest.mark.parametrize(
    ("config", "command", "answer"),
    [
        (b"", "echo alias", "echo alias"),
        (b"changeResponseToUpperCase: true", "echo alias", "ECHO ALIAS"),
        (
            b'{"changeResponseToUpperCase":false}',
            "echo  'a b'\n<c>",
            "echo  'a b'\n\\u003cc\\u003e",
        ),
    ],
)
async def test_the_whole_command_is_answered(config: bytes, command: str, answer: str) -> None:
    request = ExecuteRequest(command=command, configs=(config,))
    response = await ExecutorAdapter(Echo()).execute(request)
    written = answer.replace("\n", "\\n")
    assert response.message == (
        b'{"type":"baseBodyWithFilter","baseBody":{"codeBlock":"' + written.encode() + b'"},'
        b'"timestamp":"0001-01-01T00:00:00Z"}'
    )


async def test_fail_is_checked_before_panic() -> None:
    with pytest.raises(UserError, match=r"^The @fail label was specified. Failing execution.$"):
        await Echo().execute(ExecuteInput(command="echo @panic @fail"), EchoConfig())
