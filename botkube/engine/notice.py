"""The words of what the program itself says in the chat about a plugin. Pure."""

import math
from typing import Final

from botkube.engine.outage import Back, Broken, Notice, Outage
from botkube.model.message import BOT_NAME, Body, Button, Message, Section
from botkube.runtime.duration import show_duration

SOON: Final = 0.5  # seconds: no use in counting them


def notice_message(name: str, notice: Notice, now: float) -> Message:
    """The message for a notice about the plugin of that name."""
    match notice:
        case Broken(outage=outage):
            return _broken(name, outage, now)
        case Back(after=after):
            text = f":white_check_mark: The `{name}` plugin is back after {show_duration(after)}."
            return Message(base_body=Body(plaintext=text))


def _broken(name: str, outage: Outage, now: float) -> Message:
    last = outage.last
    sentences = [
        f":exclamation: The `{name}` plugin does not work: {last.reason.rstrip('.')}.",
        _count(outage),
        _prospect(name, outage, now),
    ]
    return Message(
        base_body=Body(plaintext=" ".join(filter(None, sentences))),
        sections=(*_last_words(last.lines), *(() if last.then == "ends" else _again(name))),
    )


def _count(outage: Outage) -> str:
    if outage.failures == 1:
        return ""
    took = show_duration(outage.last.at - outage.began)
    return f"It has failed {outage.failures} times in {took}."


def _prospect(name: str, outage: Outage, now: float) -> str:
    """Whether and when it is tried again."""
    last, by_hand = outage.last, f"`{BOT_NAME} restart {name}`"
    left = last.retry_at - now
    if last.then == "ends":
        return "Botkube ends because of it and is to be started anew (plugins.restartPolicy)."
    if left == math.inf:
        return f"It is given up; {by_hand} tries it again."
    if last.then == "parked":
        return f"It is given up for now and tried again in {show_duration(left)}; {by_hand} does so at once."
    if not outage.down:
        return "It runs again, and is watched."
    if left < SOON:
        return f"It is being started again; {by_hand} starts it anew."
    return f"It is tried again in {show_duration(left)}; {by_hand} does so at once."


def _last_words(lines: tuple[str, ...]) -> tuple[Section, ...]:
    return (Section(body=Body(code_block="\n".join(lines))),) if lines else ()


def _again(name: str) -> tuple[Section, ...]:
    command = f"{BOT_NAME} restart {name}"
    return (Section(buttons=(Button(name="Try again now", command=command),)),)
