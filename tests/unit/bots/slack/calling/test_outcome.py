"""What Slack answers → what it means, with a sentence that says what to do."""

import json
from collections.abc import Mapping

import pytest

from botkube.bots.slack.calling.outcome import (
    AuthFailed,
    Later,
    NoChannel,
    Ok,
    Outcome,
    Refused,
    outcome,
    uploaded,
)


def answered(error: str, **more: object) -> Outcome:
    body = json.dumps({"ok": False, "error": error} | more).encode()
    return outcome(200, {}, body, channel="#general", bot="Botkube")


@pytest.mark.parametrize(
    ("status", "headers", "body", "expected"),
    [
        (200, {}, b'{"ok":true,"ts":"1.2"}', Ok(data={"ok": True, "ts": "1.2"})),
        (200, {}, b"ok", Ok()),
        (200, {}, b'{"ok":false,"error":"already_reacted"}', None),
        (429, {"retry-after": "2"}, b"", Later(reason="ratelimited", after=2, limited=True)),
        (429, {}, b'{"ok":false}', Later(reason="ratelimited", after=1, limited=True)),
        (429, {"retry-after": "soon"}, b"", Later(reason="ratelimited", after=1, limited=True)),
        (429, {"retry-after": "-5"}, b"", Later(reason="ratelimited", after=1, limited=True)),
        (429, {"retry-after": "99999"}, b"", Later(reason="ratelimited", after=3600, limited=True)),
        (500, {}, b"", Later(reason="HTTP 500", status=500)),
        (503, {"retry-after": "7"}, b"<html>", Later(reason="HTTP 503", status=503, after=7)),
        (408, {}, b"", Later(reason="HTTP 408", status=408)),
        (
            404,
            {},
            b"expired_url",
            Refused(
                code="expired_url", sentence="the answer URL of the click is older than 30 minutes."
            ),
        ),
        (413, {}, b"<html>", Refused(code="http_413", sentence="Slack answered HTTP 413.")),
    ],
)
def test_an_answer(
    status: int, headers: Mapping[str, str], body: bytes, expected: Outcome | None
) -> None:
    found = outcome(status, headers, body)
    assert isinstance(found, Ok) if expected is None else found == expected


@pytest.mark.parametrize(
    "body", [b"", b"<html>portal</html>", b"[]", b"null", b'{"ok":null}', b"[" * 99999]
)
def test_what_is_no_answer_of_slack_is_tried_again(body: bytes) -> None:
    found = outcome(200, {}, body)
    assert isinstance(found, Later)
    assert "proxy" in found.reason


@pytest.mark.parametrize(
    "code",
    ["ratelimited", "rate_limited", "message_limit_exceeded", "internal_error", "fatal_error"],
)
def test_trouble_of_slack_passes(code: str) -> None:
    assert isinstance(answered(code), Later)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("invalid_auth", "copy it again"),
        ("token_revoked", "revoked"),
        ("account_inactive", "install the app again"),
        ("not_allowed_token_type", "xoxb-"),
        ("org_login_required", "organisation"),
    ],
)
def test_a_bad_token_says_what_to_do(code: str, says: str) -> None:
    found = answered(code)
    assert isinstance(found, AuthFailed)
    assert found.code == code
    assert says in found.sentence


def test_a_missing_scope_is_named() -> None:
    found = answered("missing_scope", needed="users:read", provided="chat:write")
    assert isinstance(found, AuthFailed)
    assert found.scope == "users:read"
    assert "users:read" in found.sentence


@pytest.mark.parametrize("code", ["channel_not_found", "not_in_channel"])
def test_a_channel_without_the_bot_says_how_to_invite_it(code: str) -> None:
    found = answered(code)
    assert isinstance(found, NoChannel)
    assert "#general" in found.sentence
    assert "/invite @Botkube" in found.sentence


@pytest.mark.parametrize("code", ["is_archived", "restricted_action", "user_not_in_channel"])
def test_other_trouble_of_a_channel(code: str) -> None:
    found = answered(code)
    assert isinstance(found, NoChannel)
    assert "#general" in found.sentence


def test_refused_blocks_say_where() -> None:
    where = "[ERROR] must be less than 76 characters [json-pointer:/blocks/0]"
    found = answered("invalid_blocks", response_metadata={"messages": [where]}, errors=["too long"])
    assert found == Refused(
        code="invalid_blocks", sentence=f"Slack refused the message's blocks: {where}; too long."
    )


def test_an_error_nobody_knows_is_refused_by_its_name() -> None:
    assert answered("brand_new") == Refused(
        code="brand_new", sentence="Slack refused the call (brand_new)."
    )


def test_texts_of_an_answer() -> None:
    found = outcome(200, {}, b'{"ok":true,"channel":{"name":"general"},"n":1}')
    assert isinstance(found, Ok)
    assert found.text("channel", "name") == "general"
    assert [found.text("n"), found.text("channel"), found.text("a", "b")] == ["", "", ""]


@pytest.mark.parametrize(
    ("status", "kind"), [(200, Ok), (500, Later), (429, Later), (403, Refused), (302, Refused)]
)
def test_an_upload(status: int, kind: type) -> None:
    found = uploaded(status)
    assert isinstance(found, kind)
    assert not isinstance(found, Later) or found.status == status
