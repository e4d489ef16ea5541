import pytest

from botkube.wire.codec import encode_execute
from botkube.wire.errors import RequestTooLarge
from botkube.wire.limits import MAX_REQUEST, check_size, largest_part
from botkube.wire.messages import ExecuteRequest

BIG = 3_000_000


@pytest.mark.parametrize(
    ("request_", "label", "size"),
    [
        (ExecuteRequest(command="ü" * BIG), "command", 2 * BIG),
        (ExecuteRequest(command="", configs=(b"a" * BIG,) * 2), "plugin configuration", 2 * BIG),
        (ExecuteRequest(command="", slack_state=b"s" * 2 * BIG), "Slack state", 2 * BIG),
        (ExecuteRequest(command="", kube_config=b"s" * 2 * BIG), "kubeconfig", 2 * BIG),
        (ExecuteRequest(command="", text="s" * 2 * BIG), "message text", 2 * BIG),
        (ExecuteRequest(command="", webhook_base_url="s" * 2 * BIG), "webhook base url", 2 * BIG),
    ],
)
def test_a_request_that_is_too_large_names_its_largest_part(
    request_: ExecuteRequest, label: str, size: int
) -> None:
    assert largest_part(request_)[1] == size
    with pytest.raises(RequestTooLarge, match=f"part is the {label} with {size} bytes") as caught:
        check_size(request_, encode_execute(request_))
    assert caught.value.status == "RESOURCE_EXHAUSTED"


def test_the_limit_is_that_of_grpc_go() -> None:
    request = ExecuteRequest(command="hi")
    assert MAX_REQUEST == 4_194_304
    assert check_size(request, bytes(MAX_REQUEST)) == bytes(MAX_REQUEST)
    with pytest.raises(RequestTooLarge):
        check_size(request, bytes(MAX_REQUEST + 1))
