"""``forecast inbox export|accept|skip|undo``: decide in a spreadsheet, or by ids."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from forecast.cli.options import by_option, json_option, workspace_option
from forecast.cli.text import print_json, print_warnings, tell_on_stderr, visible


@click.command("export")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.csv",
    help="A new file; by default standard output.",
)
@workspace_option
@json_option
def export(folder: Path, output: Path | None, as_json: bool) -> None:
    """Hand out the drafts that wait, as a table for a spreadsheet.

    A row a draft, filled in as far as it is known. Write accept, skip or merge into its column
    decision, correct what is wrong, and take it back with 'forecast inbox accept FILE'.
    """
    # Imported here, so that --help answers at once.
    from forecast.cli.export import write_new  # noqa: PLC0415
    from forecast.workspace._sheet import cells_of, sheet_of  # noqa: PLC0415
    from forecast.workspace._waiting import pile  # noqa: PLC0415

    waiting = pile(folder).waiting
    if as_json:
        document = [row for each in waiting for row in cells_of(each)]
        write_new(json.dumps(document, indent=2) + "\n", output, folder)
        return
    mark = "" if output is None else "\ufeff"  # with it, a spreadsheet reads UTF-8 as such
    write_new(mark + sheet_of(waiting), output, folder)
    if output is not None:
        tell_on_stderr(
            f"{len(waiting)} drafts in {output}. Fill in its column decision, then: forecast "
            f"inbox accept {output}"
        )


@click.command("accept")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@by_option
@click.option("--dry-run", is_flag=True, help="Check everything, and write nothing.")
@workspace_option
@json_option
def accept(folder: Path, file: Path, by: str, dry_run: bool, as_json: bool) -> None:
    """Take back a table of drafts with decisions: all of them are put on file, or none.

    The whole workspace is checked with the new items first; every fault is told with its line and
    column. Rows without a decision are left to wait. A draft may have several rows: one text may
    say several things.
    """
    from forecast.errors import InputError  # noqa: PLC0415
    from forecast.workspace._filing import Filed, checked, decide  # noqa: PLC0415
    from forecast.workspace._sheet import read_sheet  # noqa: PLC0415

    sheet = read_sheet(folder, file)
    if dry_run:
        found = checked(folder, sheet.choices)
        if found.faults:
            raise InputError(found.faults)
        ids = {name: tuple(each.id for each in some) for name, some in found.items.items()}
        filed = Filed(ids, None, found.warnings, ())
    else:
        filed = decide(folder, sheet.choices, by=by)
    outcomes = [each.outcome for each in filed.decisions]
    counts = {name: outcomes.count(name) for name in ("accepted", "skipped", "merged")}
    if as_json:
        print_json(
            {
                **counts,
                "items": {name: list(ids) for name, ids in filed.items.items()},
                "file": None if filed.file is None else str(filed.file),
                "blank": sheet.blank,
                "notes": list(sheet.notes),
                "warnings": [str(each) for each in filed.warnings],
            }
        )
        return
    print_warnings(filed.warnings)
    for words in sheet.notes:
        click.echo(f"note: {visible(words)}")
    if dry_run:
        made = sum(map(len, filed.items.values()))
        counted = f"{made} item{'' if made == 1 else 's'}"
        click.echo(f"ok: {counted} could be added; nothing was written.")
        return
    told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    where = "" if filed.file is None else f" Added to {filed.file}. Now: forecast update"
    click.echo(visible(f"{told or 'Nothing decided'}; {sheet.blank} rows left blank.{where}"))


@click.command("skip")
@click.argument("drafts", nargs=-1, required=True, metavar="DRAFT...")
@click.option("--why", default="", metavar="TEXT", help="A remark, kept with the decision.")
@by_option
@workspace_option
@json_option
def skip(folder: Path, drafts: tuple[str, ...], by: str, why: str, as_json: bool) -> None:
    """Leave drafts out of the evidence, by their ids."""
    from forecast.workspace._choices import Skip  # noqa: PLC0415
    from forecast.workspace._filing import decide  # noqa: PLC0415

    names = list(dict.fromkeys(drafts))
    decide(folder, [Skip(draft=name, why=why) for name in names], by=by)
    if as_json:
        print_json({"skipped": names})
        return
    for name in names:
        click.echo(f"{visible(name)}: skipped.")


@click.command("undo")
@click.argument("draft", default="", metavar="[DRAFT]")
@click.option("--why", default="", metavar="TEXT", help="A remark, kept with the decision.")
@by_option
@workspace_option
@json_option
def undo(folder: Path, draft: str, by: str, why: str, as_json: bool) -> None:
    """Take back what was decided on DRAFT, by default the last decision; the draft waits again.

    An item that it became is taken out of the evidence if no run has seen it, and is retracted
    otherwise, so that what was said stays explained.
    """
    from forecast.workspace._undoing import undo as take_back  # noqa: PLC0415

    undone = take_back(folder, draft, by=by, why=why)
    if as_json:
        print_json(asdict(undone))
        return
    parts = [
        f"{undone.draft} was {undone.outcome}, and waits again.",
        *(f"{name}: taken out of the evidence; no run had seen it." for name in undone.removed),
        *(f"{name}: retracted; it stays on file." for name in undone.retracted),
    ]
    for words in parts:
        click.echo(visible(words))


COMMANDS = (export, accept, skip, undo)
