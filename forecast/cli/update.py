"""``forecast update``: the main job."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forecast.cli import completing
from forecast.cli.options import (
    dask_option,
    draws_option,
    errors_option,
    ids_option,
    json_option,
    log_option,
    method_option,
    seed_option,
    strict_option,
    workspace_option,
)
from forecast.cli.text import print_json, visible
from forecast.threads import cores

if TYPE_CHECKING:
    from forecast.evidence import Clock
    from forecast.workspace._result import UpdateResult


@click.command("update")
@click.argument("networks", nargs=-1, metavar="[NETWORK]...", shell_complete=completing.networks)
@click.option(
    "--as-of",
    metavar="DATE",
    help="The knowledge cut-off, ISO 8601; a date means the end of that day. By default "
    "forecast.toml's, else today.",
)
@click.option(
    "--known",
    type=click.Choice(["published", "recorded"]),
    help="What is seen at the cut-off: what was published by then, or only what was recorded in "
    "this workspace by then. By default forecast.toml's, else published.",
)
@workspace_option
@method_option
@seed_option
@draws_option
@click.option(
    "--force",
    is_flag=True,
    help="Keep an estimate that fails its convergence gate; its record says so.",
)
@strict_option
@click.option(
    "--new-ledger",
    is_flag=True,
    help="Begin another ledger where the one that had the runs here is gone, or take one that did "
    "not have them.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    metavar="N",
    help="How many networks to estimate at once, each in a process of its own. By default as many "
    "as there are processors.",
)
@dask_option
@log_option
@errors_option
@ids_option
@json_option
def command(
    networks: tuple[str, ...],
    as_of: str | None,
    known: "Clock | None",
    folder: Path,
    method: str | None,
    seed: int | None,
    draws: int | None,
    force: bool,
    strict: bool,
    new_ledger: bool,
    jobs: int | None,
    dask: str | None,
    log: Path | None,
    with_errors: bool,
    ids: bool,
    as_json: bool,
) -> None:
    """Estimate, save the posterior, enter it in the ledger, and print the table.

    Runs the NETWORKs named, or all that forecast.toml names. All files are checked first. A run
    goes to posteriors/NETWORK/ and into the ledger; the same inputs give the same run, published
    once. A network that fails does not stop the others. Where forecast.toml names a report, it is
    written. Draws that its rule does not keep are removed last ('forecast prune'). Ends with 3
    where an alert is raised.
    """
    # Imported here, so that --help answers at once.
    from forecast.cli.progress import ALERTED, job_log, watched_job  # noqa: PLC0415
    from forecast.workspace._settings import Request  # noqa: PLC0415
    from forecast.workspace._update import attempt  # noqa: PLC0415

    request = Request(
        networks,
        as_of,
        known=known,
        method=method,
        seed=seed,
        draws=draws,
        force=force,
        strict=strict,
        new_ledger=new_ledger,
    )
    workers = jobs or cores()
    with job_log(log, folder) as note:
        with watched_job(note, dask) as (tell, executor):
            result = attempt(folder, request, tell=tell, executor=executor, workers=workers)
        for run in result.runs:
            note("run", run=run.manifest.run, key=run.manifest.key, head=run.head)
        for alert in result.alerts:
            note("alert", **alert.to_dict())
        for words in result.notes:
            note("note", words=words)
        if result.pruned is not None and result.pruned.files:
            note("pruned", files=list(result.pruned.files), bytes=result.pruned.bytes)
        for network, error in result.failures.items():
            note("failure", network=network, error=str(error))
        for alert in result.alerts:  # first of all: what is printed later may fail
            click.echo(json.dumps(alert.to_dict()), err=True)
        _tell_all(result, as_json=as_json, with_errors=with_errors, ids=ids)
        result.refuse()
        if result.alerts:
            click.get_current_context().exit(ALERTED)


def _tell_all(result: "UpdateResult", *, as_json: bool, with_errors: bool, ids: bool) -> None:
    if as_json:
        document = {
            "runs": [run.manifest.model_dump(mode="json") for run in result.runs],
            "ledger": {run.manifest.run: run.head for run in result.runs},
            "alerts": [alert.to_dict() for alert in result.alerts],
            "finished": result.finished,
            "failures": {network: str(error) for network, error in result.failures.items()},
            "report": None if result.page is None else str(result.page),
            "pruned": [] if result.pruned is None else list(result.pruned.files),
            "warnings": [asdict(warning) for warning in result.warnings],
            "notes": list(result.notes),
        }
        print_json(document)
    else:
        from forecast.cli.table import print_run  # noqa: PLC0415

        for place, run in enumerate(result.runs):
            if place:
                click.echo()
            print_run(run, with_errors=with_errors, ids=ids)
        for network, why in result.finished.items():
            click.echo(visible(f"{network}: {why}."))
        if result.page is not None:
            click.echo(f"Report: {visible(str(result.page))}")
        if result.pruned is not None and result.pruned.files:
            click.echo(result.pruned.words())
    for words in result.notes:
        click.echo(f"note: {visible(words)}.", err=True)
    if result.warnings:
        count = len(result.warnings)
        click.echo(
            f"warning: {count} thing{'' if count == 1 else 's'} in the files "
            f"{'is' if count == 1 else 'are'} allowed and probably not meant: "
            "'forecast check' names them.",
            err=True,
        )
