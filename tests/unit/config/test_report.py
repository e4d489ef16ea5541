"""Problems as a person, a program and a workflow read them."""

import msgspec

from botkube.config.problem import Problem
from botkube.config.report import render_github, render_json, render_text

PROBLEMS = (
    Problem(
        severity="error",
        file="conf/a,b.yaml",
        line=4,
        key="settings.healthPort",
        value="99999",
        text="is not a port",
        fix="write a number from 0 to 65535",
    ),
    Problem(
        severity="error",
        file="$BOTKUBE_PLUGINS",
        line=None,
        key="plugins",
        value="",
        text="expected a map, got text",
        fix="unset the variable",
    ),
    Problem(severity="warning", file="", line=None, key="", value="", text="100% a\nb", fix="c"),
)


def test_text() -> None:
    assert render_text(PROBLEMS) == (
        "conf/a,b.yaml:4: error: settings.healthPort: 99999 is not a port\n"
        "    fix: write a number from 0 to 65535\n"
        "$BOTKUBE_PLUGINS: error: plugins: expected a map, got text\n"
        "    fix: unset the variable\n"
        "warning: 100% a\nb\n"
        "    fix: c\n"
        "2 errors, 1 warning\n"
    )


def test_text_of_nothing() -> None:
    assert render_text(()) == "no problems\n"


def test_json_is_one_document() -> None:
    document = msgspec.json.decode(render_json(PROBLEMS))
    assert document["valid"] is False
    assert document["problems"][0] == {
        "severity": "error",
        "file": "conf/a,b.yaml",
        "line": 4,
        "key": "settings.healthPort",
        "value": "99999",
        "text": "is not a port",
        "fix": "write a number from 0 to 65535",
    }
    assert msgspec.json.decode(render_json(PROBLEMS[2:]))["valid"] is True


def test_github_escapes_what_would_end_a_field() -> None:
    assert render_github(PROBLEMS).splitlines() == [
        "::error file=conf/a%2Cb.yaml,line=4,title=settings.healthPort::99999 is not a port; fix: write a number from 0 to 65535",
        "::error title=plugins::expected a map, got text; fix: unset the variable",
        "::warning title=configuration::100%25 a%0Ab; fix: c",
    ]
