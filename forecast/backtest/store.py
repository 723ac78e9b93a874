"""Answers on disk, each under the key of what it follows from, so that a replay can be resumed.

Each is written whole or not at all. A file that says it answers something else, or cannot be read,
counts as not there and is replaced.
"""

import json
from dataclasses import asdict
from pathlib import Path

from forecast.backtest.estimates import Answer, Said
from forecast.errors import ForecastError
from forecast.files.text_file import replacing

__all__ = ["Store"]

SHORT = 16


class Store:
    """A folder of answers.

    Parameters
    ----------
    folder
        Made where it does not exist; None keeps nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def get(self, name: str, key: str) -> Answer | None:
        """Return an answer, if it is there.

        Parameters
        ----------
        name
            What files are called, before the key.
        key
            Of what the answer follows from.
        """
        if self._folder is None:
            return None
        try:
            kept = json.loads(self._file(self._folder, name, key).read_text(encoding="utf-8"))
            if kept.pop("key") != key:
                return None
            said = tuple(Said(**each) for each in kept.pop("said"))
            return Answer(**kept, said=said)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    def put(self, name: str, key: str, answer: Answer) -> None:
        """Keep an answer.

        Raises
        ------
        ForecastError
            If the folder cannot be written.
        """
        if self._folder is None:
            return
        text = json.dumps({"key": key, **asdict(answer)}, indent=1) + "\n"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with replacing(self._file(self._folder, name, key)) as part:
                part.write_text(text, encoding="utf-8")
        except OSError as error:
            msg = f"{self._folder}: the replay cannot be kept: {error.strerror or error}"
            raise ForecastError(msg) from error

    @staticmethod
    def _file(folder: Path, name: str, key: str) -> Path:
        plain = name.replace(":", "").replace(" ", "-")  # no colon in file names on Windows
        return folder / f"{plain}-{key[:SHORT]}.json"
