"""``python -m tests.workspace.made_up LINE…``: commands one after another, on a made-up estimate.

Each line is what stands after ``forecast`` on a command line; after what it printed stands its exit
code, as ``= CODE``. One process does them all, since to start one takes seconds.
"""

import shlex
import sys

from forecast.cli import main as command
from tests.workspace.stages import made_up

if __name__ == "__main__":
    made_up()
    lines = sys.argv[1:]
    for line in lines:
        sys.argv[1:] = shlex.split(line)
        try:
            command.main()
        except SystemExit as ended:
            print(f"= {ended.code or 0}", flush=True)  # noqa: T201
