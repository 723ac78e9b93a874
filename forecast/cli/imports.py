"""``forecast import``: networks of other programs, and questions of forecasting platforms."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forecast.cli.options import json_option, workspace_option
from forecast.cli.text import print_json, visible

if TYPE_CHECKING:
    from forecast.workspace._imported import Brought

PLATFORMS = {
    "metaculus": "Metaculus: posts of its API, or question_data.csv and forecast_data.csv.",
    "manifold": "Manifold: markets and bets of its API.",
    "polymarket": "Polymarket: markets or events of its Gamma API, and price histories.",
    "goodjudgment": "Good Judgment, INFER: questions and prediction sets, as JSON or as tables.",
    "forecastbench": "ForecastBench: question sets and resolution sets.",
    "fatebook": "Fatebook: its export as CSV, or questions of its API.",
}

_NAMES, _LONGEST = 5, 60
"""Entries of a calendar that a note names, and how much of each name."""


@click.group("import")
def command() -> None:
    """Take over what other programs have."""


@command.command("network")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--name", help="Of the network; by default the file's, made into an id.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The network file to write; by default priors/NAME.yaml.",
)
@click.option("--force", is_flag=True, help="Replace the network file if it exists.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def network(file: Path, name: str | None, output: Path | None, force: bool, as_json: bool) -> None:
    """Write the static Bayesian network in FILE (.bif, or GeNIe's .xdsl) as a network of facts."""
    from forecast.errors import Fault, InputError  # noqa: PLC0415 - help answers at once
    from forecast.files._network_import import import_network  # noqa: PLC0415
    from forecast.files._network_writer import write_network  # noqa: PLC0415

    found = import_network(file, name)
    path = output or Path("priors") / f"{found.name}.yaml"
    if path.exists() and not force:
        problem, remedy = "exists", "Name another file with --output, or replace it with --force."
        raise InputError(Fault(problem, remedy, file=str(path)))
    if not path.parent.is_dir():
        problem = "there is no such folder"
        raise InputError(Fault(problem, "Make it, or name another.", file=str(path.parent)))
    write_network(found, path)
    values = sum(bool(event.values) for event in found.events)
    if as_json:
        told = {"network": found.name, "file": str(path), "facts": len(found.events)}
        print_json({**told, "several_values": values})
        return
    click.echo(
        f"{path}: network '{found.name}' of {len(found.events)} facts, {values} of them with "
        f"several values, {found.start} to {found.horizon}"
    )


@command.command("calendar")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@workspace_option
@json_option
def calendar(file: Path, folder: Path, as_json: bool) -> None:
    """Make drafts of decisions and windows of the entries in FILE (.ics).

    Takes the entries within the time of the networks. One on a single day becomes the draft of a
    decision; one that lasts or repeats becomes windows. Drafts go to imported/, which nothing
    reads, and what fits no field beside them. No network is changed.
    """
    from forecast.files._calendar_file import MAX_TIMES  # noqa: PLC0415
    from forecast.workspace._calendar import bring_calendar  # noqa: PLC0415 - help answers at once

    found = bring_calendar(folder, file)
    files = [str(path) for path in found.written]
    if as_json:
        print_json(
            {
                "decisions": list(found.decisions),
                "windows": list(found.windows),
                "outside": found.outside,
                "aside": {why: list(names) for why, names in found.aside.items()},
                "cut": list(found.cut),
                "period": [day.isoformat() for day in found.period],
                "written": files,
            }
        )
        return
    click.echo(
        f"drafts: {len(found.decisions)} of decisions, {len(found.windows)} of windows; "
        f"{found.outside} outside {found.period[0]} to {found.period[1]}"
    )
    _tell_written(found.written, folder)
    for name in found.cut:
        click.echo(visible(f"note: '{name}' has only the first {MAX_TIMES:,} of its times"))
    for why, names in found.aside.items():
        named = ", ".join(f"'{name[:_LONGEST]}'" for name in names[:_NAMES])
        more = f" and {len(names) - _NAMES:,} more" if len(names) > _NAMES else ""
        click.echo(visible(f"note: kept aside, {len(names):,}: {why}: {named}{more}"))


def _pairs(given: tuple[str, ...], option: str) -> dict[str, str]:
    """Return NAME=VALUE pairs; a VALUE alone is for the only one, under an empty name."""
    pairs: dict[str, str] = {}
    for text in given:
        name, sign, value = text.rpartition("=")
        if name in pairs:
            what = f"'{name}'" if sign else "the only one"
            message = f"{option} names {what} twice; leave one."
            raise click.UsageError(message)
        pairs[name] = value
    return pairs


def _platform(name: str, about: str) -> click.Command:
    """Return the command that imports from one platform."""

    @click.argument(
        "files",
        nargs=-1,
        required=True,
        metavar="FILE...",
        type=click.Path(dir_okay=False, path_type=Path),
    )
    @click.option(
        "--event",
        "events",
        multiple=True,
        metavar="QUESTION=EVENT",
        help="The event that a question is about; EVENT alone where the files state one question. "
        "For a question with options, the decision whose outcomes are called like them. May be "
        "repeated.",
    )
    @click.option(
        "--deadline",
        "deadlines",
        multiple=True,
        metavar="QUESTION=DATE",
        help="The deadline of a question, in place of the one in the file; DATE alone where the "
        "files state one question. May be repeated.",
    )
    @click.option(
        "--source",
        "sources",
        multiple=True,
        metavar="NAME=SOURCE",
        help="What the network calls a source that is called NAME here; SOURCE alone where the "
        "files have one. May be repeated.",
    )
    @workspace_option
    @json_option
    def run(
        files: tuple[Path, ...],
        events: tuple[str, ...],
        deadlines: tuple[str, ...],
        sources: tuple[str, ...],
        folder: Path,
        as_json: bool,
    ) -> None:
        from forecast.workspace._imported import Named, bring  # noqa: PLC0415 - help answers at once

        named = Named(
            _pairs(events, "--event"),
            _pairs(deadlines, "--deadline"),
            _pairs(sources, "--source"),
        )
        _tell(bring(folder, files, name, named), folder, as_json=as_json)

    title = about.partition(":")[0]
    return click.command(
        name,
        short_help=f"Questions and prices of {title}.",
        help=f"""Bring questions, opinions and outcomes in FILE of {about}

        A question on an event of a network is added to questions.csv, and what the crowd said of
        it to the evidence; what is there is never overwritten, and a difference is told. Everything
        else goes to imported/, beside: questions without an event, with a draft of one whose base
        rate is to fill in, and what fits no field.
        """,
    )(run)


for _name, _about in PLATFORMS.items():
    command.add_command(_platform(_name, _about))


def _tell(brought: "Brought", folder: Path, *, as_json: bool) -> None:
    """Print what an import did."""
    files = [str(path) for path in brought.written]
    if as_json:
        print_json(
            {
                "platform": brought.platform,
                "questions": {
                    "added": list(brought.added),
                    "there": list(brought.there),
                    "waiting": list(brought.waiting),
                },
                "opinions": {
                    "added": brought.opinions,
                    "there": brought.opinions_there,
                    "waiting": brought.opinions_waiting,
                },
                "written": files,
                "differences": list(brought.differences),
                "notes": list(brought.notes),
            }
        )
        return
    click.echo(
        f"questions: {len(brought.added)} added, {len(brought.there)} there already, "
        f"{len(brought.waiting)} waiting for an event"
    )
    click.echo(
        f"opinions: {brought.opinions:,} added, {brought.opinions_there:,} there already, "
        f"{brought.opinions_waiting:,} waiting"
    )
    _tell_written(brought.written, folder)
    for words in brought.differences:
        click.echo(visible(f"differs: {words}"))
    for words in brought.notes:
        click.echo(visible(f"note: {words}"))


def _tell_written(paths: Iterable[Path], folder: Path) -> None:
    """Print which files were written, within the workspace by their place in it."""
    for path in paths:
        told = path.relative_to(folder) if path.is_relative_to(folder) else path
        click.echo(visible(f"wrote {told}"))
