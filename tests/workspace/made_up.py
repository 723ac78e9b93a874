"""``python -m tests.workspace.made_up ARGUMENTS``: the command, on a made-up estimate."""

from forecast.cli.main import main
from tests.workspace.stages import made_up

if __name__ == "__main__":
    made_up()
    main()
