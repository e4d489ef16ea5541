"""Configurations the gates run with."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

HEARTBEAT = """
settings:
  clusterName: gate
executors:
  tools:
    builtin/echo: {{enabled: true}}
sources:
  beat:
    builtin/heartbeat:
      enabled: true
      config: {{interval: {interval}, burst: {burst}, count: {count}, text: "run={{run}} n={{n}}."}}
communications:
  default:
    playground:
      enabled: true
      channels:
        one: {{name: one, bindings: {{sources: [beat], executors: [tools]}}}}
        two: {{name: two, bindings: {{sources: [beat], executors: [tools]}}}}
        three: {{name: three, bindings: {{sources: [beat], executors: [tools]}}}}
"""


def heartbeat(count: int, *, interval: str = "0s", burst: int = 1) -> str:
    """Three channels that get every heartbeat; commands go to echo."""
    return HEARTBEAT.format(count=count, interval=interval, burst=burst)


def several(
    folder: Path,
    *,
    executors: Sequence[str] = (),
    channels: Sequence[str] = ("one",),
    beat: Mapping[str, object] | None = None,
    settings: Mapping[str, object] | None = None,
    restarts: Mapping[str, object] | None = None,
) -> str:
    """Channels with echo, these executors out of the folder's cache, and a heartbeat if asked for."""
    tools = {"builtin/echo": {"enabled": True}} | {name: {"enabled": True} for name in executors}
    bindings = {"sources": ["beat"] if beat is not None else [], "executors": ["tools"]}
    config = {
        "settings": {"clusterName": "gate", **(settings or {})},
        "plugins": {
            "cacheDir": str(folder / "cache"),
            "healthCheckInterval": "1s",
            "restartPolicy": {"type": "DeactivatePlugin", "threshold": 10} | dict(restarts or {}),
            "repositories": {"gate": {"url": "https://plugins.invalid/index.yaml"}},
        },
        "executors": {"tools": tools},
        "communications": {
            "default": {
                "playground": {
                    "enabled": True,
                    "channels": {name: {"name": name, "bindings": bindings} for name in channels},
                }
            }
        },
    }
    if beat is not None:
        config["sources"] = {"beat": {"builtin/heartbeat": {"enabled": True, "config": beat}}}
    return json.dumps(config, indent=1)  # JSON is YAML
