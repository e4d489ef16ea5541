"""docs/slack.md shows the manifest that the program's own code describes."""

import json
import re
from pathlib import Path

from botkube.bots.slack.setup.manifest import APP_SCOPE, manifest

DOCS = Path(__file__).parents[4] / "docs" / "slack.md"


def test_the_manifest_in_the_docs_is_ours() -> None:
    text = DOCS.read_text("utf-8")
    shown = re.search(r"```json\n(.*?)```", text, re.DOTALL)
    assert shown is not None
    assert json.loads(shown[1]) == json.loads(json.dumps(manifest(history=True, slash="/botkube")))
    assert APP_SCOPE in text


def test_every_scope_is_explained() -> None:
    found = manifest(history=True, triggers=True, slash="/botkube")["oauth_config"]
    text = DOCS.read_text("utf-8").partition("## Scopes")[2].partition("## What")[0]
    assert isinstance(found, dict)
    assert {scope for scope in found["scopes"]["bot"] if f"`{scope}`" not in text} == set()
