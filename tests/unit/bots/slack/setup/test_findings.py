"""Each thing that can be wrong with the app is one line that says how it is, and what mends it."""

import pytest
from msgspec.structs import replace

from botkube.bots.slack.calling.outcome import AuthFailed, Later, Ok, Outcome, Refused
from botkube.bots.slack.hearing.frames import Hello
from botkube.bots.slack.setup.findings import findings
from botkube.bots.slack.setup.manifest import HISTORY_SCOPES, SCOPES
from botkube.bots.slack.setup.seen import Found, Seen, Token, Wanted
from botkube.model.diagnosis import Diagnosis, Finding, Level

NOW = 1_790_000_000.0
DATE = "Mon, 21 Sep 2026 14:13:20 GMT"
GOOD = Seen(
    key="communications.default.socketSlack",
    bot=Token(
        kind="xoxb",
        outcome=Ok(data={"user": "kube", "team": "Acme"}),
        date=DATE,
        scopes=frozenset((*SCOPES, *HISTORY_SCOPES)),
    ),
    app=Token(kind="xapp", outcome=Ok()),
    hello=Hello(num_connections=1),
    wanted=(Wanted(alias="g", name="#general"),),
    found=(Found(id="C1", name="general", is_member=True), Found(id="C2", name="ops")),
    now=NOW,
)
WANT_OPS = (Wanted(alias="o", name="ops"),)
WANT_NONE = (Wanted(alias="n", name="nowhere"),)


def bot(outcome: Outcome | None, **more: object) -> Seen:
    return replace(GOOD, bot=replace(GOOD.bot, outcome=outcome, **more))


def app(outcome: Outcome | None, **more: object) -> Seen:
    return replace(GOOD, app=replace(GOOD.app, outcome=outcome, **more))


def about(seen: Seen, subject: str) -> Finding:
    found = [finding for finding in findings(seen) if finding.subject == subject]
    assert len(found) == 1
    return found[0]


def test_what_is_good_is_all_said_and_nothing_is_to_be_done() -> None:
    found = findings(GOOD)
    assert [f.subject for f in found] == [
        *("network", "bot token", "clock", "scopes", "app token", "sockets", "channel #general")
    ]
    assert {f.level for f in found} == {"ok"}
    assert not any(f.fix for f in found)
    assert about(GOOD, "bot token").text == "it is kube in the workspace Acme"


INVALID = AuthFailed(code="invalid_auth", sentence="Slack does not know the token.")
CERTIFICATE = Later(reason="Slack cannot be reached: certificate verify failed: self-signed")


@pytest.mark.parametrize(
    ("seen", "subject", "level", "text", "fix"),
    [
        (replace(GOOD, enabled=False), "configuration", "warning", "ignores it", "enabled: true"),
        (replace(GOOD, problem="caFile /x cannot be used"), "network", "error", "/x", "caFile"),
        (bot(None, kind=""), "bot token", "error", "not set", "socketSlack.botToken"),
        (bot(None, kind="xapp"), "bot token", "error", "mixed up", "Bot User OAuth Token"),
        (bot(INVALID), "bot token", "error", "does not know", "Bot User OAuth Token"),
        (bot(INVALID, kind="?"), "bot token", "error", "does not know", "botToken"),
        (bot(CERTIFICATE), "network", "error", "certificate", "socketSlack.caFile"),
        (bot(Later(reason="no route")), "network", "error", "no route", "reach https://slack.com/api/"),
        (bot(Later(reason="no route")), "bot token", "warning", "not asked", ""),
        (app(Later(reason="no route")), "app token", "error", "no route", "reach https://slack.com/api/"),
        (replace(bot(Later(reason="no")), proxy="http://p"), "network", "error", "no", "HTTPS_PROXY"),
        (bot(Later(reason="r", after=7, limited=True)), "bot token", "warning", "too often", "7 s"),
        (bot(Ok(), date="Mon, 21 Sep 2026 14:11:20 GMT"), "clock", "warning", "120 s ahead", "ntp"),
        (bot(Ok(), date="Mon, 21 Sep 2026 14:15:20 GMT"), "clock", "warning", "120 s behind", "ntp"),
        (bot(Ok(), scopes=None), "scopes", "warning", "does not name", ""),
        (app(None, kind=""), "app token", "error", "not set", "App-Level Tokens"),
        (app(None, kind="xoxb"), "app token", "error", "mixed up", "connections:write"),
        (app(AuthFailed(code="missing_scope", sentence="s", scope="connections:write")),
         "app token", "error", "lacks the scope connections:write", "App-Level Tokens"),
        (app(Refused(code="x", sentence="Slack refused the call (x).")),
         "app token", "error", "refused", "Enable Socket Mode"),
        (app(None), "app token", "warning", "not asked", ""),
        (replace(GOOD, hello=None, no_hello="it said nothing"), "sockets", "error", "nothing", "wss://"),
        (replace(GOOD, hello=Hello(num_connections=3)), "sockets", "warning", "2 other", "app of its own"),
        (replace(GOOD, hello=Hello(num_connections=10)), "sockets", "error", "9 other", "stop"),
        (replace(GOOD, wanted=()), "channels", "error", "none is configured", "channels:"),
        (replace(GOOD, unlisted=INVALID), "channels", "error", "does not know", "channels:read"),
        (replace(GOOD, wanted=WANT_OPS), "channel #ops", "error", "not in it", "/invite @kube"),
        (replace(GOOD, wanted=WANT_NONE), "channel #nowhere", "error", "no such", "channels.n.name"),
        (replace(GOOD, wanted=WANT_NONE, unlisted=Later(reason="HTTP 503")),
         "channel #nowhere", "warning", "HTTP 503", "try again"),
    ],
)  # fmt: skip
def test_what_is_wrong(seen: Seen, subject: str, level: str, text: str, fix: str) -> None:
    finding = about(seen, subject)
    assert finding.level == level
    assert text in finding.text
    assert (fix in finding.fix) if fix else not finding.fix


def test_a_file_that_cannot_be_read_hides_the_rest() -> None:
    assert [f.subject for f in findings(replace(GOOD, problem="caFile"))] == ["network"]


@pytest.mark.parametrize("seen", [bot(INVALID), bot(None, kind="")])
def test_without_a_bot_token_nothing_is_said_of_scopes_and_channels(seen: Seen) -> None:
    subjects = [f.subject for f in findings(seen)]
    assert subjects == ["network", "bot token", "app token", "sockets"]


def test_one_other_socket_is_the_running_botkube_s() -> None:
    finding = about(replace(GOOD, hello=Hello(num_connections=2)), "sockets")
    assert (finding.level, finding.text[:34]) == ("ok", "the app has 1 other socket open (a")


def test_a_time_that_cannot_be_read_is_not_judged() -> None:
    assert "clock" not in {f.subject for f in findings(bot(Ok(), date="soon"))}
    assert "clock" not in {f.subject for f in findings(bot(Ok(), date=""))}


@pytest.mark.parametrize(("level", "broken"), [("ok", False), ("warning", False), ("error", True)])
def test_only_an_error_breaks(level: Level, *, broken: bool) -> None:
    found = (Finding(subject="a", text="t"), Finding(subject="b", text="t", level=level))
    assert Diagnosis(key="k", findings=found).broken is broken
