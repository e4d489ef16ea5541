"""A click → a command. Nothing a client sends can become one that the message did not offer."""

import msgspec
import pytest

from botkube.bots.playground.elements import (
    Interaction,
    Kind,
    NoSuchElement,
    command_of,
)

BODY = {
    "baseBody": {"plaintext": "hi"},
    "sections": [
        {
            "buttons": [
                {"name": "Ping", "command": "@Botkube ping"},
                {"name": "Docs", "url": "https://example.org"},
                {"name": "Foreign", "command": "rm -rf /"},
            ],
            "selects": {
                "id": "b1",
                "items": [
                    {
                        "name": "Resource",
                        "command": "@Botkube kubectl get",
                        "optionGroups": [
                            {"name": "a", "options": [{"name": "Pods", "value": "pods"}]},
                            {"name": "b", "options": [{"name": "Nodes", "value": "nodes"}]},
                        ],
                    },
                    {"name": "Any", "type": "external", "command": "@Botkube find"},
                ],
            },
            "multiSelect": {
                "command": "@Botkube edit SourceBindings",
                "options": [{"name": "A", "value": "a"}, {"name": "B", "value": "b"}],
            },
        },
        {"plaintextInputs": [{"command": "@Botkube echo x --filter="}]},
    ],
    "messages": [{"sections": [{"buttons": [{"name": "x", "command": "@Botkube extra"}]}]}],
    "plaintextInputs": [{"command": "@Botkube top --filter="}],
    "a/b": {"buttons": [{"command": "@Botkube slash"}]},
    "a~b": {"buttons": [{"command": "@Botkube tilde"}]},
}


def click(element: str, kind: Kind = "button", **more: object) -> str:
    given = {"user": "ann", "message": "m1", "element": element, "kind": kind, **more}
    return command_of(BODY, msgspec.convert(given, Interaction))


@pytest.mark.parametrize(
    ("element", "kind", "more", "command"),
    [
        ("/sections/0/buttons/0", "button", {}, "@Botkube ping"),
        ("/sections/0/buttons/0", "button", {"value": "ignored; rm"}, "@Botkube ping"),
        ("/messages/0/sections/0/buttons/0", "button", {}, "@Botkube extra"),
        ("/a~1b/buttons/0", "button", {}, "@Botkube slash"),
        ("/a~0b/buttons/0", "button", {}, "@Botkube tilde"),
        ("/sections/0/selects/items/0", "select", {"value": "nodes"}, "@Botkube kubectl get nodes"),
        ("/sections/0/selects/items/1", "select", {"value": "anything"}, "@Botkube find anything"),
        (
            "/sections/0/multiSelect",
            "multiselect",
            {"values": ["b", "a"]},
            "@Botkube edit SourceBindings b,a",
        ),
        ("/sections/0/multiSelect", "multiselect", {}, "@Botkube edit SourceBindings"),
        (
            "/sections/1/plaintextInputs/0",
            "input",
            {"text": '  say "hi"\n'},
            '@Botkube echo x --filter="say \\"hi\\""',
        ),
        ("/plaintextInputs/0", "input", {"value": "err"}, '@Botkube top --filter="err"'),
    ],
)
def test_what_an_element_stands_for(
    element: str, kind: Kind, more: dict[str, object], command: str
) -> None:
    assert click(element, kind, **more) == command


@pytest.mark.parametrize(
    "element",
    [
        "",
        "/",
        "sections/0/buttons/0",
        "/sections",
        "/sections/0",
        "/sections/0/buttons",
        "/sections/0/buttons/",
        "/sections/0/buttons/0/command",
        "/sections/0/buttons/0/command/0",
        "/sections/-1",
        "/sections/0/buttons/-1",
        "/sections/0/buttons/00",
        "/sections/0/buttons/+0",
        "/sections/0/buttons/0 ",
        "/sections/0/buttons/\u0660",
        "/sections/0/buttons/\u00b2",
        "/sections/0/buttons/" + "9" * 5000,
        "/sections/0/buttons/1e0",
        "/sections/0/buttons/99",
        "/sections/99/buttons/0",
        "/sections/0/buttons/1",  # a link
        "/sections/0/buttons/2",  # not a command of ours
        "/__class__",
        "/sections/__len__",
        "/baseBody/plaintext",
        "/sections//buttons/0",
        "/" * 10_000,
    ],
)
def test_pointers_that_lead_nowhere(element: str) -> None:
    with pytest.raises(NoSuchElement):
        click(element)


@pytest.mark.parametrize(
    ("element", "kind", "more"),
    [
        ("/sections/0/selects/items/0", "select", {"value": "secrets"}),
        ("/sections/0/selects/items/0", "select", {"value": ""}),
        ("/sections/0/selects/items/0", "select", {"value": "pods; x"}),
        ("/sections/0/multiSelect", "multiselect", {"values": ["a", "c"]}),
        ("/sections/0/multiSelect", "multiselect", {"values": ["a,b"]}),
    ],
)
def test_only_values_that_were_offered(element: str, kind: Kind, more: dict[str, object]) -> None:
    with pytest.raises(NoSuchElement, match="not one of the offered values"):
        click(element, kind, **more)


@pytest.mark.parametrize(
    ("element", "kind"),
    [
        ("/sections/0/selects/items/0", "button"),
        ("/sections/0/selects/items/0", "input"),
        ("/sections/0/multiSelect", "select"),
        ("/sections/0/buttons/0", "input"),
        ("/sections/0/buttons/0", "select"),
        ("/plaintextInputs/0", "multiselect"),
    ],
)
def test_an_element_is_used_as_what_it_is(element: str, kind: Kind) -> None:
    with pytest.raises(NoSuchElement, match="is no"):
        click(element, kind, value="x", text="x")


@pytest.mark.parametrize(
    "body", [None, [], "text", 5, {"sections": None}, [{"command": "@Botkube x"}]]
)
def test_odd_bodies(body: object) -> None:
    given = Interaction(user="a", message="m", element="/sections/0/buttons/0", kind="button")
    with pytest.raises(NoSuchElement):
        command_of(body, given)
