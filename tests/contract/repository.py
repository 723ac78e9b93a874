"""The repository as the contract tests see it."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "forecast"


def module_files() -> list[Path]:
    """Return every Python file of the package, sorted."""
    files = PACKAGE.rglob("*.py")
    return sorted(file for file in files if "__pycache__" not in file.parts)


def module_name(file: Path) -> str:
    """Return the dotted name of a module's file."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
