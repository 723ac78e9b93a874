"""Paths that a workspace file names: relative to its folder, and inside it."""

from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Annotated

from pydantic import PlainValidator

from forecast.network._base import bad


def _inside(value: object) -> Path:
    """Return a relative path that stays in the workspace's folder."""
    if not isinstance(value, str | Path) or not str(value):
        raise bad("is not a path", "Write one in quotes, such as 'priors/my_network.yaml'.")
    text = str(value)
    if PurePosixPath(text).is_absolute() or PureWindowsPath(text).anchor:
        raise bad("is an absolute path", "Write one relative to the folder of this file.")
    depth = 0
    for part in PurePosixPath(text.replace("\\", "/")).parts:
        depth += -1 if part == ".." else 1
        if depth < 0:
            raise bad("leaves the folder of this file", "Move what it names into the folder.")
    return Path(text)


Inside = Annotated[Path, PlainValidator(_inside)]
