"""Which code a kept result was found with."""

import subprocess
from pathlib import Path

__all__ = ["commit"]


def commit() -> str:
    """Return the last commit that changed the library, with a plus if there is more than it."""
    root = Path(__file__).parents[1]

    def git(*words: str) -> str:
        run = ["git", "-C", str(root), *words, "--", "forecast"]
        return subprocess.run(run, check=True, capture_output=True, text=True).stdout  # noqa: S603

    changed = git("status", "--porcelain", "--untracked-files=no")
    return git("log", "-1", "--format=%h").strip() + ("+" if changed.strip() else "")
