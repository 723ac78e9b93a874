"""``forecast ledger``: prove, bring up to date, and take away what was said."""

import re
import sys
from dataclasses import replace
from pathlib import Path

import click

from forecast.cli.options import json_option, workspace_option
from forecast.cli.text import print_json, visible
from forecast.errors import Fault, InputError

HEAD = re.compile(r"\d+:[0-9a-f]{64}")


@click.group("ledger")
def command() -> None:
    """Prove, bring up to date, and take away what was said."""


@command.command("verify")
@click.option(
    "--head",
    "heads",
    multiple=True,
    metavar="SEQ:DIGEST",
    help="A head that was noted earlier and must be in the chain; may be repeated.",
)
@workspace_option
@json_option
def verify_command(heads: tuple[str, ...], folder: Path, as_json: bool) -> None:
    """Hold every row, content and file, and the report's page, against the hash chain.

    Ends with 1 and one line a fault where anything is not as it was written. Note the head
    elsewhere: it shows later that the end was not cut off.
    """
    from forecast.ledger import verify  # noqa: PLC0415
    from forecast.workspace._head import note_fault, noted_head  # noqa: PLC0415
    from forecast.workspace._history import open_kept  # noqa: PLC0415

    short = [head for head in heads if not HEAD.fullmatch(head)]
    if short:
        remedy = "Write the number and all 64 digits, as 'forecast ledger verify' ends with."
        raise InputError(
            [Fault("is no whole head", remedy, field="--head", value=h) for h in short]
        )
    with open_kept(folder, whatever=True) as kept:
        noted = noted_head(kept.workspace)
        heads = (*heads, noted) if noted else heads
        runs = kept.workspace.output_path
        found = verify(kept.ledger, folder=runs, pages=folder, heads=heads)
        note = note_fault(kept.workspace)
        found = replace(found, faults=(*found.faults, note)) if note else found
    if as_json:
        counts = {"entries": found.entries, "rows": found.rows, "contents": found.contents}
        told = {"ok": found.passed, **counts, "files": found.files, "head": found.head}
        told["pruned"] = found.pruned
        print_json({**told, "faults": list(found.faults), "notes": list(found.notes)})
    else:
        for fault in found.faults:
            click.echo(f"error: {visible(fault)}", err=True)
        for note in found.notes:
            click.echo(f"note: {visible(note)}.", err=True)
        pruned = f" ({found.pruned:,} more pruned)" if found.pruned else ""
        if found.passed:
            click.echo(
                f"ok: {found.entries:,} entries, {found.rows:,} rows, {found.contents:,} contents, "
                f"{found.files:,} files{pruned}; head {found.head or 'none'}"
            )
    if not found.passed:
        sys.exit(1)


@command.command("clock")
@click.option(
    "--today",
    required=True,
    metavar="DATE",
    help="Today's date in UTC, as you know it: it must be what the machine's clock says.",
)
@workspace_option
@json_option
def clock_command(today: str, folder: Path, as_json: bool) -> None:
    """Say that the machine's clock is right now, after it was not.

    Appends an entry. What stands before it and is dated later was made under a clock that ran
    ahead, and counts from the next entry whose date can be believed.
    """
    from forecast.workspace._clock import confirm  # noqa: PLC0415

    entry, words = confirm(folder, today)
    if as_json:
        print_json({"entry": entry.seq, "made_at": entry.made_at.isoformat(), "notes": list(words)})
        return
    click.echo(f"Entry {entry.seq}: the clock is right ({entry.made_at:%Y-%m-%d %H:%M} UTC).")
    for note in words:
        click.echo(f"note: {visible(note)}.", err=True)


@command.command("upgrade")
@workspace_option
@json_option
def upgrade_command(folder: Path, as_json: bool) -> None:
    """Bring the ledger to this version's form; a copy is kept first."""
    from forecast.ledger import upgrade  # noqa: PLC0415
    from forecast.workspace._history import open_kept  # noqa: PLC0415

    with open_kept(folder, upgrading=True) as kept:
        done = upgrade(kept.ledger, folder)
    if as_json:
        copy = None if done.backup is None else str(done.backup)
        print_json({"from": done.before, "to": done.after, "copy": copy})
    elif done.backup is None:
        click.echo(f"The ledger has form {done.after} already; nothing was done.")
    else:
        click.echo(visible(f"From form {done.before} to {done.after}; copy: {done.backup}"))


@command.command("export")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="A new file; by default standard output.",
)
@workspace_option
def export_command(output: Path | None, folder: Path) -> None:
    """Write the whole ledger as lines of JSON that anyone can hold against their digests."""
    from forecast.ledger import export  # noqa: PLC0415
    from forecast.workspace._backup import write_export  # noqa: PLC0415
    from forecast.workspace._history import open_kept  # noqa: PLC0415

    with open_kept(folder, whatever=True) as kept:
        if output is not None:
            write_export(kept, output, field="--output")
            return
        for line in export(kept.ledger):
            click.echo(line)


@command.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@workspace_option
@json_option
def backup_command(file: Path, folder: Path, as_json: bool) -> None:
    """Write the whole ledger to a new FILE, once it is proved, for 'forecast ledger restore'.

    The file is an export. Copy the folder of runs too: files that the ledger names never change.
    """
    from forecast.workspace._backup import back_up  # noqa: PLC0415

    head = back_up(folder, file)
    if as_json:
        print_json({"file": str(file), "head": head})
    else:
        click.echo(f"Wrote {visible(str(file))}; head {head or 'none'}.")


@command.command("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--older",
    is_flag=True,
    help="Take a backup that ends before the last entry that the runs here know: the entries since "
    "are lost.",
)
@workspace_option
@json_option
def restore_command(file: Path, older: bool, folder: Path, as_json: bool) -> None:
    """Make the ledger again from a backup or an export, entry by entry as it was.

    Where there is a ledger it is left alone: move it away first.
    """
    from forecast.workspace._backup import bring_back  # noqa: PLC0415

    count, head = bring_back(folder, file, older=older)
    if as_json:
        print_json({"entries": count, "head": head})
    else:
        click.echo(f"{count:,} entries; head {head or 'none'}.")
