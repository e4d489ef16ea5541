"""What Slack's configuration amounts to for its clients."""

from botkube.app.slack.opening import socket_door, web_settings
from botkube.config.schema.platforms import SocketSlack
from botkube.config.schema.values import Secret
from botkube.runtime.http import no_authorities


def test_the_settings_of_the_web_api() -> None:
    config = SocketSlack(
        bot_token=Secret("xoxb-1"), app_token=Secret("xapp-1"), api_url="https://x/", timeout=5.0
    )
    found = web_settings(config, {"HTTPS_PROXY": "p:3128"})
    assert (found.url, found.bot_token, found.app_token) == ("https://x/", "xoxb-1", "xapp-1")
    assert (found.proxy, found.timeout) == ("http://p:3128", 5.0)
    assert "xoxb" not in repr(found)


def test_sockets_go_through_the_proxy_of_their_server() -> None:
    environ = {"HTTPS_PROXY": "p:1", "HTTP_PROXY": "p:2", "NO_PROXY": "inside"}
    asked = {"wss://wss.slack.com/link?x=1": "http://p:1", "ws://slack.test/": "http://p:2"}
    door = socket_door(SocketSlack(), no_authorities(), environ)
    assert {url: door.proxy_of(url) for url in asked} == asked
    assert door.proxy_of("wss://inside/") == ""
    door = socket_door(SocketSlack(proxy=Secret("http://own:1")), no_authorities(), environ)
    assert door.proxy_of("wss://inside/") == "http://own:1"
