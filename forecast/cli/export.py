"""``forecast export``: questions, forecasts and evidence, for a tournament or a spreadsheet."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from forecast.cli.options import json_option, workspace_option
from forecast.cli.text import tell_on_stderr, visible

if TYPE_CHECKING:
    from forecast.workspace._exported import Table

for_option = click.option(
    "--for",
    "reader",
    type=click.Choice(["program", "spreadsheet"]),
    default="program",
    show_default=True,
    help="For a spreadsheet, text that it would take for a formula gets an apostrophe before it.",
)

output_option = click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="A new file; by default standard output.",
)


@click.group("export")
def command() -> None:
    """Hand out questions, forecasts and evidence as CSV or JSON; nothing is changed."""


def _shared(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of all of this group."""
    for option in (output_option, for_option, json_option, workspace_option):
        function = option(function)
    return function


@command.command("questions")
@_shared
def questions(folder: Path, as_json: bool, reader: str, output: Path | None) -> None:
    """Hand out the questions, under the columns of questions.csv."""
    from forecast.workspace._exported import export_questions  # noqa: PLC0415 - help answers at once

    _hand_out(export_questions(folder), as_json, reader, output, folder)


@command.command("evidence")
@_shared
def evidence(folder: Path, as_json: bool, reader: str, output: Path | None) -> None:
    """Hand out the items of evidence, under the columns of a CSV of evidence."""
    from forecast.workspace._exported import export_evidence  # noqa: PLC0415

    _hand_out(export_evidence(folder), as_json, reader, output, folder)


@command.command("forecasts")
@click.option(
    "--run",
    metavar="RUN",
    help="The run to take them from: its entry in the ledger, the first letters of its key, its "
    "cut-off (2024-07-01), or last. By default the latest of each network.",
)
@click.option(
    "--forecastbench",
    "question_set",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="QUESTION_SET",
    help="A question set of ForecastBench: hand out a forecast set on it instead.",
)
@click.option("--organization", help="Who forecasts, for --forecastbench.")
@click.option("--model", help="With what, for --forecastbench.")
@_shared
def forecasts(
    folder: Path,
    as_json: bool,
    reader: str,
    output: Path | None,
    run: str | None,
    question_set: Path | None,
    organization: str | None,
    model: str | None,
) -> None:
    """Hand out the forecast of each question, from the last published run in the ledger.

    Where there are no questions, that of each event by each deadline. The interval is the central
    90% one. What has no forecast is told on standard error.
    """
    from forecast.workspace._exported import export_forecasts, forecast_set  # noqa: PLC0415

    table = export_forecasts(folder, run)
    if question_set is None:
        _hand_out(table, as_json, reader, output, folder)
        return
    if not organization or not model:
        message = "--forecastbench needs --organization and --model."
        raise click.UsageError(message)
    document, notes = forecast_set(table, question_set, organization=organization, model=model)
    for words in notes:
        tell_on_stderr(f"note: {words}")
    write_new(_json(document), output, folder)


def _hand_out(
    table: "Table", as_json: bool, reader: str, output: Path | None, folder: Path
) -> None:
    for words in table.notes:
        tell_on_stderr(f"note: {words}")
    if as_json:
        write_new(_json(table.document()), output, folder)
    else:
        write_new(table.csv(spreadsheet=reader == "spreadsheet"), output, folder)


def _json(document: Any) -> str:
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def write_new(text: str, output: Path | None, folder: Path) -> None:
    """Write to a new file whole, outside what the workspace in a folder reads; or print it."""
    from forecast.errors import ForecastError  # noqa: PLC0415
    from forecast.files._text_file import replacing  # noqa: PLC0415
    from forecast.files._workspace_file import read_workspace  # noqa: PLC0415
    from forecast.workspace._contents import workspace_file  # noqa: PLC0415
    from forecast.workspace._places import require_new  # noqa: PLC0415

    if output is None:
        click.echo(visible(text, lines=True) if sys.stdout.isatty() else text, nl=False)
        return
    require_new(read_workspace(workspace_file(folder)), output, field="--output")
    try:
        with replacing(output) as temporary:
            temporary.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        msg = f"{output}: the export cannot be written: {error.strerror or error}"
        raise ForecastError(msg) from error
