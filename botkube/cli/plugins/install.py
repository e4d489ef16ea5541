"""`botkube plugins install`, `update` and `remove`: by the running instance if there is one, else here."""

import sys
from collections.abc import Sequence
from typing import Final, Literal

from botkube.app.orders.steps import Show, Step
from botkube.app.statedir import Instance
from botkube.cli import exits
from botkube.cli.interrupt import BY_SIGNAL, run_until_signalled
from botkube.cli.plugins.local import Where, asked_instance, ending
from botkube.cli.plugins.steps import exit_code, print_done, shown

Action = Literal["install", "update", "rollback", "remove"]

_INTERRUPTED: Final = "interrupted: what came so far stays, the same command goes on with it"


def carry_out(where: Where, action: Action, texts: Sequence[str]) -> int:
    """Do it for each plugin that is named, and print how it ended; returns the exit code."""
    instance = asked_instance(where)
    steps: list[Step] = []
    with shown() as show:
        if instance is None:
            code = ending(lambda: _here(where, action, texts, show, steps))
        else:
            code = _there(instance, action, texts, show, steps)
    if code > BY_SIGNAL:
        return exits.told(code, _INTERRUPTED)
    if code != exits.OK:
        return code
    if not steps and not texts:
        print("(no plugin of a repository is enabled)", file=sys.stderr)
    print_done(steps, as_json=where.as_json)
    return exit_code(steps)


def _here(where: Where, action: Action, texts: Sequence[str], show: Show, steps: list[Step]) -> int:
    from botkube.cli.plugins.work import prepare

    work = prepare(where, action, texts, show)
    code = run_until_signalled(work.run, insisting=True)
    steps.extend(work.done())
    return code


def _there(
    instance: Instance, action: Action, texts: Sequence[str], show: Show, steps: list[Step]
) -> int:
    from botkube.cli import instance as client
    from botkube.cli.plugins.remote import order

    body: dict[str, object] = {"plugins": list(texts)}
    if action in {"install", "update"}:
        body["update"] = action == "update"
    path = "install" if action == "update" else action

    async def run() -> int:
        steps.extend(await order(instance, path, body, show))
        return exits.OK

    code = exits.OK
    try:
        code = run_until_signalled(run, insisting=True)
    except* client.NoAnswer as group:
        code = client.told(group)
    return code
