"""Progress on standard error: a bar on a terminal, one quiet line a step otherwise."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from forecast.cli.text import sanitize
from forecast.workspace.update import Step

__all__ = ["progress"]


@contextmanager
def progress() -> Iterator[Callable[[Step], None]]:
    """Give a function that shows each step; the bar goes when the work ends."""
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield lambda step: console.print(Text(sanitize(step.doing)), soft_wrap=True)
        return
    doing = TextColumn("{task.description}", markup=False)
    columns = (SpinnerColumn(), doing, BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("reading")

        def tell(step: Step) -> None:
            bar.update(
                task, description=sanitize(step.doing), completed=step.done, total=step.total
            )

        yield tell
