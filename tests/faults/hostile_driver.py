"""Runs commands on hostile input, each in a process of its own that has little time and memory.

``python -m tests.faults.hostile_driver`` reads one request a line from standard input and answers
each in one line: how the command ended, what it printed, and what it took above a process that has
all that is needed imported.
"""

import json
import os
import resource
import signal
import sys
import traceback
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

CPU_SECONDS = 20
"""By then a command is ended, far beyond what it may take."""
WALL_SECONDS = 100
"""By then one that waits for what never comes is ended."""
MOST_SPACE = 2_000_000_000
"""Bytes of address space above the baseline: beyond, there is no memory for it."""
PAGE = os.sysconf("SC_PAGE_SIZE")


def prepare() -> None:
    """Import what the commands import, and let each cache fill itself once."""
    from click.testing import CliRunner  # noqa: PLC0415

    import forecast as fc  # noqa: PLC0415
    import forecast.assistant._server  # noqa: PLC0415
    import forecast.estimate._netcdf  # noqa: PLC0415
    import forecast.files.platforms._import  # noqa: PLC0415
    import forecast.workspace._imported  # noqa: PLC0415
    import forecast.workspace._update  # noqa: PLC0415
    from forecast.cli.main import COMMANDS, cli  # noqa: PLC0415
    from tests.workspace.samples import write_workspace  # noqa: PLC0415

    runner = CliRunner()
    with TemporaryDirectory() as name:
        folder = write_workspace(Path(name))
        news = folder / "news.csv"
        news.write_text("title,date\na,2024-07-01\n")
        for asked in (["check"], ["priors"], ["inbox", "add", str(news)], ["ledger", "verify"]):
            runner.invoke(cli, [*asked, "--workspace", str(folder)])
        for command in COMMANDS:
            runner.invoke(cli, [command, "--help"])
        event = fc.Event(id="a", kind="onset", rate="20% [10%, 35%] within 1 year")
        stated = {"name": "n", "start": "2024-01-01", "horizon": "2024-12-31"}
        file = folder / "post.nc"
        fc.prior(fc.Network(**stated, events=[event]), draws=64).save(file)
        fc.read_posterior(file)


def attempt(request: dict[str, Any], out: int) -> None:
    """Run what is asked for, in this process, and leave it."""
    from forecast.cli import main as command_line  # noqa: PLC0415

    space = int(Path("/proc/self/statm").read_text().split()[0]) * PAGE
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (space + MOST_SPACE, space + MOST_SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(WALL_SECONDS)
    os.chdir(request["folder"])
    given = os.open(request["stdin"] or os.devnull, os.O_RDONLY)
    for number, handle in enumerate((given, out, out)):
        os.dup2(handle, number)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.argv = ["forecast", *request["argv"]]
    if request["python"]:
        command_line.cli = called(request["python"])
    code = 70
    try:
        command_line.main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:  # noqa: BLE001  whatever it is, it is what the test is about
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def called(code: str) -> Any:
    """Return a command that runs lines of Python, whose errors are told as commands tell them."""
    import click  # noqa: PLC0415

    import forecast as fc  # noqa: PLC0415
    from forecast.cli.main import _LazyGroup  # noqa: PLC0415

    @click.command()
    def run() -> None:
        exec(code, {"fc": fc, "Path": Path})  # noqa: S102  the test's own

    group = _LazyGroup()
    group.get_command = lambda *_: run  # type: ignore[method-assign]
    sys.argv = ["forecast", "run"]
    return group


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Run what is asked for in a child; return how it ended and what it took."""
    with TemporaryDirectory() as name:
        printed = os.open(f"{name}/printed", os.O_RDWR | os.O_CREAT)
        child = os.fork()
        if child == 0:
            attempt(request, printed)
        _, status, used = os.wait4(child, 0)
        os.close(printed)
        told = Path(f"{name}/printed").read_bytes().decode(errors="replace")
    return {
        "code": os.waitstatus_to_exitcode(status),
        "told": told,
        "seconds": used.ru_utime + used.ru_stime,
        "megabytes": used.ru_maxrss / 1024,
    }


def main() -> None:
    """Answer requests until there are no more."""
    warnings.simplefilter("ignore")
    prepare()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
