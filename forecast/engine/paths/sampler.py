"""The path sampler: events' paths drawn given parameters and all evidence."""

from dataclasses import dataclass

from forecast.engine.paths.blocks import Blocks, blocks, wire
from forecast.engine.paths.complete import complete_paths
from forecast.engine.paths.problem import NOTHING, ImpossibleRecord, Problem, build_problem
from forecast.engine.paths.start import initial_paths
from forecast.engine.paths.state import Paths
from forecast.engine.paths.statistics import Stats, path_statistics
from forecast.engine.paths.sweep import sweep_layer
from forecast.engine.structure import Parameters, Record, Structure

__all__ = ["PathSampler", "make_sampler"]

SIZE, LAYERS = 5, 4
AT_RANDOM = -1
SHUT = 0.0


@dataclass(frozen=True)
class PathSampler:
    """Draws paths given parameters; holds nothing that changes.

    Parameters
    ----------
    problem
        The structure and the record.
    blocks
        Which events are redrawn together.
    """

    problem: Problem
    blocks: Blocks

    def initial(self, theta: Parameters, seed: int) -> Paths:
        """Return paths of positive probability, from which to start.

        Raises
        ------
        ImpossibleRecord
            If there seem to be none.
        """
        return initial_paths(self.problem, self.blocks, theta, seed)

    def sweep(self, theta: Parameters, paths: Paths, seed: int) -> Paths:
        """Return the paths after every uncertain event is redrawn at least once, in blocks.

        What `paths` hold beyond the ends of their events, as completed ones do, is not read.

        Raises
        ------
        ImpossibleRecord
            If the paths of some block are impossible given `theta` and the other paths.
        """
        if len(self.blocks.size) == 0:
            return paths
        paths, stuck = sweep_layer(self.problem, self.blocks, theta, paths, AT_RANDOM, seed, SHUT)
        if stuck != NOTHING:
            raise ImpossibleRecord(self.members(stuck))
        return paths

    def members(self, block: int) -> list[int]:
        """Return the events of a block."""
        first = self.blocks.first_slot[block]
        found: list[int] = self.blocks.slot_event[first : first + self.blocks.size[block]].tolist()
        return found

    def statistics(self, paths: Paths) -> Stats:
        """Return what the likelihood needs of paths."""
        stats: Stats = path_statistics(self.problem, paths)
        return stats

    def complete(self, theta: Parameters, paths: Paths, until: float, seed: int) -> Paths:
        """Return the paths of all events up to a time, those of no evidence simulated."""
        whole: Paths = complete_paths(self.problem, theta, paths, until, seed)
        return whole


def make_sampler(
    structure: Structure, record: Record, size: int = SIZE, layers: int = LAYERS
) -> PathSampler:
    """Return the path sampler of a network and its record.

    Parameters
    ----------
    structure, record
        The network; what is known and said.
    size
        Most events that are redrawn together; the work for a block doubles with each.
    layers
        How many ways of cutting the network into blocks sweeps choose from.

    Raises
    ------
    ImpossibleRecord
        If two things known of one event contradict each other.
    """
    problem = build_problem(structure, record)
    return PathSampler(problem, wire(problem, blocks(problem, size, layers)))
