"""eventcast itself on the problem of the peers: the whole call that a user makes."""

import forecast as fc
from benchmarks.peers.outcome import WANTED, Outcome, Spent, Watch, peak_memory, typical
from benchmarks.peers.problems import problem

__all__ = ["sample"]

FEWEST, MOST = 256, 65536


def sample(name: str, seed: int) -> Outcome:
    """Return the forecast at the fewest draws, a power of two, that come to 400 effective ones.

    Timed is `fc.update`, which estimates the prior besides, and the one forecast; the network and
    the evidence are in memory. Effective are the draws that the weights leave: 1 / Σ w². Nothing is
    scaled: a run that leaves more than 400 counts with all that it took.
    """
    network, evidence, as_of, event, by = problem(name)

    def work(draws: int) -> tuple[fc.Posterior, fc.Probability]:
        post = fc.update(
            network, evidence, as_of=as_of, draws=draws, seed=seed, method="importance"
        )
        return post, post.probability(event, by=by)

    watch = Watch()
    work(FEWEST)
    first = watch.lap()
    draws = FEWEST
    post, said = work(draws)
    while draws < MOST and not (post.fitted.ess >= WANTED and post.gate.passed):
        draws *= 2
        post, said = work(draws)
    spent = typical(lambda: work(draws))
    return Outcome(
        peer="eventcast",
        mean=said.mean,
        mcse=said.mcse,
        ess=float(post.fitted.ess),
        draws=draws,
        compiling=first.less(spent),
        warming=Spent(0.0, 0.0),
        sampling=spent,
        wanted=spent,
        bytes=peak_memory(),
        note=f"gate: {post.gate}",
    )
