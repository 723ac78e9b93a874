"""``forecast import``: networks of other programs."""

from pathlib import Path

import click

from forecast.cli.text import print_json


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
