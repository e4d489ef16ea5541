"""What Slack's configuration amounts to for its clients."""

from botkube.app.slack import proxy_for_socket, web_settings
from botkube.config.schema.platforms import SocketSlack
from botkube.config.schema.values import Secret


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
    assert proxy_for_socket("wss://wss.slack.com/link?x=1", "", environ) == "http://p:1"
    assert proxy_for_socket("ws://slack.test/", "", environ) == "http://p:2"
    assert proxy_for_socket("wss://inside/", "", environ) == ""
    assert proxy_for_socket("wss://inside/", "http://own:1", environ) == "http://own:1"
