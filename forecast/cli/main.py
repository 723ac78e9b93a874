"""The command ``forecast``, also ``eventcast``: finds the subcommand, and words errors."""

import errno
import os
import sys
import warnings
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from traceback import walk_tb
from typing import Any

import click

from forecast.cli.text import visible
from forecast.errors import ForecastError, InputError
from forecast.files._limits import most

FAILED = 1
BAD_INPUT = 2
MOST_OF_A_NAME = 80
MOST_FAULTS = most("faults of a command", "lines")
"""Lines of faults that are printed: where there are more, something larger is wrong."""

NO_MEMORY = (
    "there is not enough memory. Give the process more, or ask for fewer draws (--draws) and fewer "
    "networks at once (--jobs 1)."
)

COMMANDS = {
    "backtest": "forecast.cli.backtest",
    "check": "forecast.cli.check",
    "counts": "forecast.cli.counts",
    "diff": "forecast.cli.diff",
    "elicit": "forecast.cli.elicit",
    "export": "forecast.cli.export",
    "priors": "forecast.cli.priors",
    "prune": "forecast.cli.prune",
    "import": "forecast.cli.imports",
    "inbox": "forecast.cli.inbox",
    "init": "forecast.cli.init",
    "ledger": "forecast.cli.ledger",
    "mcp": "forecast.cli.mcp",
    "report": "forecast.cli.report",
    "resolve": "forecast.cli.resolve",
    "schema": "forecast.cli.schema",
    "score": "forecast.cli.score",
    "show": "forecast.cli.show",
    "status": "forecast.cli.status",
    "update": "forecast.cli.update",
}


class _LazyGroup(click.Group):
    """A group that imports a subcommand's module when the subcommand is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[cmd_name]).command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except InputError as error:
            count = len(error.faults)
            for fault in error.faults[:MOST_FAULTS]:
                click.echo(f"error: {visible(str(fault))}", err=True)
            if count > MOST_FAULTS:
                click.echo(f"error: and {count - MOST_FAULTS:,} more.", err=True)
            click.echo(f"{count} fault{'' if count == 1 else 's'}; nothing was written.", err=True)
            ctx.exit(BAD_INPUT)
        except ForecastError as error:
            click.echo(f"error: {visible(str(error), lines=True)}", err=True)
            ctx.exit(FAILED)
        except MemoryError:
            click.echo(f"error: {NO_MEMORY}", err=True)
            ctx.exit(FAILED)
        except OSError as error:
            if error.errno not in {errno.ENAMETOOLONG, errno.ELOOP}:
                raise
            name = visible(str(error.filename))[:MOST_OF_A_NAME]
            click.echo(f"error: {name}…: {error.strerror}. Give a shorter name.", err=True)
            ctx.exit(BAD_INPUT)


@click.group(
    cls=_LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="eventcast")
@click.pass_context
def cli(context: click.Context) -> None:
    """Bayesian forecasts of linked, dated events.

    A workspace is a folder with a forecast.toml, which names networks in priors/ and evidence. By
    itself, the command shows where the workspace of this folder stands.

    Exit codes: 0 done, 1 failed, 2 bad input, 3 done and an alert was raised.
    """
    if context.invoked_subcommand is not None:
        return
    from forecast.workspace._contents import WORKSPACE_FILE  # noqa: PLC0415  half a second

    if Path(WORKSPACE_FILE).exists():
        context.invoke(import_module(COMMANDS["status"]).command)
    else:
        click.echo(context.get_help())


def main() -> None:
    """Run the command line."""
    # The same bits from kernels that compile faster; read when Numba is first imported.
    os.environ.setdefault("NUMBA_OPT", "1")
    # The matrices here are small: a second thread of NumPy's costs a fifth more processor time and
    # gains nothing. Read when NumPy is first imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that lacks a character shows '?'
    warnings.showwarning = _tell_warning
    name = "eventcast" if Path(sys.argv[0]).stem == "eventcast" else "forecast"
    code: Any = 0
    try:
        cli(prog_name=name)
    except SystemExit as ended:
        code = ended.code
        with suppress(OSError):
            sys.exit(code if _flushed() else FAILED)
    except OSError as error:
        if not _while_printing(error):
            raise
        _tell_unprinted(error)
    sys.exit(FAILED)


def _tell_warning(message: Warning | str, *_: object, **__: object) -> None:
    """Print what Python code warns of as a sentence, without the line of code that did."""
    with suppress(OSError):
        click.echo(f"warning: {visible(str(message))}", err=True)


def _flushed() -> bool:
    """Whether all that was printed went out; what cannot go out is told, and given up."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError as error:
        _tell_unprinted(error)
        return False
    return True


def _while_printing(error: OSError) -> bool:
    """Whether an error came of printing, which is all that commands themselves write."""
    names = (str(frame.f_globals["__name__"]) for frame, _ in walk_tb(error.__traceback__))
    *_, last = (name for name in names if name.startswith("forecast."))
    return last.startswith("forecast.cli.")


def _tell_unprinted(error: OSError) -> None:
    with suppress(OSError):
        if error.errno != errno.EPIPE:  # a reader that has read enough
            sys.stderr.write(f"error: what is printed cannot be written: {error.strerror}\n")
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())  # what is left in the buffer goes there
