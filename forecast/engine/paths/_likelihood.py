"""The likelihood of parameters given paths, by way of statistics that suffice for all of them.

While an event is off its on-rate depends on which of its causes and multipliers are on. Its path
and its parents' cut time into stretches over which that set is constant; stretches with the same
set are added up into one *row* with the time spent there, weighted by the calendar, and whether
the event started there. Where a gate or the calendar is closed the rate is 0, so there is no row.

Each row adds ``starts * log(rate) - exposure * rate``; each state that ends the
same in its off-rate; each uncertain start and each item the logarithm of its probability, in
proportion to the time that its event spends on and off where it watches one [1]_. A count is
Poisson with the mean of its two expectations by that share.

References
----------
.. [1] Nodelman, Shelton & Koller (2003). Learning continuous time Bayesian networks. UAI.
"""

from typing import NamedTuple

import numpy as np

from forecast.engine._channels import poisson
from forecast.engine._course import Paths, shell_sort
from forecast.engine._jit import bare, bare_kernel, entry, kernel
from forecast.engine._problem import FACT, STATE, Floats, Ints, Parameters
from forecast.engine._rate import SHUT, acts, add_link_slope, shuts, take_in
from forecast.engine._start import row_at
from forecast.engine.paths._marks import FALLS, FREE, GIVEN, OVER, RISES, Marks

ROUNDING = 1e-12  # of a sum of shares of a window


class Stats(NamedTuple):
    """What the likelihood needs of paths; sizes grow with links and jumps, not with time.

    Parameters
    ----------
    row_event, row_exposure, row_starts
        Event, weighted time spent off, and starts of each row, shape (row,).
    first_link, row_link
        ``row_link[first_link[r]:first_link[r + 1]]`` are the causes and multipliers that are on.
    link_kind
        Shape (link,).
    off_exposure, off_jumps
        Time that each state spends on, and how often it ends, shape (event,).
    initially
        0 or 1 where a start is a matter of chance, else -1, shape (event,).
    start
        Where the chance of that stands among `Parameters.initial`, shape (event,).
    item_on
        The share of the time that each item speaks of for which its event is on: 0 or 1 where
        that is a moment, shape (item,).
    item_count
        The number that each item counted, or -1, shape (item,).
    broken
        How often each event's path contradicts what is known, a gate or the calendar,
        shape (event,).
    log_weight
        The sum of the logarithms of the calendar weights at starts.
    """

    row_event: Ints
    row_exposure: Floats
    row_starts: Floats
    first_link: Ints
    row_link: Ints
    link_kind: Ints
    off_exposure: Floats
    off_jumps: Floats
    initially: Ints
    start: Ints
    item_on: Floats
    item_count: Ints
    broken: Ints
    log_weight: float


class _Rows(NamedTuple):
    """Rows as they are added, with room for more."""

    event: Ints
    exposure: Floats
    starts: Floats
    first: Ints
    link: Ints


@kernel
def _roomy(rows: _Rows, n: int, links: int) -> _Rows:
    """Return the same rows with room for one more that has so many links."""
    event, exposure, starts = rows.event, rows.exposure, rows.starts
    first, link = rows.first, rows.link
    if n + 1 > len(event):
        more = 2 * n + 16
        event, exposure, starts = np.empty(more, dtype=np.int64), np.empty(more), np.empty(more)
        first = np.zeros(more + 1, dtype=np.int64)
        for i in range(n):
            event[i], exposure[i], starts[i] = rows.event[i], rows.exposure[i], rows.starts[i]
            first[i + 1] = rows.first[i + 1]
    if first[n] + links > len(link):
        link = np.empty(2 * (first[n] + links) + 16, dtype=np.int64)
        for i in range(first[n]):
            link[i] = rows.link[i]
    return _Rows(event, exposure, starts, first, link)


@bare_kernel
def _row_of(p: Marks, event: int, on: Ints, first_row: int, n: int, rows: _Rows) -> int:
    """Return the row of an event with the causes and multipliers that are on; at `n` if new."""
    at = rows.first[n]
    for i in range(p.graph.first_in[event], p.graph.first_in[event + 1]):
        link = p.graph.in_link[i]
        if acts(p.graph.link_kind[link], on[i - p.graph.first_in[event]]):
            rows.link[at] = link
            at += 1
    count = at - rows.first[n]
    for row in range(first_row, n):
        if rows.first[row + 1] - rows.first[row] != count:
            continue
        same = True
        for i in range(count):
            same &= rows.link[rows.first[row] + i] == rows.link[rows.first[n] + i]
        if same:
            return row
    rows.event[n], rows.exposure[n], rows.starts[n] = event, 0.0, 0.0
    rows.first[n + 1] = at
    return n


@bare_kernel
def _gates_open(p: Marks, event: int, on: Ints) -> bool:
    for i in range(p.graph.first_in[event], p.graph.first_in[event + 1]):
        if shuts(p.graph.link_kind[p.graph.in_link[i]], on[i - p.graph.first_in[event]]):
            return False
    return True


@bare_kernel
def _moments(p: Marks, event: int, paths: Paths, time: Floats, tag: Ints) -> int:
    """Fill in what happens in an event's life, by time, up to its end; return how much.

    Tags: its own jump -1; its own mark m is -2 - m; a jump of the parent of its i-th link is i.
    """
    n, end = 0, p.end[event]
    for mark in range(p.first_mark[event], p.first_mark[event + 1]):
        if p.mark_time[mark] <= end:
            time[n], tag[n] = p.mark_time[mark], -2 - mark
            n += 1
    for i in range(paths.first[event], paths.first[event] + paths.jumps[event]):
        if paths.time[i] <= end:
            time[n], tag[n] = paths.time[i], -1
            n += 1
    for i in range(p.graph.first_in[event], p.graph.first_in[event + 1]):
        parent = p.graph.link_parent[p.graph.in_link[i]]
        for j in range(paths.first[parent], paths.first[parent] + paths.jumps[parent]):
            if paths.time[j] <= end:
                time[n], tag[n] = paths.time[j], i - p.graph.first_in[event]
                n += 1
    shell_sort(time, tag, n)
    return n


@bare_kernel
def _as_given(p: Marks, event: int, paths: Paths) -> bool:
    """Return whether an event's path is the course that is given of it."""
    first, jumps = p.first_mark[event], p.first_mark[event + 1] - p.first_mark[event] - 1
    same = paths.initial[event] == p.graph.initially[event] and paths.jumps[event] == jumps
    for i in range(jumps if same else 0):
        same &= paths.time[paths.first[event] + i] == p.mark_time[first + 1 + i]
    return bool(same)


@bare_kernel
def _most_moments(p: Marks, event: int, paths: Paths) -> int:
    n = p.first_mark[event + 1] - p.first_mark[event] + paths.jumps[event]
    for i in range(p.graph.first_in[event], p.graph.first_in[event + 1]):
        n += paths.jumps[p.graph.link_parent[p.graph.in_link[i]]]
    return int(n)


@entry
def path_statistics(p: Marks, paths: Paths) -> Stats:
    """Return the sufficient statistics of paths."""
    events = len(p.graph.kind)
    off_exposure, off_jumps = np.zeros(events), np.zeros(events)
    initially, broken = np.full(events, FREE), np.zeros(events, dtype=np.int64)
    begins = np.zeros(events, dtype=np.int64)
    item_on = np.zeros(len(p.item_event))
    most_links = most = 0
    for event in range(events):
        most = max(most, _most_moments(p, event, paths))
        most_links = max(most_links, p.graph.first_in[event + 1] - p.graph.first_in[event])
    time, tag = np.empty(most), np.empty(most, dtype=np.int64)
    on = np.empty(most_links, dtype=np.int64)
    rows = _Rows(
        np.empty(0, dtype=np.int64),
        np.empty(0),
        np.empty(0),
        np.zeros(1, dtype=np.int64),
        np.empty(0, dtype=np.int64),
    )
    n, log_weight = 0, 0.0
    for event in range(events):
        if p.end[event] < 0:
            continue
        if p.mark_known[p.first_mark[event]] == GIVEN:
            broken[event] += 0 if _as_given(p, event, paths) else 1
            continue
        x, kind, first_row = paths.initial[event], p.graph.kind[event], n
        if p.graph.initially[event] < 0:
            at = row_at(p.graph.start, event, paths.initial)
            if at < p.graph.start.rows[event]:
                initially[event], begins[event] = x, p.graph.start.first[event] + at
            elif x == 1:
                broken[event] += 1
        elif p.graph.initially[event] != x:
            broken[event] += 1
        links = p.graph.first_in[event + 1] - p.graph.first_in[event]
        for i in range(links):
            on[i] = paths.initial[p.graph.link_parent[p.graph.in_link[p.graph.first_in[event] + i]]]
        mark, then, row, stale = p.first_mark[event], 0.0, -1, True
        for k in range(_moments(p, event, paths, time, tag)):
            length = time[k] - then
            then = time[k]
            weight = p.mark_weight[mark]
            over = p.mark_known[mark] == OVER
            starts = tag[k] == -1 and x == 0
            if x == 1:
                for i in range(p.first_watch[mark], p.first_watch[mark + 1]):
                    item_on[p.watch[i]] += length * p.item_weight[p.watch[i]]
            if x == 0 and kind != FACT and (length > 0 or starts) and not over:
                if stale and weight > 0:
                    rows, row = _roomy(rows, n, links), -1
                    if _gates_open(p, event, on):
                        row = _row_of(p, event, on, first_row, n, rows)
                        n = max(n, row + 1)
                    stale = False
                if row >= 0 and weight > 0:
                    rows.exposure[row] += weight * length
            elif x == 1 and kind == STATE and not over:
                off_exposure[event] += length
            if tag[k] >= 0:
                on[tag[k]] = 1 - on[tag[k]]
                stale = True
            elif tag[k] == -1:
                known = p.mark_known[mark]
                bound = known not in (FREE, FALLS if x == 1 else RISES)
                if bound or kind == FACT or (x == 1 and kind != STATE):
                    broken[event] += 1
                elif x == 1:
                    off_jumps[event] += 1
                elif row < 0 or weight <= 0.0:
                    broken[event] += 1
                else:
                    rows.starts[row] += 1
                    log_weight += np.log(weight)
                x = 1 - x
            else:
                mark = -2 - tag[k]
                if p.mark_must[mark] not in (FREE, x):
                    broken[event] += 1
                for i in range(p.first_item[mark], p.first_item[mark + 1]):
                    item_on[p.item[i]] = x
    for item in range(len(item_on)):
        if item_on[item] > 1.0 - ROUNDING:
            item_on[item] = 1.0
    return Stats(
        rows.event[:n].copy(),
        rows.exposure[:n].copy(),
        rows.starts[:n].copy(),
        rows.first[: n + 1].copy(),
        rows.link[: rows.first[n]].copy(),
        p.graph.link_kind,
        off_exposure,
        off_jumps,
        initially,
        begins,
        item_on,
        p.item_count,
        broken,
        log_weight,
    )


@bare
def _rows_of(stats: Stats, event: int) -> tuple[int, int]:
    """Return where the rows of an event begin and end."""
    first = int(np.searchsorted(stats.row_event, event))
    last = first
    while last < len(stats.row_event) and stats.row_event[last] == event:
        last += 1
    return first, last


@bare
def _rate_of(stats: Stats, row: int, theta: Parameters) -> tuple[float, float]:
    """Return the sum and the factor of a row's rate."""
    total, factor = theta.base_rate[stats.row_event[row]], 1.0
    for i in range(stats.first_link[row], stats.first_link[row + 1]):
        link = stats.row_link[i]
        total, factor = take_in(stats.link_kind[link], 1, theta.effect, link, SHUT, total, factor)
    return total, factor


@bare
def event_term(stats: Stats, event: int, theta: Parameters) -> float:
    """Return what an event's path adds."""
    total = 0.0
    if stats.off_jumps[event] > 0 or stats.off_exposure[event] > 0:
        total -= stats.off_exposure[event] * theta.off_rate[event]
        if stats.off_jumps[event] > 0:
            total += stats.off_jumps[event] * np.log(theta.off_rate[event])
    if stats.initially[event] == 1:
        total += np.log(theta.initial[stats.start[event]])
    elif stats.initially[event] == 0:
        total += np.log1p(-theta.initial[stats.start[event]])
    first, last = _rows_of(stats, event)
    for row in range(first, last):
        rate, factor = _rate_of(stats, row, theta)
        total -= stats.row_exposure[row] * rate * factor
        if stats.row_starts[row] > 0:
            total += stats.row_starts[row] * np.log(rate * factor)
    return float(total)


@bare
def share_term(on: float, count: int, off_factor: float, on_factor: float) -> float:
    """Return what an item adds whose event is on for a share of the time that it speaks of."""
    total = 0.0
    if count >= 0:
        return float(poisson(float(count), (1.0 - on) * off_factor + on * on_factor))
    if on > 0.0:
        total += on * np.log(on_factor)
    if on < 1.0:
        total += (1.0 - on) * np.log(off_factor)
    return float(total)


@bare
def item_term(stats: Stats, item: int, theta: Parameters) -> float:
    """Return what an item adds."""
    on, count = stats.item_on[item], stats.item_count[item]
    return float(share_term(on, count, theta.factors[item, 0], theta.factors[item, 1]))


@entry
def path_log_likelihood(stats: Stats, theta: Parameters) -> float:
    """Return log p(paths, evidence | theta); -inf where the paths are impossible."""
    total = stats.log_weight
    for event in range(len(stats.broken)):
        if stats.broken[event] > 0:
            return -np.inf
        total += event_term(stats, event, theta)
    for item in range(len(stats.item_on)):
        total += item_term(stats, item, theta)
    return float(total)


@entry
def path_log_likelihood_and_gradient(stats: Stats, theta: Parameters, slope: Parameters) -> float:
    """Return the log likelihood; its slopes are *added* to `slope`, of the same shapes."""
    total = float(path_log_likelihood(stats, theta))
    if total == -np.inf:
        return total
    for event in range(len(stats.broken)):
        slope.off_rate[event] -= stats.off_exposure[event]
        if stats.off_jumps[event] > 0:
            slope.off_rate[event] += stats.off_jumps[event] / theta.off_rate[event]
        if stats.initially[event] == 1:
            slope.initial[stats.start[event]] += 1.0 / theta.initial[stats.start[event]]
        elif stats.initially[event] == 0:
            slope.initial[stats.start[event]] -= 1.0 / (1.0 - theta.initial[stats.start[event]])
    for row in range(len(stats.row_event)):
        rate, factor = _rate_of(stats, row, theta)
        gain = stats.row_starts[row] / (rate * factor) - stats.row_exposure[row]
        slope.base_rate[stats.row_event[row]] += gain * factor
        for i in range(stats.first_link[row], stats.first_link[row + 1]):
            link = stats.row_link[i]
            kind = stats.link_kind[link]
            add_link_slope(kind, theta.effect, link, gain, rate, factor, slope.effect)
    for item in range(len(stats.item_on)):
        on = stats.item_on[item]
        if stats.item_count[item] >= 0:
            mean = (1.0 - on) * theta.factors[item, 0] + on * theta.factors[item, 1]
            by_mean = stats.item_count[item] / mean - 1.0
            slope.factors[item, 0] += (1.0 - on) * by_mean
            slope.factors[item, 1] += on * by_mean
            continue
        if on > 0.0:
            slope.factors[item, 1] += on / theta.factors[item, 1]
        if on < 1.0:
            slope.factors[item, 0] += (1.0 - on) / theta.factors[item, 0]
    return total
