"""Rules on limits, sandboxes and overrides."""

from collections.abc import Callable, Iterator

import pytest

from botkube.config.check.isolation import check_isolation
from botkube.config.problem import Finding
from botkube.config.schema.root import Config

Run = Callable[[Callable[[Config], Iterator[Finding]], str], list[tuple[str, str, str]]]
USED = "executors: {tools: {builtin/echo: {enabled: true}, a/off: {enabled: false}}}\n"


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ("limits: {cpus: 0}", "limits.cpus", "is too small for any plugin"),
        ("limits: {cpus: -1}", "limits.cpus", "is too small for any plugin"),
        ("limits: {memory: 1Mi}", "limits.memory", "is too small for any plugin"),
        ("limits: {processes: 1}", "limits.processes", "is too small for any plugin"),
        ("limits: {openFiles: 3}", "limits.openFiles", "is too small for any plugin"),
        ("limits: {maxMessage: 1k}", "limits.maxMessage", "is too small for any plugin"),
        ("limits: {stdioRate: 0}", "limits.stdioRate", "is too small for any plugin"),
        ("sandbox: {user: root}", "sandbox.user", "is no user for a sandbox"),
        ("sandbox: {user: '0:1'}", "sandbox.user", "is no user for a sandbox"),
        ("sandbox: {user: ''}", "sandbox.user", "is no user for a sandbox"),
        ("sandbox: {readable: [/a, b]}", "sandbox.readable[1]", "is not an absolute path"),
        ("sandbox: {writable: [~/x]}", "sandbox.writable[0]", "is not an absolute path"),
        (
            "overrides: {builtin/echo: {limits: {memory: 1}}}",
            "overrides.builtin/echo.limits.memory",
            "is too small for any plugin",
        ),
        (
            "overrides: {builtin/echo: {sandbox: {user: root}}}",
            "overrides.builtin/echo.sandbox.user",
            "is no user for a sandbox",
        ),
    ],
)
def test_errors(run: Run, text: str, key: str, words: str) -> None:
    assert run(check_isolation, f"{USED}plugins: {{{text}}}") == [
        ("error", f"plugins.{key}", words)
    ]


@pytest.mark.parametrize("name", ["builtin/ech", "a/off", "tools"])
def test_an_override_for_nobody_is_worth_a_word(run: Run, name: str) -> None:
    found = run(check_isolation, f"{USED}plugins: {{overrides: {{{name}: {{}}}}}}")
    words = "no enabled plugin has this key"
    assert found == [("warning", f"plugins.overrides.{name}", words)]


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "{limits: {cpus: 1.5, memory: 512Mi, processes: 512, openFiles: 16384, maxMessage: 64Mi, stdioRate: 32Mi}}",
        "{limits: {cpus: 2, memory: null}}",
        "{sandbox: {enabled: true, user: auto, readable: [/srv], writable: /data, network: false}}",
        "{overrides: {builtin/echo: {limits: {memory: 1Gi}, sandbox: {enabled: false}}}}",
    ],
)
def test_nothing_to_say(run: Run, text: str) -> None:
    assert run(check_isolation, f"{USED}plugins: {text}") == []
