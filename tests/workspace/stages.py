"""What a workspace does to its disk and its ledger, one stage at a time, and what each promises.

Kills and power cuts are aimed at these. A stage says something when it is done; what it said must
hold afterwards whatever happens, and the next run must work without a hand.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import create_engine

import forecast.workspace._update as job
from forecast.errors import InputError, LedgerError
from forecast.inbox._store import Inbox
from forecast.ledger import (
    Ledger,
    head_in,
    last_head,
    ledger_address,
    open_ledger,
    pruned_files,
    run_heads,
    verify,
)
from forecast.workspace._backup import back_up, bring_back
from forecast.workspace._contents import Inputs
from forecast.workspace._draws import NetworkEstimate, estimate_of
from forecast.workspace._head import noted_head
from forecast.workspace._history import open_kept
from forecast.workspace._inbox_in import add, fetch_feeds
from forecast.workspace._prune import prune_workspace
from forecast.workspace._settings import Request, Settings
from tests.workspace.killed_job import estimate
from tests.workspace.samples import WORKSPACE, write_workspace

NIGHTS = ("2024-05-28", "2024-05-29", "2024-06-01")
BACKUP, NEXT_BACKUP = "backup.jsonl", "next.jsonl"
FEED_URL = "FEED_URL"
"""The environment variable that says where the feed is."""

FEED = b'<rss version="2.0"><channel><item><title>A pact is near</title></item></channel></rss>'
NEWS = "date,title\n2024-06-03,Ships left the harbour\n2024-06-04,A pact was denied\n"
OLD, NEW, AFTER = Request(seed=1), Request(seed=2), Request(seed=3)
TWO_DAYS = 2 * 86_400.0


@dataclass(frozen=True)
class Stage:
    """One stage.

    Parameters
    ----------
    prepare
        Makes what is there before.
    act
        Does it, and returns what is acknowledged.
    holds
        Whether what was acknowledged is there.
    again
        Does it again, after it was cut off.
    entered
        Whether it has to do with the ledger, so that the next night's run has to be tried too.
    """

    prepare: Callable[[Path], object]
    act: Callable[[Path], str]
    holds: Callable[[Path, str], bool]
    again: Callable[[Path], object]
    entered: bool = True


@contextmanager
def opened(folder: Path) -> Iterator[Ledger]:
    with open_ledger(ledger_address(None, folder)) as ledger:
        yield ledger


def there(folder: Path) -> bool:
    """Whether there is a ledger: that of a server always is."""
    address = ledger_address(None, folder)
    return address.file is None or address.file.exists()


def a_run(folder: Path, request: Request) -> str:
    (run,) = job.update(folder, request)
    return run.manifest.key


def has_run(folder: Path, key: str) -> bool:
    with opened(folder) as ledger:
        return key in {head.key for head in run_heads(ledger)}


def with_nights(folder: Path) -> None:
    for night in NIGHTS:
        job.update(folder, Request(as_of=night))


def pruned(folder: Path) -> str:
    return " ".join(prune_workspace(folder, nights=1).files)


def has_pruned(folder: Path, files: str) -> bool:
    with opened(folder) as ledger:
        told = set(pruned_files(ledger))
    return bool(files) and set(files.split()) <= told  # after a power cut, files may be back


def has_backup(folder: Path, head: str) -> bool:
    with (folder / BACKUP).open(encoding="utf-8") as lines:
        return head_in(lines, head)


def without_ledger(folder: Path) -> None:
    """Leave a workspace whose ledger is lost, and a backup."""
    job.update(folder, OLD)
    back_up(folder, folder / BACKUP)
    address = ledger_address(None, folder)
    if address.file is not None:
        for file in folder.glob(f"{address.file.name}*"):
            file.unlink()
        return
    engine = create_engine(address.url, isolation_level="AUTOCOMMIT")
    with closing(engine.raw_connection()) as connection:
        connection.cursor().execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        connection.commit()
    engine.dispose()


def restored(folder: Path) -> str:
    _, head = bring_back(folder, folder / BACKUP, older=False)
    return head


def has_head(folder: Path, head: str) -> bool:
    with opened(folder) as ledger:
        return last_head(ledger) == head


def restored_or_there(folder: Path) -> None:
    """Restore again; where the ledger turns out to be there, it is whole."""
    with suppress(LedgerError):
        restored(folder)
    assert there(folder)


def with_feed(folder: Path) -> None:
    feed = f'\n[inbox]\nprivate_hosts = ["127.0.0.1"]\n[[inbox.feeds]]\nurl = "{FEED_URL}"\n'
    text = (WORKSPACE + feed).replace(FEED_URL, os.environ.get(FEED_URL, "http://127.0.0.1:9/"))
    (folder / "forecast.toml").write_text(text, encoding="utf-8")


def fetched(folder: Path) -> str:
    result = fetch_feeds(folder, at_once=True)
    assert not result.failures
    return " ".join(draft.id for each in result.added for draft in each.new)


def with_news(folder: Path) -> None:
    (folder / "news.csv").write_text(NEWS, encoding="utf-8")


def added(folder: Path) -> str:
    return " ".join(
        draft.id for each in add(folder, [str(folder / "news.csv")]) for draft in each.new
    )


def has_drafts(folder: Path, ids: str) -> bool:
    return bool(ids) and set(ids.split()) <= {
        draft.id for draft in Inbox(folder / "inbox").drafts()
    }


STAGES = {
    "first run": Stage(
        lambda _: None, lambda at: a_run(at, NEW), has_run, lambda at: a_run(at, NEW)
    ),
    "run": Stage(
        lambda at: a_run(at, OLD), lambda at: a_run(at, NEW), has_run, lambda at: a_run(at, NEW)
    ),
    "prune": Stage(with_nights, pruned, has_pruned, pruned),
    "backup": Stage(
        lambda at: a_run(at, OLD),
        lambda at: back_up(at, at / BACKUP),
        has_backup,
        lambda at: back_up(at, at / NEXT_BACKUP),
        entered=False,
    ),
    "restore": Stage(without_ledger, restored, has_head, restored_or_there),
    "fetch": Stage(with_feed, fetched, has_drafts, fetched, entered=False),
    "add": Stage(with_news, added, has_drafts, added, entered=False),
}


_made: dict[datetime, NetworkEstimate] = {}


def made_once(inputs: Inputs, settings: Settings) -> NetworkEstimate:
    """Return a made-up estimate, the same of each cut-off: to write its draws takes a while."""
    if settings.as_of not in _made:
        _made[settings.as_of] = estimate_of(estimate(inputs, settings), settings)
    return _made[settings.as_of]


def made_up() -> None:
    """Put a made-up estimate in the place of estimation, in this process."""
    job.estimated = made_once


def prepared(stage: Stage, folder: Path) -> Path:
    """Return a workspace as it is before a stage."""
    write_workspace(folder)
    stage.prepare(folder)
    return folder


def faults_after(stage: Stage, folder: Path, acknowledged: str) -> list[str]:
    """Return what is wrong with a workspace whose stage was cut off; the next run is made in it."""
    wrong: list[str] = []
    lost = stage is STAGES["restore"] and not acknowledged  # it was before, which is told
    before = [] if lost else whole(folder)
    age_parts(folder)
    try:
        if acknowledged and not stage.holds(folder, acknowledged):
            wrong.append(f"lost: {acknowledged}")
        stage.again(folder)
        if stage.entered:
            a_run(folder, AFTER)
    except Exception as error:  # noqa: BLE001  it is told, with the state that it came of
        return [*wrong, *before, f"the next run: {type(error).__name__}: {error}"]
    left = sorted(str(file.relative_to(folder)) for file in parts(folder))
    return [*wrong, *before, *whole(folder), *(f"left behind: {name}" for name in left)]


def whole(folder: Path) -> list[str]:
    """Return what verification finds, where there is a ledger."""
    if not there(folder):
        return []
    try:
        with open_kept(folder, whatever=True) as kept:
            head = noted_head(kept.workspace)
            return list(
                verify(
                    kept.ledger, folder=kept.workspace.output_path, heads=[head] if head else []
                ).faults
            )
    except InputError as error:
        return [str(error)]


def parts(folder: Path) -> list[Path]:
    return [file for file in folder.rglob(".*") if ".part" in file.name]


def age_parts(folder: Path) -> None:
    """Have what a cut-off stage left behind be two days old."""
    then = time.time() - TWO_DAYS
    for file in parts(folder):
        os.utime(file, (then, then))
