"""Many processes that say the same publish it once; those that make the ledger make one."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from forecast.ledger import Address, open_ledger, verify
from tests.ledger.writer import write_same

PROCESSES, TIMES = 8, 20


def test_eight_processes_with_twenty_identical_runs_publish_once(
    address: Address, tmp_path: Path
) -> None:
    """The ledger is not there yet: they race to make it, too."""
    url = address.url.render_as_string(hide_password=False)
    context = get_context("forkserver")
    context.set_forkserver_preload(["tests.ledger.writer"])
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        jobs = [pool.submit(write_same, url, tmp_path, TIMES) for _ in range(PROCESSES)]
        news = [new for job in jobs for new in job.result()]
    assert (len(news), sum(news)) == (PROCESSES * TIMES, 1)
    with open_ledger(address) as ledger:
        found = verify(ledger)
    assert (found.entries, found.passed) == (1, True)
