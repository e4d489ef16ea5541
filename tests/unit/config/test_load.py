"""Files and environment into a configuration, or into a list of everything that is wrong."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import given
from hypothesis import strategies as st

import botkube.config as public
from botkube.config.bindings import group_bindings
from botkube.config.load import Loaded, embedded_default, load
from botkube.config.report import render_text

MINIMAL = "communications: {g: {playground: {enabled: true, channels: {c: {name: c}}}}}\n"


class Write(Protocol):
    """Writes files and returns their paths."""

    def __call__(self, *texts: str | bytes) -> list[Path]: ...


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Return a function that writes files `0.yaml`, `1.yaml`, … and names them as a person would."""
    monkeypatch.chdir(tmp_path)

    def files(*texts: str | bytes) -> list[Path]:
        paths = [Path(f"{i}.yaml") for i in range(len(texts))]
        for path, text in zip(paths, texts, strict=True):
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return paths

    return files


def config(loaded: Loaded) -> public.Config:
    assert not loaded.problems
    assert loaded.config is not None
    return loaded.config


def test_the_smallest_configuration(write: Write) -> None:
    settings = config(load(write(MINIMAL), {})).settings
    assert settings.http.listen == "127.0.0.1:2110"
    assert settings.http.host == "127.0.0.1"
    assert (settings.health_port, settings.metrics_port) == (None, None)
    assert settings.log.level == "info"
    assert settings.system_config_map.name == "botkube-system"
    assert settings.store.max_size == 4 * 2**30
    assert (settings.command_timeout, settings.shutdown_timeout) == (300, 28)


def test_in_a_cluster_named_ports_are_for_everybody(write: Write) -> None:
    environ = {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}
    assert config(load(write(MINIMAL), environ)).settings.http.host == "0.0.0.0"
    named = f"{MINIMAL}settings: {{http: {{host: 127.0.0.1}}}}"
    assert config(load(write(named), environ)).settings.http.host == "127.0.0.1"


def test_later_files_and_then_the_environment_win(write: Write) -> None:
    paths = write(
        f"{MINIMAL}settings: {{clusterName: a, kubeconfig: a, log: {{level: debug}}}}",
        "settings: {clusterName: b, metricsPort: 2112}",
    )
    environ = {"BOTKUBE_SETTINGS_CLUSTER__NAME": "c", "BOTKUBE_SETTINGS_HEALTH__PORT": "2114"}
    settings = config(load(paths, environ)).settings
    assert (settings.cluster_name, settings.kubeconfig, settings.log.level) == ("c", "a", "debug")
    assert (settings.metrics_port, settings.health_port) == (2112, 2114)


def test_files_with_an_underscore_come_last(write: Write) -> None:
    first, second = write(
        "settings: {clusterName: state}", f"{MINIMAL}settings: {{clusterName: a}}"
    )
    state = first.rename("_state.yaml")
    assert config(load([state, second], {})).settings.cluster_name == "state"


def test_null_clears_a_default_and_an_empty_map_does_not(write: Write) -> None:
    cleared = config(load(write(f"{MINIMAL}settings: {{systemConfigMap: null, log: {{}}}}"), {}))
    assert cleared.settings.system_config_map.name == ""
    assert cleared.settings.log.level == "info"


def test_a_section_in_another_case_keeps_the_defaults(write: Write) -> None:
    loaded = load(write(f"{MINIMAL}Settings: {{clusterName: a}}"), {})
    assert loaded.config is not None
    assert loaded.config.settings.cluster_name == "a"
    assert loaded.config.settings.log.level == "info"
    assert [(p.severity, p.line, p.fix) for p in loaded.problems] == [
        ("warning", 2, 'write "settings"')
    ]


def test_a_service_named_botkube_is_silent(write: Write) -> None:
    environ = {
        "BOTKUBE_PORT": "tcp://10.0.0.1:80",
        "BOTKUBE_PORT_80_TCP_ADDR": "10.0.0.1",
        "BOTKUBE_SERVICE_HOST": "10.0.0.1",
        "BOTKUBE_WEB_SERVICE_PORT_HTTP": "80",
        "BOTKUBE_WEB_PORT": "tcp://10.0.0.2:80",
        "BOTKUBE_CONFIG_PATHS": "x",
        "BOTKUBE_TOKEN": "x",
    }
    assert load(write(MINIMAL), environ).problems == ()


@pytest.mark.parametrize(
    ("name", "key", "fix"),
    [
        (
            "BOTKUBE_SETTINGS_CLUSTER_NAME",
            "settings.cluster.name",
            "did you mean BOTKUBE_SETTINGS_CLUSTER__NAME?",
        ),
        (
            "BOTKUBE_COMMUNICATIONS_MY-GROUP_SLACK_BOT__TOKEN",
            "communications.my-group.slack.botToken",
            "did you mean BOTKUBE_COMMUNICATIONS_MY-GROUP_SOCKET__SLACK_BOT__TOKEN?",
        ),
        (
            "BOTKUBE_COMMUNICATION_G_PLAYGROUND_ENABLED",
            "communication.g.playground.enabled",
            "did you mean BOTKUBE_COMMUNICATIONS_G_PLAYGROUND_ENABLED?",
        ),
        ("BOTKUBE_FOO", "foo", "unset it, or correct its name; it has no effect"),
    ],
)
def test_a_variable_that_sets_no_key_is_told_with_the_nearest(
    write: Write, name: str, key: str, fix: str
) -> None:
    (problem,) = load(write(MINIMAL), {name: "secret"}).problems
    text = "the variable sets no known key"
    assert (problem.severity, problem.file, problem.key) == ("warning", f"${name}", key)
    assert (problem.text, problem.fix, problem.value) == (text, fix, "")


def test_the_environment_overrides_a_hyphenated_alias(write: Write) -> None:
    text = "communications: {g: {playground: {enabled: true, channels: {my-alias: {name: a}}}}}"
    environ = {"BOTKUBE_COMMUNICATIONS_G_PLAYGROUND_CHANNELS_MY-ALIAS_NOTIFICATION_DISABLED": "t"}
    channels = config(load(write(text), environ)).communications["g"].playground.channels
    assert channels["my-alias"].notification.disabled
    assert set(channels) == {"my-alias"}


def test_a_scalar_variable_on_a_section_is_an_error(write: Write) -> None:
    (problem,) = load(write(MINIMAL), {"BOTKUBE_SETTINGS": "x"}).problems
    assert (problem.severity, problem.file, problem.line, problem.key) == (
        "error",
        "$BOTKUBE_SETTINGS",
        None,
        "settings",
    )


def test_a_section_with_a_scalar_and_a_key_below_keeps_the_file(write: Write) -> None:
    environ = {"BOTKUBE_SETTINGS": "x", "BOTKUBE_SETTINGS_LOG_LEVEL": "debug"}
    settings = config(load(write(f"{MINIMAL}settings: {{clusterName: a}}"), environ)).settings
    assert (settings.cluster_name, settings.log.level) == ("a", "debug")


def test_lists_from_the_environment(write: Write) -> None:
    environ = {"BOTKUBE_PLUGINS_ENV": "A,B"}
    assert config(load(write(MINIMAL), environ)).plugins.env == ("A", "B")


def test_every_problem_at_once_as_a_person_reads_it(write: Write) -> None:
    paths = write(
        """\
settings:
  clusterNam: prod
  upgradeNotifier: yes
  commandTimeout: 5 minutes
  http: {listen: 2110}
executors:
  tools:
    builtin/echo: {enabled: true}
    echo: {enabled: true}
aliases:
  k: {command: kubectl get}
communications:
  default:
    playground:
      enabled: true
      channels:
        general: {name: general, bindings: {executors: [tols], sources: [k8s]}}
        other: {name: general}
    mattermost: {enabled: true, token: {hush: hush}}
    discord: {enabled: true, token: hush, tokn: hush}
""",
        "settings:\n  healthPort: 70000\n  healthPort: 7000\n",
        "a: b: c\n",
    )
    complete, broken = load(paths[:2], {"BOTKUBE_SETTINGS_METRICS__PORT": "x"}), load(paths, {})
    assert complete.config is None
    assert (len(complete.errors), len(complete.warnings)) == (12, 4)
    assert render_text(complete.problems) == (
        "0.yaml:2: warning: settings.clusterNam: the key is unknown\n"
        '    fix: did you mean "clusterName"?\n'
        '0.yaml:3: error: settings.upgradeNotifier: "yes" cannot be read as true or false\n'
        "    fix: write true or false\n"
        '0.yaml:4: error: settings.commandTimeout: "5 minutes" is not a duration\n'
        "    fix: write a number with a unit, for example 30s, 5m or 1h30m\n"
        '0.yaml:5: error: settings.http.listen: "2110" is not HOST:PORT\n'
        "    fix: write HOST:PORT, for example 127.0.0.1:2110 (0.0.0.0 for every interface)\n"
        "0.yaml:9: error: executors.tools.echo: plugin key 'echo' is not of the form"
        " repository/name or repository/name@version\n"
        "    fix: write repository/name or repository/name@version, for example builtin/echo\n"
        "0.yaml:11: error: aliases.k.command: \"kubectl get\" starts with 'kubectl',"
        " not found in executors or builtin commands\n"
        "    fix: start with the name of a configured executor plugin\n"
        "0.yaml:17: error: communications.default.playground.channels.general.bindings.sources[0]:"
        ' "k8s" binding not defined in sources\n'
        "    fix: define it under sources, or remove it here\n"
        "0.yaml:17: error: communications.default.playground.channels.general.bindings.executors[0]:"
        ' "tols" binding not defined in executors\n'
        '    fix: did you mean "tools"?\n'
        '0.yaml:18: error: communications.default.playground.channels.other.name: "general"'
        ' is already the name of the channel "general"\n'
        "    fix: give each channel its own name\n"
        "0.yaml:19: error: communications.default.mattermost.token:"
        " expected one value, got a map\n"
        "    fix: write a single value\n"
        "0.yaml:19: warning: communications.default.mattermost: not available in this version, so /readyz never says ready\n"
        "    fix: set enabled: false until it is\n"
        "0.yaml:20: warning: communications.default.discord.tokn: the key is unknown\n"
        '    fix: did you mean "token"?\n'
        "0.yaml:20: warning: communications.default.discord: not available in this version, so /readyz never says ready\n"
        "    fix: set enabled: false until it is\n"
        "1.yaml:2: error: settings.healthPort: 70000 is not a port\n"
        "    fix: write a number from 0 to 65535 (0: any free port)\n"
        "1.yaml:3: error: settings.healthPort: the key is already defined in line 2\n"
        "    fix: remove one of the two, or put the content of both under one key\n"
        '$BOTKUBE_SETTINGS_METRICS__PORT: error: settings.metricsPort: "x" cannot be read as a'
        " whole number\n"
        "    fix: write digits only, for example 10\n"
        "12 errors, 4 warnings\n"
    )
    assert "hush" not in render_text(broken.problems)
    assert broken.problems[-1].file == "2.yaml"
    assert "mapping values are not allowed" in broken.problems[-1].text


def test_a_broken_file_does_not_make_its_content_look_missing(write: Write) -> None:
    (problem,) = load(write("settings: {}\n", "communications: [\n"), {}).problems
    assert (problem.severity, problem.file, problem.line) == ("error", "1.yaml", 2)


def test_a_missing_file_is_a_problem(tmp_path: Path) -> None:
    (problem,) = load([tmp_path / "none.yaml"], {}).errors
    assert "No such file" in problem.text
    assert problem.fix == "check the path (--config, BOTKUBE_CONFIG_PATHS)"


def test_an_unreadable_file_is_a_problem(write: Write) -> None:
    (path,) = write(MINIMAL)
    (problem,) = load([path / "below"], {}).errors
    assert problem.text == "cannot be read: Not a directory"
    assert problem.fix == "make it a file that this user may read"


def test_what_is_unreadable_is_complained_about_once(write: Write) -> None:
    loaded = load(write("communications: text\n"), {})
    assert [p.text for p in loaded.problems] == ["expected a map, got text"]


def test_no_file_and_no_environment_is_an_error() -> None:
    (problem,) = load([], {}).problems
    assert problem.key == "communications"


def test_the_embedded_default_is_valid_and_complete() -> None:
    default = config(embedded_default())
    assert default.settings.cluster_name == "local"
    playground = default.communications["default"].playground
    assert playground.enabled
    assert list(playground.channels) == ["general", "alerts"]
    for channel in playground.channels.values():
        bindings = channel.bindings
        (echo,) = group_bindings(default, "executor", bindings.executors)
        (beat,) = group_bindings(default, "source", bindings.sources)
        assert (str(echo.key), str(beat.key)) == ("builtin/echo", "builtin/heartbeat")
        assert b'"interval":"30s"' in (beat.config or b"")
    assert default.sources["beat"].display_name == "Heartbeat"


def test_the_environment_applies_to_the_embedded_default() -> None:
    environ = {"BOTKUBE_SETTINGS_CLUSTER__NAME": "mine"}
    assert config(embedded_default(environ)).settings.cluster_name == "mine"


def test_loading_the_embedded_default_is_quick() -> None:
    embedded_default()
    started = time.process_time()
    for _ in range(10):
        embedded_default()
    assert (time.process_time() - started) / 10 < 0.1  # it takes 3 ms


def test_the_public_names() -> None:
    assert public.load is load
    assert set(public.__all__) <= set(vars(public))


HOSTILE: Mapping[str, bytes] = {
    "nul": b"\x00" * 100,
    "binary": bytes(range(256)),
    "tabs": b"settings:\n\tclusterName: x\n",
    "huge integer": b"settings: {healthPort: " + b"9" * 10_000 + b"}",
    "huge float": b"settings: {healthPort: 1e99999, commandTimeout: .nan, upgradeNotifier: .inf}",
    "1 MiB key": b"settings:\n  ? " + b"k" * (1 << 20) + b"\n  : 1\n",
    "1 MiB value": b"settings: {healthPort: " + b"v" * (1 << 20) + b"}",
    "1 MiB alias name": b"aliases:\n  ? " + b"k" * (1 << 20) + b"\n  : {}\n",
    "escapes": b'settings: {"\\x1b[31m\\n": 1, healthPort: "\\x1b[31m\\n\\0"}',
    "deep": b"executors: {g: {r/p: {config: " + b"[" * 99_999,
    "keys": b"settings:\n" + b"".join(b"  k%d: 1\n" % i for i in range(50_000)),
    "lists everywhere": b"settings: [[[]]]\nplugins: [{}]\ncommunications: [[], {a: []}]\n",
    "nulls everywhere": b"settings:\nplugins:\nsources: {a: }\ncommunications: {g: {playground: }}\n",
    "recursive": b"a: &a\n  b: *a\n",
    "surrogates": b'a: "\\ud800"\n',
    "language": b"%TAG ! tag:x,2000:\n--- !!python/object/apply:os.system ['true']\n",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_files_become_short_problems(write: Write, content: bytes) -> None:
    loaded = load(write(content), {})
    assert loaded.problems
    assert len(loaded.problems) <= 202
    for problem in loaded.problems:
        line = f"{problem.key}{problem.value}{problem.text}{problem.fix}"
        assert line.isprintable()
        assert len(line) < 1500


words = st.sampled_from(
    [
        "settings",
        "plugins",
        "sources",
        "executors",
        "communications",
        "aliases",
        "actions",
        "playground",
        "channels",
        "name",
        "enabled",
        "bindings",
        "g",
        "r/p",
        "config",
        "socketSlack",
        "botToken",
        "port",
        "env",
        "http",
        "listen",
        "yes",
        "5",
        "5s",
        "~",
        "[]",
        "{}",
        "x,y",
    ]
)
shapes = st.recursive(
    words,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(words, below, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(words, shapes, max_size=6))
def test_any_shape_is_a_configuration_or_problems(
    tmp_path_factory: pytest.TempPathFactory, shape: dict[str, object]
) -> None:
    file = tmp_path_factory.getbasetemp() / "shape.yaml"
    file.write_text(str(shape).replace("'", ""), encoding="utf-8")
    loaded = load([file], {})
    assert (loaded.config is None) == bool(loaded.errors)
    assert render_text(loaded.problems)


@given(st.text(max_size=60) | st.binary(max_size=60))
def test_any_content_is_a_configuration_or_problems(
    tmp_path_factory: pytest.TempPathFactory, content: str | bytes
) -> None:
    file = tmp_path_factory.getbasetemp() / "content.yaml"
    file.write_bytes(content.encode("utf-8", "replace") if isinstance(content, str) else content)
    loaded = load([file], {})
    assert loaded.config is None
    assert loaded.errors
