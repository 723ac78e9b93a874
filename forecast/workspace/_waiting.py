"""The drafts of a workspace that wait, each with what is proposed and the row that it would be."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from forecast.errors import Fault, InputError
from forecast.evidence import Evidence
from forecast.files._evidence_file import cell_of
from forecast.inbox._draft import Draft
from forecast.inbox._prefill import Prefilled, prefilled
from forecast.inbox._proposal import Proposal
from forecast.inbox._propose import propose
from forecast.inbox._store import Suggestion
from forecast.network import Network
from forecast.workspace._choices import Filing, Skip
from forecast.workspace._filed import by_draft, inbox_of, on_file, whole
from forecast.workspace._filing import Filed, decide


@dataclass(frozen=True)
class Waiting:
    """A draft on which nobody has decided.

    Parameters
    ----------
    draft
        The draft.
    proposal
        What a machine proposes for it; it decides nothing.
    prefilled
        It as a row of evidence, as far as it is known.
    suggested
        The newest of what assistants propose for it, which then is what is prefilled.
    """

    draft: Draft
    proposal: Proposal
    prefilled: Prefilled
    suggested: Suggestion | None = None

    @property
    def row(self) -> dict[str, str]:
        """What it is and would be, flat, for a table: ``pd.DataFrame([w.row for w in waiting])``.

        Text is as a stranger wrote it, but for control characters.
        """
        cells = self.prefilled.cells
        missing = ", ".join(self.prefilled.missing)
        return {
            "draft": self.draft.id,
            "title": cells.get("text", ""),
            "outlet": self.draft.outlet,
            **{name: cells.get(name, "") for name in ("published", "event", "source", "claim")},
            "missing": missing,
        }

    def filing(self, **changed: str | bool | None) -> Filing:
        """Return it as an item of evidence, to be accepted; or as those that an assistant proposes.

        Parameters
        ----------
        **changed
            Cells that are to be other than prefilled, by column; an empty one is left out. True and
            False are on and off.
        """
        rows = ({**cells, **changed}.items() for cells in self.prefilled.rows)
        filled = tuple(
            {name: cell_of(name, cell) for name, cell in row if cell not in (None, "")}
            for row in rows
        )
        return Filing(draft=self.draft.id, rows=filled, proposed=self.prefilled.proposed)


@dataclass(frozen=True)
class Pile:
    """What waits, and what can be said of it.

    Parameters
    ----------
    waiting
        The drafts that wait, in the order in which they came.
    networks
        The networks of the workspace.
    evidence
        Its evidence.
    """

    waiting: tuple[Waiting, ...]
    networks: tuple[Network, ...]
    evidence: Evidence

    @property
    def events(self) -> dict[str, str]:
        """The title of each event that an item can be on, by id."""
        return {each.id: each.title for network in self.networks for each in network.nodes}

    @property
    def sources(self) -> dict[str, str]:
        """The title of each source, by id."""
        return {each.id: each.title for network in self.networks for each in network.sources}


def pile(folder: Path) -> Pile:
    """Return what waits in a workspace.

    Raises
    ------
    InputError
        If the workspace has faults, or its inbox cannot be read.
    """
    contents, _ = whole(folder)
    placed = on_file(contents)
    filed = by_draft(item for item, _ in placed.values())
    evidence = Evidence(item for item, _ in placed.values())
    networks = tuple(inputs.network for inputs in contents.inputs)
    inbox = inbox_of(folder)
    everything = inbox.drafts()
    decided = inbox.standing()
    drafts = [each for each in everything if each.id not in decided and each.id not in filed]
    proposals = propose(drafts, networks, evidence, filed=decided.values(), others=everything)
    by_id: Mapping[str, Proposal] = {each.draft: each for each in proposals}
    suggestions = {each.draft: each for each in inbox.suggestions()}
    sources = {source.id for network in networks for source in network.sources}
    found = []
    for draft in drafts:
        proposal = by_id.get(draft.id, Proposal(draft.id))
        suggested = suggestions.get(draft.id)
        filled = prefilled(draft, proposal, sources, suggested)
        found.append(Waiting(draft, proposal, filled, suggested))
    return Pile(tuple(found), networks, evidence)


def waiting(folder: str | Path) -> list[Waiting]:
    """Return the drafts of a workspace on which nobody has decided, with what is proposed.

    Parameters
    ----------
    folder
        The workspace: a folder with a ``forecast.toml``.

    Raises
    ------
    InputError
        If the workspace has faults, or its inbox cannot be read.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from forecast.workspace._start import start_workspace
    >>> import forecast as fc
    >>> with TemporaryDirectory() as folder:
    ...     _ = start_workspace(Path(folder) / "news")
    ...     fc.waiting(Path(folder) / "news")
    []
    """
    return list(pile(Path(folder)).waiting)


def accept(folder: str | Path, filings: Sequence[Filing], *, by: str) -> Filed:
    """Accept drafts as items of evidence, all or none.

    The whole workspace is checked with the new items first. Then the evidence is written in one
    step, and the decisions are noted.

    Parameters
    ----------
    folder
        The workspace.
    filings
        Which drafts, each with its rows; as `Waiting.filing` returns them.
    by
        Who accepts; kept with each item, and in the ledger with each run that sees it.

    Returns
    -------
    Filed
        The items' ids by draft, the file that they stand in, and new warnings.

    Raises
    ------
    InputError
        With every fault, each with its draft and field; nothing is written then.
    ForecastError
        If a file cannot be written.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from forecast.inbox._draft import Draft
    >>> from forecast.workspace._filed import inbox_of
    >>> from forecast.workspace._start import start_workspace
    >>> import forecast as fc
    >>> now = datetime.now(UTC)
    >>> draft = Draft("d0123456789ab", now, "notes", "text", title="Talks begin", published=now)
    >>> with TemporaryDirectory() as folder:
    ...     news = Path(folder) / "news"
    ...     _ = start_workspace(news)
    ...     _ = inbox_of(news).add([draft])
    ...     (one,) = fc.waiting(news)
    ...     filing = one.filing(event="works_begin", source="courier", claim="on")
    ...     filed = fc.accept(news, [filing], by="ann")
    ...     len(filed.items[draft.id]), fc.waiting(news)
    (1, [])
    """
    one = "one.filing(event=…, source=…, claim=…)"
    remedy = f"Give a list of filings: fc.accept(folder, [{one}], by=…)."
    return decide(Path(folder), _listed(filings, Filing, "filings", remedy), by=by)


def skip(
    folder: str | Path, drafts: Sequence[str | Draft | Waiting], *, by: str, why: str = ""
) -> Filed:
    """Leave drafts out of the evidence, all or none.

    Parameters
    ----------
    folder
        The workspace.
    drafts
        Their ids, or the drafts themselves, waiting or not.
    by, why
        Who leaves them out, and a remark.

    Raises
    ------
    InputError
        If one is unknown, or decided already.
    """
    remedy = "Give a list of their ids: fc.skip(folder, ['d0123456789ab'], by=…)."
    some = _listed(drafts, (str, Draft, Waiting), "drafts", remedy)
    return decide(Path(folder), [Skip(draft=_id_of(each), why=why) for each in some], by=by)


def _id_of(draft: str | Draft | Waiting) -> str:
    match draft:
        case Waiting():
            return draft.draft.id
        case Draft():
            return draft.id
        case _:
            return draft


def _listed[One](
    some: Iterable[One], kinds: type | tuple[type, ...], name: str, remedy: str
) -> list[One]:
    """Return what is given as a list; refuse one alone, and what is none of its kinds."""
    if isinstance(some, str) or not isinstance(some, Iterable):
        found = some if isinstance(some, str) else type(some).__name__
        raise InputError(Fault(f"is no list of {name}", remedy, field=name, value=found))
    listed = list(some)
    faults = [
        Fault(f"is none of the {name} to decide on", remedy, field=f"{name}.{at}", value=told)
        for at, each in enumerate(listed)
        if not isinstance(each, kinds)
        for told in [type(each).__name__]
    ]
    if faults:
        raise InputError(faults)
    return listed
