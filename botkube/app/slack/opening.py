"""Opens the Slack of each group: configuration → clients and houses."""

import ssl
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

import trio

from botkube.app.foundation import Base, Stored
from botkube.app.slack.house import Means, SlackHouse
from botkube.bots.slack.calling.rates import Rates
from botkube.bots.slack.calling.web import WebSettings, open_web
from botkube.config.schema.platforms import SocketSlack
from botkube.runtime.http import trusted_authorities
from botkube.runtime.proxies import choose_proxy
from botkube.runtime.websocket import Door


@asynccontextmanager
async def slack_houses(base: Base, stored: Stored) -> AsyncGenerator[tuple[SlackHouse, ...]]:
    """The houses while their clients are open."""
    # By the bot's token: Slack counts the calls of all groups that have it together.
    rates: dict[str, Rates] = defaultdict(Rates)
    async with AsyncExitStack() as stack:
        houses: list[SlackHouse] = []
        for platform in base.plan.slacks:
            config = platform.config
            context, broken = await _context(config)
            opening = open_web(web_settings(config, base.environ), context)
            means = Means(
                web=await stack.enter_async_context(opening),
                door=socket_door(config, context, base.environ),
                rates=rates["".join(config.bot_token.reveal().split())],
                broken=broken,
            )
            houses.append(SlackHouse(base, stored, platform, means))
        yield tuple(houses)


def web_settings(config: SocketSlack, environ: Mapping[str, str]) -> WebSettings:
    """What a platform's configuration amounts to for its Web API."""
    return WebSettings(
        url=config.api_url,
        bot_token=config.bot_token.reveal(),
        app_token=config.app_token.reveal(),
        proxy=choose_proxy(config.api_url, config.proxy.reveal(), environ),
        timeout=config.timeout,
    )


def socket_door(config: SocketSlack, context: ssl.SSLContext, environ: Mapping[str, str]) -> Door:
    """How a platform's sockets are reached: through the proxy of the same address by HTTP."""
    configured = config.proxy.reveal()

    def proxy_of(url: str) -> str:
        return choose_proxy(f"http{url.removeprefix('ws')}", configured, environ)

    return Door(context=context, proxy_of=proxy_of)


async def _context(config: SocketSlack) -> tuple[ssl.SSLContext, str]:
    """The authorities, and why those that are configured cannot be used."""
    try:
        return await trio.to_thread.run_sync(trusted_authorities, config.ca_file), ""
    except OSError as error:
        reason = f"caFile {config.ca_file} cannot be used: {error}"
        return await trio.to_thread.run_sync(trusted_authorities), reason
