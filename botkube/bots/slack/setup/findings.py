"""What is wrong with an app of Slack's and how to mend it, from what was seen of it. Pure: `probe` does the looking."""

from collections.abc import Iterator, Sequence
from email.utils import parsedate_to_datetime
from typing import Final

from botkube.bots.slack.calling.outcome import AuthFailed, Later, NoChannel, Ok, Refused
from botkube.bots.slack.setup.manifest import APP_SCOPE
from botkube.bots.slack.setup.scopes import scope_findings
from botkube.bots.slack.setup.seen import Found, Seen, Token, Wanted
from botkube.model.diagnosis import Finding, Level
from botkube.model.slackname import slack_name

APPS: Final = "https://api.slack.com/apps"
MOST_SOCKETS: Final = 10  # of one app (docs.slack.dev/apis/events-api/using-socket-mode)
_SKEW: Final = 60.0  # seconds; logs and history read oddly from there on
BOT: Final = "bot token"
APP: Final = "app token"


def findings(seen: Seen) -> tuple[Finding, ...]:
    """Return what there is to say, in the order in which a person would mend it."""
    return tuple(_findings(seen))


def _findings(seen: Seen) -> Iterator[Finding]:
    if not seen.enabled:
        fix = f"set {seen.key}.enabled: true"
        text = "it is switched off: botkube run ignores it"
        yield Finding(subject="configuration", level="warning", text=text, fix=fix)
    yield _network(seen)
    if seen.problem:
        return
    yield _token(seen, BOT, seen.bot)
    if isinstance(seen.bot.outcome, Ok):
        yield from _clock(seen)
        yield from scope_findings(
            seen.bot.scopes, triggers=any(channel.triggers for channel in seen.wanted)
        )
    yield _token(seen, APP, seen.app)
    if isinstance(seen.app.outcome, Ok):
        yield _sockets(seen)
    if isinstance(seen.bot.outcome, Ok):
        yield from _channels(seen)


def _network(seen: Seen) -> Finding:
    if seen.problem:
        fix = f"set {seen.key}.caFile to a readable file with certificates (PEM), or leave it out"
        return Finding(subject="network", level="error", text=seen.problem, fix=fix)
    if (later := _silence(seen.bot)) is not None:
        return _unreachable(seen, "network", later)
    through = f"through the proxy {seen.proxy}" if seen.proxy else "directly, through no proxy"
    trusts = f"and {seen.ca_file}" if seen.ca_file else "only"
    return Finding(subject="network", text=f"{through}; trusts the system's authorities {trusts}")


def _silence(token: Token) -> Later | None:
    """Why Slack did not answer about a token, if it did not."""
    outcome = token.outcome
    return outcome if isinstance(outcome, Later) and not outcome.limited else None


def _unreachable(seen: Seen, subject: str, later: Later) -> Finding:
    if "certificate" in later.reason:
        fix = f"set {seen.key}.caFile to the certificate of the authority that the proxy signs with"
    elif seen.proxy:
        fix = f"look at the proxy: {seen.key}.proxy, else HTTPS_PROXY and NO_PROXY"
    else:
        fix = f"let this machine reach {seen.address}, or name a proxy: {seen.key}.proxy"
    return Finding(subject=subject, level="error", text=later.reason, fix=fix)


# Tokens.

_KINDS: Final = {BOT: "xoxb", APP: "xapp"}
_WHERE: Final = {
    BOT: "OAuth & Permissions, Bot User OAuth Token",
    APP: f"Basic Information, App-Level Tokens (with the scope {APP_SCOPE})",
}
_KEY: Final = {BOT: "botToken", APP: "appToken"}


def _token(seen: Seen, which: str, token: Token) -> Finding:
    wrong = wrong_kind(which, token.kind)
    if wrong:
        return _bad_token(seen, which, wrong)
    match token.outcome:
        case Ok() as ok:
            return Finding(subject=which, text=_works(which, ok))
        case Later(limited=True) as later:
            return _limited(which, later)
        case Later() as later if which == APP:  # the bot's was answered just before
            return _unreachable(seen, which, later)
        case Later() | None:
            text = "it was not asked about, as Slack could not be reached"
            return Finding(subject=which, level="warning", text=text)
        case failed:
            return _refused(seen, which, failed)


def _works(which: str, ok: Ok) -> str:
    if which == APP:
        return "it opens sockets"
    return f"it is {ok.text('user') or '?'} in the workspace {ok.text('team') or '?'}"


def _refused(seen: Seen, which: str, failed: AuthFailed | NoChannel | Refused) -> Finding:
    if isinstance(failed, AuthFailed) and failed.scope and which == APP:
        return _bad_token(seen, which, f"it lacks the scope {failed.scope}")
    if isinstance(failed, Refused) and which == APP:
        fix = f"at {APPS}, of the app: Socket Mode, Enable Socket Mode; then make a new app-level token"
        return Finding(subject=which, level="error", text=failed.sentence, fix=fix)
    return _bad_token(seen, which, failed.sentence)


def wrong_kind(which: str, kind: str) -> str:
    """Return what is wrong with a token before Slack is asked; "" if nothing is."""
    if not kind:
        return "it is not set"
    if kind != _KINDS[which] and kind in _KINDS.values():
        return f"it begins with {kind}-: botToken and appToken are mixed up"
    return ""


def _bad_token(seen: Seen, which: str, text: str) -> Finding:
    fix = f"copy it from {APPS}, of the app: {_WHERE[which]}; set {seen.key}.{_KEY[which]}"
    return Finding(subject=which, level="error", text=text, fix=fix)


def _limited(which: str, later: Later) -> Finding:
    text = "Slack answers that it was asked too often"
    fix = f"try again in {max(later.after, 1):g} s"
    return Finding(subject=which, level="warning", text=text, fix=fix)


# Clock and sockets.


def _clock(seen: Seen) -> Iterator[Finding]:
    try:
        theirs = parsedate_to_datetime(seen.bot.date).timestamp()
    except ValueError:
        return
    skew = seen.now - theirs
    if abs(skew) < _SKEW:
        yield Finding(subject="clock", text="it agrees with Slack's")
        return
    text = f"it is {abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} Slack's"
    fix = "set this machine's clock: timedatectl set-ntp true"
    yield Finding(subject="clock", level="warning", text=text, fix=fix)


def _sockets(seen: Seen) -> Finding:
    if seen.hello is None:
        text = seen.no_hello or "no socket was opened"
        fix = "let this machine, and its proxy, reach wss://*.slack.com by WebSocket"
        return Finding(subject="sockets", level="error", text=text, fix=fix)
    others = max(seen.hello.num_connections - 1, 0)
    if not others:
        return Finding(subject="sockets", text="the app has no other socket open")
    if others == 1:
        text = "the app has 1 other socket open (a running Botkube has one)"
        return Finding(subject="sockets", text=text)
    text = f"the app has {others} other sockets open: each mention goes to only one of them"
    fix = "stop other programs with this app token; give each Botkube an app of its own"
    level: Level = "error" if others + 1 >= MOST_SOCKETS else "warning"
    return Finding(subject="sockets", level=level, text=text, fix=fix)


# Channels.


def _channels(seen: Seen) -> Iterator[Finding]:
    if not seen.wanted:
        fix = f"add one: {seen.key}.channels: {{general: {{name: general}}}}"
        yield Finding(subject="channels", level="error", text="none is configured", fix=fix)
    elif isinstance(seen.unlisted, AuthFailed | NoChannel | Refused):
        fix = (
            "add channels:read and groups:read under OAuth & Permissions, and install the app again"
        )
        yield Finding(subject="channels", level="error", text=seen.unlisted.sentence, fix=fix)
    else:
        yield from (_channel(seen, wanted) for wanted in seen.wanted)


def _channel(seen: Seen, wanted: Wanted) -> Finding:
    name = slack_name(wanted.name)
    subject = f"channel #{name}"
    found = _find(seen.found, name)
    bot = seen.bot.outcome.text("user") if isinstance(seen.bot.outcome, Ok) else ""
    if found is not None and found.is_member:
        kind = "private" if found.is_private else "public"
        return Finding(subject=subject, text=f"the bot is in it ({kind}, {found.id})")
    invite = f"in #{name} type: /invite @{bot or 'botkube'}"
    if found is not None:
        text = "the bot is not in it: it gets no mentions there and can post nothing"
        return Finding(subject=subject, level="error", text=text, fix=invite)
    if isinstance(seen.unlisted, Later):
        text = f"not looked up: {seen.unlisted.reason}"
        return Finding(subject=subject, level="warning", text=text, fix="try again")
    text = "no such channel, or it is archived, or private without the bot"
    fix = f"correct {seen.key}.channels.{wanted.alias}.name, or {invite}"
    return Finding(subject=subject, level="error", text=text, fix=fix)


def _find(found: Sequence[Found], name: str) -> Found | None:
    return next((channel for channel in found if name in {channel.name, channel.id}), None)
