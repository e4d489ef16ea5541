"""`botkube version`."""

from botkube.app.buildinfo import version_info


def print_version(output: str) -> None:
    """Print the version and what it was built from and for."""
    info = version_info()
    if output == "json":
        import json

        print(json.dumps(info))
        return
    commit = f" ({info['commit']})" if info["commit"] else ""
    print(f"botkube {info['version']}{commit}")
    print(f"{info['platform']}, Python {info['python']}, needs glibc {info['libc'] or '(unknown)'}")
