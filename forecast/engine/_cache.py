"""Where compiled kernels are kept, on machines where they cannot be kept beside their source.

Numba keeps them in the package's own folder, else in the user's cache; where neither can be
written, it refuses to compile at all. Then a private folder in the place for temporary files is
taken. What stands there is run: a folder that somebody else owns or may write is not used, and the
kernels are compiled anew by each process.
"""

import os
import stat
import tempfile
import warnings
from pathlib import Path

VARIABLE = "NUMBA_CACHE_DIR"


def kept_somewhere(package: Path) -> bool:
    """Return whether compiled kernels can be kept; choose a private folder where that is needed.

    Parameters
    ----------
    package
        The folder of the kernels' source.
    """
    if os.environ.get(VARIABLE):
        return _makes(Path(os.environ[VARIABLE]))
    if _makes(package / "__pycache__") or _makes(_users_own()):
        return True
    private = Path(tempfile.gettempdir()) / f"eventcast-{_user()}"
    if _private(private):
        _set(private)
        warnings.warn(
            f"compiled kernels are kept in {private}, since neither the package's folder nor the "
            f"user's cache can be written; {VARIABLE} names another place",
            RuntimeWarning,
            stacklevel=2,
        )
        return True
    warnings.warn(
        "compiled kernels can be kept nowhere, so each process compiles them anew, which takes "
        f"half a minute; let {VARIABLE} name a folder that can be written",
        RuntimeWarning,
        stacklevel=2,
    )
    return False


def _set(folder: Path) -> None:
    import numba  # noqa: PLC0415  already imported, and read the variable then

    os.environ[VARIABLE] = str(folder)  # for processes that this one starts
    numba.config.CACHE_DIR = str(folder)


def _user() -> str:
    return str(os.getuid()) if hasattr(os, "getuid") else "user"


def _users_own() -> Path:
    """Return the user's cache, as Numba finds it."""
    from numba.misc.appdirs import AppDirs  # noqa: PLC0415

    return Path(AppDirs(appname="numba", appauthor=False).user_cache_dir)


def _makes(folder: Path) -> bool:
    """Whether a folder is there, or can be made, and takes a file."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _private(folder: Path) -> bool:
    """Whether a folder is there, or can be made, that nobody else may write, and is no link."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return False
    if not stat.S_ISDIR(found.st_mode):
        return False
    if hasattr(os, "getuid") and (found.st_uid != os.getuid() or found.st_mode & 0o022):
        return False
    return _makes(folder)
