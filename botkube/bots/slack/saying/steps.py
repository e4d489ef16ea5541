"""A reply or a notification → the calls that say it, one after the other, as values. Pure.

The steps of the same message are the same ones each time: how far one came is a number.
"""

from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

import msgspec

from botkube.bots.slack.drawing.blocks import Block, texts
from botkube.bots.slack.drawing.links import where
from botkube.bots.slack.drawing.modal import modal
from botkube.bots.slack.drawing.pack import Post
from botkube.bots.slack.drawing.render import File, Outgoing, Rendered, outgoing_of, render
from botkube.bots.slack.saying.asked import TRIGGER_LIFE, Asked
from botkube.model.command import Reply

GONE: Final = Post(text="_Answered elsewhere._")
FILED: Final = Post(text="The answer is in a file.")
_MARGIN: Final = 0.5  # seconds that a call may take on its way


class Say(msgspec.Struct, frozen=True, kw_only=True):
    """A message. `user`: only they see it; `to`: somewhere else than asked."""

    post: Post
    thread: str = ""
    user: str = ""
    to: str = ""


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    """Something else in the place of a message of ours; a new message in the thread if that is gone."""

    ts: str
    post: Post
    thread: str = ""


class Respond(msgspec.Struct, frozen=True, kw_only=True):
    """An answer at an interaction's own URL, in the place of its message; `message` is that one."""

    url: str
    post: Post
    message: str = ""
    thread: str = ""
    user: str = ""  # it is for them only


class Open(msgspec.Struct, frozen=True, kw_only=True):
    """A form; `otherwise` says what it says as messages, if it comes too late."""

    trigger: str
    view: Block
    otherwise: tuple[Say, ...] = ()


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """A file: in the thread of the message before it if it is `below` one."""

    file: File
    thread: str = ""
    below: bool = False


Step: TypeAlias = Say | Edit | Respond | Open | Share


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """All that is to be called; `kept` has to be stored before."""

    steps: tuple[Step, ...] = ()
    kept: Mapping[str, str] = {}
    notices: tuple[str, ...] = ()


def of_message(outgoing: Outgoing, bot: str) -> Plan:
    """The steps of a message that answers nobody."""
    rendered = render(outgoing, bot)
    steps = tuple(_said(rendered, Asked(channel=""), ""))
    return Plan(steps=steps, kept=rendered.kept, notices=rendered.notices)


def of_reply(reply: Reply, asked: Asked, shown: str, bot: str, now: float) -> Plan:
    """The steps of a reply; `shown` is the message that showed its command while it ran ("": none did)."""
    steps: list[Step] = []
    kept: dict[str, str] = {}
    notices: list[str] = []
    for outgoing in outgoing_of(reply):
        rendered = render(outgoing, bot)
        notices += rendered.notices
        form = _form(outgoing, rendered, asked, bot, now)
        if form is not None:
            steps.append(form[0])
            kept |= {**form[1], **rendered.kept}
            break  # one click opens one form, and nothing is said beside it
        kept |= rendered.kept
        found = list(_said(rendered, asked, shown))
        if any(isinstance(step, Edit) and step.ts == shown for step in found):
            shown = ""
        steps += found
    if shown:
        steps.append(Edit(ts=shown, post=GONE, thread=asked.thread))
    return Plan(steps=tuple(steps), kept=kept, notices=tuple(notices))


def of_partial(outgoing: Outgoing, bot: str) -> tuple[Post, Mapping[str, str]]:
    """What shows a command that runs: one message, and what is kept for its elements."""
    rendered = render(outgoing, bot)
    return (rendered.posts[-1] if rendered.posts else FILED), rendered.kept


def as_text(step: Say | Edit) -> tuple[Step, ...]:
    """What says it without blocks, for when they are refused, and in a file what the text leaves out.

    Nothing if it has no blocks; no file for what one user sees.
    """
    if not step.post.blocks:
        return ()
    plain = msgspec.structs.replace(step, post=Post(text=step.post.text))
    whole = "\n".join(text for block in step.post.blocks for text in texts(block) if text)
    if whole == step.post.text or (isinstance(step, Say) and step.user):
        return (plain,)
    return (plain, Share(file=File(content=whole), thread=step.thread, below=True))


def _form(
    outgoing: Outgoing, rendered: Rendered, asked: Asked, bot: str, now: float
) -> tuple[Open, Mapping[str, str]] | None:
    """The form of a click that is recent enough."""
    if not asked.trigger_id or now - asked.triggered_at > TRIGGER_LIFE - _MARGIN:
        return None
    view = modal(outgoing, bot, where(asked.channel, asked.thread))
    if view is None:
        return None
    otherwise = tuple(Say(post=post, thread=asked.thread) for post in rendered.posts)
    return Open(trigger=asked.trigger_id, view=view.view, otherwise=otherwise), view.kept


def _said(rendered: Rendered, asked: Asked, shown: str) -> Iterator[Step]:
    """The steps of one message."""
    if rendered.private and asked.user:
        yield from _private(rendered, asked)
        return
    thread = _thread(rendered, asked)
    posts = rendered.posts
    if rendered.file is not None and not posts and (shown or rendered.to_user):
        posts = (Post(text=rendered.file.comment or FILED.text),)
    for index, post in enumerate(posts):
        if index == 0:
            yield _first(post, rendered, asked, shown, thread)
        else:
            yield Say(post=post, thread=thread, to=rendered.to_user)
    if rendered.file is not None:
        comment = "" if posts else rendered.file.comment
        file = msgspec.structs.replace(rendered.file, comment=comment)
        yield Share(file=file, thread=thread, below=bool(posts))


def _first(post: Post, rendered: Rendered, asked: Asked, shown: str, thread: str) -> Step:
    """The first message may take the place of another one."""
    if rendered.replaces and asked.response_url:
        return Respond(url=asked.response_url, post=post, message=asked.message, thread=thread)
    if rendered.replaces and asked.message:
        return Edit(ts=asked.message, post=post, thread=thread)
    if shown and not rendered.to_user:
        return Edit(ts=shown, post=post, thread=thread)
    return Say(post=post, thread=thread, to=rendered.to_user)


def _private(rendered: Rendered, asked: Asked) -> Iterator[Step]:
    """What one user sees; there is no file that only one user of a channel sees, so it goes to them directly."""
    posts = list(rendered.posts)
    if rendered.replaces and asked.response_url and posts:
        first, *posts = posts
        url, thread = asked.response_url, asked.thread
        yield Respond(url=url, post=first, thread=thread, user=asked.user)
    for post in posts:
        yield Say(post=post, thread=asked.thread, user=asked.user)
    if rendered.file is not None:
        yield Say(post=Post(text=rendered.file.comment or FILED.text), to=asked.user)
        yield Share(file=msgspec.structs.replace(rendered.file, comment=""), below=True)


def _thread(rendered: Rendered, asked: Asked) -> str:
    """Where the asker is; a message that wants a thread begins one at what was said or clicked."""
    if rendered.to_user:
        return ""
    begun = (asked.ts or asked.message) if rendered.threaded else ""
    return rendered.thread or asked.thread or begun
