"""What `botkube doctor` finds: values that every platform can give and the command line prints."""

from typing import Literal, TypeAlias

import msgspec

Level: TypeAlias = Literal["ok", "warning", "error"]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at. `error`: it does not work; `warning`: it works, less well than it could.

    `text` says how it is, `fix` what to click or type to mend it; neither holds a secret.
    """

    subject: str
    text: str
    level: Level = "ok"
    fix: str = ""


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """What was found of one platform of one communication group, named by its place in the configuration."""

    key: str
    findings: tuple[Finding, ...]

    @property
    def broken(self) -> bool:
        """Whether anything of it does not work."""
        return any(finding.level == "error" for finding in self.findings)
