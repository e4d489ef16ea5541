"""`botkube doctor`: what was found, as a table on a terminal, as lines in a pipe, as JSON."""

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Literal

import msgspec
import trio

from botkube.app.doctor import diagnose, key_of, known, places
from botkube.cli import exits
from botkube.cli.plugins.local import Where, asked_instance, read_config
from botkube.cli.tables import print_table
from botkube.config import Config
from botkube.config.paths import named_paths
from botkube.model.diagnosis import Diagnosis, Finding
from botkube.runtime.terminal import without_controls

_HEADER: Final = ("STATE", "CHECK", "WHAT")


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The command line of `doctor`; no platform: all of them."""

    platform: str = ""
    config: tuple[Path, ...] = ()
    state_dir: Path | None = None
    output: Literal["text", "json"] = "text"


def doctor(options: Options) -> int:
    """Print what works and what does not; returns 1 if something does not, 4 if there is nothing to look at."""
    if options.platform and options.platform not in known():
        names = ", ".join(known())
        text = f"PLATFORM: {options.platform!r} is not known to doctor; it knows: {names}"
        return exits.told(exits.USAGE, text)
    found = places(_config(options), options.platform)
    if not found:
        return exits.told(exits.UNREACHABLE, _nothing(options))
    diagnoses = trio.run(diagnose, found, os.environ)
    _print(diagnoses, options.output)
    return exits.FAILED if any(each.broken for each in diagnoses) else exits.OK


def _nothing(options: Options) -> str:
    """Why there is nothing to look at, and what to do: name a file, or write into the one that is named."""
    files = named_paths(options.config, os.environ)
    if not files:
        what = options.platform or " or ".join(known())
        return f"no {what} is configured; name the configuration with --config"
    wanted = [options.platform] if options.platform else known()
    keys = " or ".join(f"communications.<group>.{key_of(platform)}.enabled" for platform in wanted)
    return f"{', '.join(map(str, files))}: there is no {keys}"


def _config(options: Options) -> Config:
    """What `run` would read with the same options; without any what the running instance has read."""
    where = Where(config=options.config, state_dir=options.state_dir, output=options.output)
    instance = asked_instance(where)
    if instance is not None and instance.config_paths:
        where = msgspec.structs.replace(where, config=tuple(map(Path, instance.config_paths)))
    return read_config(where)


def _print(diagnoses: Sequence[Diagnosis], output: Literal["text", "json"]) -> None:
    if output == "json":
        print(msgspec.json.encode(diagnoses).decode())
    elif sys.stdout.isatty():
        for diagnosis in diagnoses:
            _print_for_eyes(diagnosis)
    else:
        print(*(line for each in diagnoses for line in _lines(each)), sep="\n")


def _lines(diagnosis: Diagnosis) -> Iterator[str]:
    for finding in diagnosis.findings:
        mend = f"; {finding.fix}" if finding.fix else ""
        line = f"{finding.level}: {diagnosis.key}: {finding.subject}: {finding.text}{mend}"
        yield without_controls(line)


def _print_for_eyes(diagnosis: Diagnosis) -> None:
    """A table may cut what is long: what is to be done stands below it in full."""
    print(diagnosis.key)
    print_table(_HEADER, [(f.level, f.subject, f.text) for f in diagnosis.findings])
    todo = [finding for finding in diagnosis.findings if finding.fix]
    for finding in todo:
        print(without_controls(_mending(finding)))
    print()


def _mending(finding: Finding) -> str:
    return f"\n{finding.subject}: {finding.text}\n  → {finding.fix}"
