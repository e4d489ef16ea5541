"""`typing.override` on Python 3.11, which lacks it, without typing_extensions as a dependency of ours."""

from typing import TYPE_CHECKING, TypeVar

__all__ = ["override"]

if TYPE_CHECKING:
    from typing_extensions import override
else:
    _F = TypeVar("_F")

    def override(method: _F) -> _F:
        """Mark a method that replaces one of a base class; for the type checker only."""
        return method
