"""Names of Slack's channels, as people write them in a configuration. Pure."""


def slack_name(name: str) -> str:
    """Return a channel's name as Slack has it: without the # that it is shown with."""
    return name.strip().removeprefix("#").strip()
