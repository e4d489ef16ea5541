"""How one life of a plugin's process ended: a sentence, and what it wrote to stderr last. Pure."""

import signal

import msgspec

_SUBJECT = "the plugin "
_LONGEST = 300


class End(msgspec.Struct, frozen=True, kw_only=True):
    """Why a process is no more of use; `lines` are the last of its stderr, few and short."""

    sentence: str
    lines: tuple[str, ...] = ()

    @property
    def predicate(self) -> str:
        """The sentence for whoever has named the plugin already."""
        if self.sentence.startswith(_SUBJECT):
            return f"it {self.sentence.removeprefix(_SUBJECT)}"
        return self.sentence

    @property
    def last_words(self) -> str:
        """The last lines as the end of a sentence; empty if there are none."""
        return f"; its last words: {' / '.join(self.lines)}" if self.lines else ""


def describe_end(reason: str, exit_code: int | None, lines: tuple[str, ...]) -> End:
    """Say why a process is no more of use; no reason: it ended by itself."""
    return End(sentence=(reason or f"{_SUBJECT}{_ending(exit_code)}")[:_LONGEST], lines=lines)


def _ending(exit_code: int | None) -> str:
    if exit_code is None:
        return "ended"
    if exit_code >= 0:
        return f"exited with code {exit_code}"
    try:
        return f"was killed by {signal.Signals(-exit_code).name}"
    except ValueError:
        return f"was killed by signal {-exit_code}"
