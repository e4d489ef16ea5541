"""Rules on incoming webhooks: their bounds, and who may send them."""

import re
from collections.abc import Iterator

from botkube.config.problem import Finding, Path, error, warning
from botkube.config.schema.plugins import Hmac, WebhookAccess
from botkube.config.schema.root import Config
from botkube.config.units import is_loopback, parse_address

ALGORITHMS = ("sha256", "sha512", "sha1")
_HERE: Path = ("plugins", "incomingWebhook")
_LARGEST = 4 * 2**20
HEADER = re.compile(r"[-!#$%&'*+.^_`|~0-9A-Za-z]+")


def check_webhooks(config: Config) -> Iterator[Finding]:
    """Check `plugins.incomingWebhook` and what source groups say instead."""
    webhook = config.plugins.incoming_webhook
    if webhook.timeout <= 0:
        fix = "write a duration above zero, for example 30s"
        yield error((*_HERE, "timeout"), "must be longer than zero", fix, f"{webhook.timeout:g}s")
    if not 0 < webhook.max_size <= _LARGEST:
        fix = "write at most 4MiB, which is all that plugins take"
        yield error((*_HERE, "maxSize"), "is no size for a request", fix, webhook.max_size)
    yield from _access(webhook, _HERE)
    for name, group in config.sources.items():
        yield from _access(group.incoming_webhook, ("sources", name, "incomingWebhook"))
    yield from _open_to_all(config, config.settings.http.listen)


def check_listen(config: Config, listen: str) -> Iterator[Finding]:
    """Check what becomes of webhooks by listening elsewhere than the configuration says."""
    if not list(_open_to_all(config, config.settings.http.listen)):
        yield from _open_to_all(config, listen)


def _open_to_all(config: Config, listen: str) -> Iterator[Finding]:
    webhook = config.plugins.incoming_webhook
    unguarded = [g for g in config.sources.values() if not g.incoming_webhook.guarded]
    if unguarded and not webhook.guarded and _exposed(config, listen):
        fix = "give senders a token or an hmac secret, or listen on 127.0.0.1"
        yield warning(_HERE, "lets everybody who reaches the listener make events", fix)


def _access(access: WebhookAccess, path: Path) -> Iterator[Finding]:
    if access.token is not None and not access.token:
        fix = "write the token, or remove the key to ask for none"
        yield error((*path, "token"), "is empty", fix)
    if access.hmac is not None:
        yield from check_hmac(access.hmac, (*path, "hmac"))


def check_hmac(hmac: Hmac, path: Path) -> Iterator[Finding]:
    """Check how bodies are signed."""
    if not hmac.secret:
        fix = "write the secret that bodies are signed with"
        yield error((*path, "secret"), "secret is a required field", fix)
    if hmac.algorithm not in ALGORITHMS:
        fix = f"write one of {', '.join(ALGORITHMS)}"
        yield error((*path, "algorithm"), "is no known algorithm", fix, hmac.algorithm)
    if not HEADER.fullmatch(hmac.header):
        fix = "write a name such as X-Hub-Signature-256"
        yield error((*path, "header"), "is no name of a header", fix, hmac.header)


def _exposed(config: Config, listen: str) -> bool:
    """Whether others than this machine can send requests."""
    webhook, http = config.plugins.incoming_webhook, config.settings.http
    try:
        exposed = not is_loopback(parse_address(listen).host)
    except ValueError:
        return False  # reported where addresses are checked
    by_port = webhook.port is not None and not is_loopback(http.host)
    return webhook.is_on(exposed=exposed) and (exposed or by_port)
