"""The folder on disk and the jobs over it; `update` is the main path.

Every name here is imported when it is first used, so that a command pays for what it needs alone.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from forecast.workspace._result import UpdateResult
    from forecast.workspace._run import Manifest, read_manifest, verify
    from forecast.workspace._settings import Request
    from forecast.workspace._update import attempt, update

__all__ = [
    "Manifest",
    "Request",
    "UpdateResult",
    "attempt",
    "read_manifest",
    "update",
    "verify",
]

_HOME = {
    "Manifest": "_run",
    "Request": "_settings",
    "UpdateResult": "_result",
    "attempt": "_update",
    "read_manifest": "_run",
    "update": "_update",
    "verify": "_run",
}


def __getattr__(name: str) -> Any:
    """Import a name from its home when it is first used."""
    if name not in _HOME:
        msg = f"module 'forecast.workspace' has no attribute '{name}'"
        raise AttributeError(msg)
    return getattr(import_module(f"forecast.workspace.{_HOME[name]}"), name)
