"""Random networks with every kind of event, link and evidence, as engine arrays."""

import numpy as np

from forecast.engine._problem import (
    CAUSES,
    FACT,
    MULTIPLIES,
    ONSET,
    PREVENTS,
    REQUIRES,
    STATE,
    STAYS,
    UNCERTAIN,
    Parameters,
    Record,
    Structure,
    Windows,
)

HORIZON = 1.0


def random_structure(rng: np.random.Generator, n: int) -> Structure:
    kind = rng.choice([ONSET, STATE, FACT], size=n, p=[0.6, 0.25, 0.15])
    initially = np.zeros(n, dtype=np.int64)
    initially[kind == FACT] = UNCERTAIN
    initially[kind == STATE] = rng.choice([0, 1, UNCERTAIN], size=(kind == STATE).sum())
    links: dict[tuple[int, int], int] = {}
    for _ in range(rng.integers(0, 2 * n + 1)):
        parent, child = rng.integers(n, size=2)
        if parent != child and kind[child] != FACT:
            links[int(parent), int(child)] = int(
                rng.choice([CAUSES, MULTIPLIES, REQUIRES, PREVENTS], p=[0.35, 0.35, 0.15, 0.15])
            )
    windows = tuple(
        Windows(np.sort(rng.uniform(0, HORIZON, 2)), rng.choice([0.0, 0.5, 1.0, 2.0], size=3))
        if kind[i] != FACT and rng.random() < 0.25
        else None
        for i in range(n)
    )
    return Structure(
        kind=kind.astype(np.int64),
        initially=initially,
        link_kind=np.array(list(links.values()), dtype=np.int64),
        link_parent=np.array([parent for parent, _ in links], dtype=np.int64),
        link_child=np.array([child for _, child in links], dtype=np.int64),
        windows=windows,
        horizon=HORIZON,
    )


def random_record(rng: np.random.Generator, structure: Structure) -> Record:
    """Soft items anywhere; some events known over spans of the kind that observations give."""
    n = len(structure.kind)
    m = int(rng.integers(0, 7))
    spans: list[tuple[int, float, float, int]] = []
    for event in range(n):
        gated = np.any(
            (structure.link_child == event) & np.isin(structure.link_kind, [REQUIRES, PREVENTS])
        )
        draw, early, late = rng.random(), *np.sort(rng.uniform(0.05, HORIZON, 2))
        if structure.kind[event] == FACT:
            if draw < 0.3:
                spans.append((event, 0.0, np.inf, int(rng.integers(2))))
        elif structure.kind[event] == ONSET:
            if draw < 0.25:
                spans.append((event, 0.0, early, 0))
            elif draw < 0.5 and not gated and structure.windows[event] is None:
                spans += [(event, 0.0, early, 0), (event, late, np.inf, 1)]
            elif draw < 0.6 and not gated and structure.windows[event] is None:
                spans.append((event, late, np.inf, 1))
        elif draw < 0.3:
            spans.append((event, early, early, 0))
        elif draw < 0.6 and structure.initially[event] >= 0:
            spans.append((event, 0.0, early, int(structure.initially[event])))
    columns = list(zip(*spans, strict=True)) if spans else [(), (), (), ()]
    return Record(
        item_event=rng.integers(n, size=m),
        item_time=rng.choice([0.0, *rng.uniform(0, HORIZON, 4)], size=m),
        known_event=np.array(columns[0], dtype=np.int64),
        known_from=np.array(columns[1], dtype=np.float64),
        known_to=np.array(columns[2], dtype=np.float64),
        known_value=np.array(columns[3], dtype=np.int64),
    )


def watched(rng: np.random.Generator, structure: Structure, record: Record) -> Record:
    """The record with one to three items more that watch an event over a window."""
    more = int(rng.integers(1, 4))
    windows = np.sort(rng.uniform(0, HORIZON, (more, 2)), axis=1)
    windows[:, 0] = np.where(rng.random(more) < 0.2, 0.0, windows[:, 0])
    return record._replace(
        item_event=np.append(record.item_event, rng.integers(len(structure.kind), size=more)),
        item_time=np.append(record.item_time, windows[:, 1]),
        item_from=np.append(record.first_time, windows[:, 0]),
    )


def held(rng: np.random.Generator, structure: Structure, record: Record) -> Record:
    """The record with spans in which states change once at most, or not at all.

    As if nothing of them were observed but, now and then, the value at the end of a span.
    """
    states = np.flatnonzero(structure.kind == STATE)
    seen, more = rng.random(len(states)) < 0.5, rng.uniform(0.05, HORIZON, len(states))
    turns = np.where(seen, rng.integers(2, size=len(states)), STAYS)
    free = ~np.isin(record.known_event, states)
    record = record._replace(
        **{
            name: getattr(record, name)[free]
            for name in ("known_event", "known_from", "known_to", "known_value")
        }
    )
    return record._replace(
        known_event=np.append(record.known_event, states[seen]),
        known_from=np.append(record.known_from, more[seen]),
        known_to=np.append(record.known_to, more[seen]),
        known_value=np.append(record.known_value, turns[seen]),
        held_event=states,
        held_from=np.zeros(len(states)),
        held_to=more,
        held_turns=turns,
    )


def random_parameters(
    rng: np.random.Generator, structure: Structure, record: Record, rate: float = 2.0
) -> Parameters:
    n = len(structure.kind)
    multiplies = structure.link_kind == MULTIPLIES
    return Parameters(
        base_rate=rng.gamma(1.0, rate, n) + 0.05,
        off_rate=rng.gamma(1.0, rate, n) + 0.05,
        initial=rng.uniform(0.1, 0.9, n),
        effect=np.where(
            multiplies,
            np.exp(rng.normal(0, 0.8, len(multiplies))),
            rng.gamma(1.0, rate, len(multiplies)),
        ),
        factors=rng.uniform(0.05, 0.95, (len(record.item_event), 2)),
    )


def watched_problem(
    rng: np.random.Generator, most: int = 6
) -> tuple[Structure, Record, Parameters]:
    structure = random_structure(rng, int(rng.integers(1, most + 1)))
    record = watched(rng, structure, random_record(rng, structure))
    return structure, record, random_parameters(rng, structure, record)


def random_problem(rng: np.random.Generator, most: int = 6) -> tuple[Structure, Record, Parameters]:
    structure = random_structure(rng, int(rng.integers(1, most + 1)))
    record = random_record(rng, structure)
    return structure, record, random_parameters(rng, structure, record)
