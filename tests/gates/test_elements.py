"""What is chosen in a message's elements reaches a plugin written in Go, on the original's SDK."""

import json
from pathlib import Path

import pytest
import trio

from tests.fakes.gopeers import go_peers
from tests.fakes.program import Api, text_of
from tests.gates.configs import several
from tests.gates.conftest import Launch
from tests.gates.looks import all_ready

pytestmark = [pytest.mark.real, pytest.mark.slow]

SHOW = "/sections/0/buttons/0"


async def shown(api: Api, message: str, **more: object) -> str:
    """What the plugin was told by the press of the form's button."""
    body = {"user": "ann", "message": message, "element": SHOW, "kind": "button", **more}
    response = await api.client.post("/api/v1/interactions", json=body)
    assert response.status_code == 201, response.text
    async with api.stream(after=response.json()["seq"]) as frames:
        return text_of(await frames.reply_to(response.json()["id"]))


async def test_a_go_plugin_reads_the_state_of_a_message(folder: Path, launch: Launch) -> None:
    go_peers().put(folder / "cache", "gate", "executor", "peer")
    program = launch(several(folder, executors=["gate/peer"]))
    with trio.fail_after(200):
        async with program.connected() as api:
            await all_ready(api)
            form = str((await api.ask("one", "@Botkube peer form"))["id"])
            state = {
                "block-1": {'@Botkube peer --cluster-name="gate" --one': "a"},
                "block-2": {"@Botkube peer --some": ["a", "b"], "@Botkube peer --text=": "words"},
            }
            told = await shown(api, form, state=state)
            typed = text_of(await api.ask("one", "@Botkube peer input"))
            without = await shown(api, form)
    assert "interactive=true" in told
    [line] = [line for line in told.splitlines() if line.startswith("slackState=")]
    values = json.loads(line.removeprefix("slackState="))["values"]
    assert {block: list(actions) for block, actions in values.items()} == {
        "block-1": ["peer --one"],
        "block-2": ["peer --some", "peer --text="],
    }
    one, some = values["block-1"]["peer --one"], values["block-2"]["peer --some"]
    assert (one["type"], one["selected_option"]["value"]) == ("static_select", "a")
    names = [item["text"]["text"] for item in some["selected_options"]]
    assert (some["type"], names) == ("multi_static_select", ["Option A", "Option B"])
    text = values["block-2"]["peer --text="]
    assert (text["type"], text["value"]) == ("plain_text_input", "words")
    assert "slackState=" not in typed
    assert "slackState=" not in without
    assert program.stop() == 0
