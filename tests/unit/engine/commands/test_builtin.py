"""Each built-in command and what it says."""

import pytest
from msgspec.structs import replace

from botkube.engine.commands import texts
from botkube.engine.commands.builtin import Request, run_builtin
from botkube.engine.commands.desk import Desk
from botkube.engine.commands.parse import parse_command
from botkube.model.call import PluginStatus
from botkube.model.command import Outcome, Reply, User
from botkube.model.errors import StorageError
from botkube.model.message import MessageType
from botkube.model.plugin import PluginKey
from botkube.model.routes import Action, Channel
from botkube.runtime.policy import StateName
from tests.fakes.engine import (
    FakeSwitches,
    channel_with,
    desk_with,
    executor,
    routes_of,
    source,
)

CHANNEL = channel_with(
    executor("kubectl"),
    executor("helm", enabled=False),
    sources=(source("kubernetes"), source("cm", enabled=False)),
)


async def run(text: str, desk: Desk | None = None, channel: Channel = CHANNEL) -> Reply:
    parsed = parse_command(text, {})
    request = Request(
        user=User(name="ann"),
        verb=parsed.words[0].lower(),
        parsed=parsed,
        channel=channel,
        description="above",
    )
    return await run_builtin(request, desk or desk_with(channel))


async def code_of(text: str, desk: Desk | None = None, channel: Channel = CHANNEL) -> str:
    reply = await run(text, desk, channel)
    assert reply.description == "above"
    return reply.message.base_body.code_block


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("ping", "pong\n\nK8s Server Version: v1\nBotkube version: v2"),
        ("PING", "pong\n\nK8s Server Version: v1\nBotkube version: v2"),
        ("version", "K8s Server Version: v1\nBotkube version: v2"),
        ("enable notifications", "Brace yourselves, incoming notifications from cluster 'dev'."),
        ("enable", "Brace yourselves, incoming notifications from cluster 'dev'."),
        ("Disable NOTIF", "Sure! I won't send you notifications from cluster 'dev' here."),
        ("status notification", "Notifications from cluster 'dev' are enabled here."),
    ],
)
async def test_simple_answers(text: str, answer: str) -> None:
    assert await code_of(text) == answer


async def test_a_bare_status_says_what_else_there_is() -> None:
    assert await code_of("status") == (
        "Notifications from cluster 'dev' are enabled here.\n\n"
        "{{BotName}} status [feature]\n\nAvailable features:\n"
        "sourcebinding |  sourcebindings |  sb\n"
        "notification  |  notifications  |  notif"
    )


@pytest.mark.parametrize(
    ("text", "option", "verb"),
    [
        ("ping Foo", "foo", "ping"),
        ("list", "", "list"),
        ("show", "", "show"),
        ("edit x", "x", "edit"),
    ],
)
async def test_a_wrong_feature_is_answered_with_the_usage(
    text: str, option: str, verb: str
) -> None:
    reply = await run(text)
    assert reply.message.base_body.code_block == (
        f"error: unknown option `{option}`\nusage: {texts.usage(verb)}"
    )
    assert reply.outcome is Outcome.FAILED


@pytest.mark.parametrize(
    "text",
    [
        "show config",
        "edit sb",
        "status sourcebindings",
        "enable action x",
        "disable actions",
        "feedback",
    ],
)
async def test_what_is_not_built_yet_says_so(text: str) -> None:
    reply = await run(text)
    shown = " ".join(text.split()[:2])
    assert reply.message.base_body.code_block == f"`{shown}` is not available in this version."
    assert reply.outcome is Outcome.REFUSED


async def test_help_has_no_line_above() -> None:
    reply = await run("help")
    assert reply.description == ""
    assert reply.message == texts.help_message(CHANNEL)


async def test_switching_notifications_is_remembered() -> None:
    switches = FakeSwitches()
    desk = desk_with(CHANNEL, switches=switches)
    await run("disable notifications", desk)
    assert switches.muted(CHANNEL)
    assert await code_of("status notif", desk) == (
        "Notifications from cluster 'dev' are disabled here."
    )
    await run("enable", desk)
    assert not switches.muted(CHANNEL)


async def test_a_switch_that_cannot_be_stored_is_no_success() -> None:
    switches = FakeSwitches()
    switches.broken = True
    with pytest.raises(StorageError):
        await run("disable", desk_with(CHANNEL, switches=switches))


async def test_executors_are_listed_with_their_aliases() -> None:
    routes = routes_of(
        CHANNEL, aliases={"k": "kubectl", "kc": "kubectl", "kgp": "kubectl get pods", "h": "helm"}
    )
    assert await code_of("list exec", desk_with(CHANNEL, routes=routes)) == (
        "EXECUTOR     ENABLED ALIASES RESTARTS STATUS  LAST_RESTART\n"
        "repo/helm    false   h       4/10     Running\n"
        "repo/kubectl true    k, kc   7/10     Running"
    )


async def test_a_plugin_bound_twice_is_listed_once_and_enabled_if_any_group_enables_it() -> None:
    twice = channel_with(
        executor("kubectl", group="a"),
        executor("kubectl", enabled=False, group="b"),
        executor("helm", enabled=False, group="a"),
        executor("helm", group="b"),
    )
    table = await code_of("list executors", channel=twice)
    assert [line.split()[:2] for line in table.splitlines()[1:]] == [
        ["repo/helm", "true"],
        ["repo/kubectl", "true"],
    ]


async def test_sources_are_listed() -> None:
    assert await code_of("list src") == (
        "SOURCE          ENABLED RESTARTS STATUS  LAST_RESTART\n"
        "repo/cm         false   2/10     Running\n"
        "repo/kubernetes true    10/10    Running"
    )


async def test_actions_are_listed() -> None:
    routes = routes_of(
        CHANNEL,
        actions={
            "show-created-resource": Action(enabled=True, display_name="Show created resource"),
            "off": Action(enabled=False),
        },
    )
    assert await code_of("list actions", desk_with(CHANNEL, routes=routes)) == (
        "ACTION                ENABLED  DISPLAY NAME\n"
        "off                   false\n"
        "show-created-resource true     Show created resource"
    )


async def test_a_list_can_be_filtered() -> None:
    assert (await code_of("list sources --filter=cm")).splitlines() == [
        "repo/cm         false   2/10     Running"
    ]


async def test_lists_are_text_only_messages() -> None:
    reply = await run("list executors")
    assert reply.message.type == MessageType.BASE_BODY_WITH_FILTER


async def test_aliases_are_listed_for_what_can_run_here() -> None:
    routes = routes_of(
        CHANNEL, aliases={"kgp": "kubectl get pods", "p": "ping", "hl": "helm list", "x": "nothing"}
    )
    reply = await run("list als", desk_with(CHANNEL, routes=routes))
    assert reply.message.base_body.code_block == (
        "ALIAS COMMAND          DISPLAY NAME\n"
        "kgp   kubectl get pods Shows kubectl get pods\n"
        "p     ping             Shows ping"
    )
    assert reply.message.sections[0].context[0].text == (
        "Only showing aliases for executors enabled for this channel."
    )


async def test_no_aliases() -> None:
    reply = await run("list aliases")
    assert reply.message.base_body.plaintext == "No aliases found for current conversation."


@pytest.mark.parametrize(
    ("before", "text", "outcome"),
    [
        ("ready", "Restarting the `repo/kubectl` plugin.", Outcome.OK),
        ("starting", "Starting the `repo/kubectl` plugin anew.", Outcome.OK),
        (
            "retrying",
            "Trying the `repo/kubectl` plugin again now. It had failed: it exited with code 3",
            Outcome.OK,
        ),
        (
            "parked",
            "Trying the `repo/kubectl` plugin again. It had been given up: it exited with code 3",
            Outcome.OK,
        ),
        (
            "stopping",
            "The `repo/kubectl` plugin is not restarted: Botkube is stopping.",
            Outcome.REFUSED,
        ),
    ],
)
async def test_restart_says_what_is_done(before: StateName, text: str, outcome: Outcome) -> None:
    asked: list[PluginKey] = []

    def restart(key: PluginKey) -> StateName:
        asked.append(key)
        return before

    reason = PluginStatus(reason="it exited with code 3")
    desk = replace(desk_with(CHANNEL, restart=restart), plugin_status=lambda _: reason)
    reply = await run("restart kubectl", desk)
    assert (reply.message.base_body.plaintext, reply.outcome) == (text, outcome)
    assert asked == [executor("kubectl").key]


@pytest.mark.parametrize("text", ["restart", "restart helm", "restart nothing"])
async def test_restart_of_what_is_not_bound_names_what_is(text: str) -> None:
    reply = await run(text, desk_with(CHANNEL, restart=not_called))
    assert reply.outcome is Outcome.FAILED
    assert "repo/kubectl, repo/kubernetes" in reply.message.base_body.plaintext


def not_called(key: PluginKey) -> StateName:
    raise AssertionError(f"{key} was to be restarted")
