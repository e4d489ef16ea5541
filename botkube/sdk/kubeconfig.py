"""The kubeconfig that a host gives with a call, as the file that programs want."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from botkube.sdk.errors import UserError


@contextmanager
def kubeconfig_file(plugin: str, kube_config: bytes) -> Iterator[Path]:
    """Give a private file with `request.kube_config` in it, for `KUBECONFIG`; it is removed at the end of the block.

    Raises:
        UserError: the host gave none; the text names the plugin, and what to put into its configuration.
    """
    if not kube_config:
        raise UserError(
            f'The kubeconfig data is missing. Give the plugin "{plugin}" access to the cluster with context.rbac in its '
            "configuration; how is in docs/permissions.md."
        )
    descriptor, name = tempfile.mkstemp(prefix="kubeconfig-")  # 0600, in the plugin's own directory
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(kube_config)
        yield Path(name)
    finally:
        with suppress(OSError):
            Path(name).unlink()
