"""Whether the files of the package are its own: another distribution may install into it.

Packaging has one namespace for distributions and another for imports, and nothing keeps two of them
from writing into one folder: an old distribution is called as this package is. Whichever was put
in, or taken away, last has then replaced or removed files of the other. That is told when the
package is imported. A look at the folder is all that it costs; what is installed is asked only
where something looks wrong.
"""

import os
import sys

__all__ = ["require_intact"]

DISTRIBUTION = "eventcast"
OWN = frozenset(
    {
        "__init__.py",
        "__main__.py",
        "assistant",
        "backtest",
        "calibration",
        "cli",
        "crowd",
        "decimals.py",
        "engine",
        "errors.py",
        "estimate",
        "evidence",
        "files",
        "gate.py",
        "history",
        "inbox",
        "intact.py",
        "layout",
        "learning",
        "ledger",
        "model",
        "network",
        "plot",
        "posterior",
        "probability.py",
        "py.typed",
        "report",
        "sampling.py",
        "scoring",
        "seeds.py",
        "testing.py",
        "threads.py",
        "time.py",
        "workspace",
    }
)
"""What stands in the folder of the package."""

_EXPECTED = frozenset({"_library", "__pycache__"})
"""What may stand there: the example workspace of a wheel, and what Python compiled."""

_MOST_NAMED = 5


def require_intact() -> None:
    """Refuse a package that another distribution has written into, or taken files from.

    Raises
    ------
    ImportError
        With the files, the other distribution where it is still there, and what to do.

    Examples
    --------
    >>> require_intact()
    """
    package, name = sys.modules.get("forecast"), __name__.partition(".")[0]
    folder = os.path.dirname(__file__)  # noqa: PTH120  pathlib would be an import more
    try:
        here = frozenset(os.listdir(folder))  # noqa: PTH208
    except OSError:  # inside an archive, whose files nobody else writes
        return
    missing = sorted(OWN - here)
    replaced = missing or not hasattr(package, "_HOME")  # its own __init__ has that
    if not (replaced or here - OWN - _EXPECTED):
        return
    others = _others(name, folder)
    if others:
        listed = "; ".join(f"{other} has {files}" for other, files in others.items())
        remove = " ".join(others)
        raise ImportError(
            f"another distribution has files inside the package '{name}' of {DISTRIBUTION} "
            f"({folder}): {listed}. The two cannot be installed together: pip uninstall -y "
            f"{remove}; then pip install --force-reinstall --no-deps {DISTRIBUTION}"
        )
    if replaced:
        what = (
            f"files are missing ({', '.join(missing[:_MOST_NAMED])})"
            if missing
            else ("its __init__.py is another package's")
        )
        raise ImportError(
            f"the package '{name}' of {DISTRIBUTION} in {folder} is not whole: {what}, as where "
            f"another distribution of that name was removed after it was installed. "
            f"pip install --force-reinstall --no-deps {DISTRIBUTION}"
        )


def _others(name: str, folder: str) -> dict[str, str]:
    """Return the other distributions that have files in the package's folder, and some of these."""
    from importlib.metadata import distributions  # noqa: PLC0415  rarely needed, and slow

    found: dict[str, str] = {}
    for each in distributions():
        label = str(each.metadata["Name"] or "")
        files = [str(file) for file in each.files or () if file.parts[0] == name]
        files = [file for file in files if "__pycache__" not in file]
        same = os.path.realpath(str(each.locate_file(name))) == os.path.realpath(folder)
        if files and same and label.lower() != DISTRIBUTION:
            more = f" and {len(files) - _MOST_NAMED} more" if len(files) > _MOST_NAMED else ""
            found[label] = ", ".join(sorted(files)[:_MOST_NAMED]) + more
    return found
