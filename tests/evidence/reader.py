"""What a reader is told of an item on the event `troops`: by the page, and by `forecast show`."""

import re
from pathlib import Path

from click.testing import CliRunner

from forecast.cli.main import cli
from forecast.workspace._report import write_report
from forecast.workspace._settings import Request
from forecast.workspace._update import update
from tests.workspace.samples import write_workspace


def told_of(folder: Path, items: str, name: str) -> tuple[str, str]:
    """Return the table of the page that names an item, and all that is shown of its event.

    Parameters
    ----------
    folder
        An empty one.
    items
        A table of evidence.
    name
        The item's id.
    """
    write_workspace(folder, {"evidence/items.csv": items})
    update(folder, Request(force=True))
    page = write_report(folder).read_text()
    table = rf'<table class="moved">(?:(?!</table>).)*\bcode>{name}<.*?</table>'
    (moved,) = re.findall(table, page, re.DOTALL)
    return moved, CliRunner().invoke(cli, ["show", "troops", "--workspace", str(folder)]).stdout
