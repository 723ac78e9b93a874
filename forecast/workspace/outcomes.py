"""Outcomes of past questions in a workspace: its files of resolutions, held against its ledger."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from forecast.errors import Fault, InputError, did_you_mean
from forecast.evidence import Resolution, Resolutions, resolution_faults
from forecast.files.resolutions_file import RESOLUTIONS_FILE, scan_resolutions
from forecast.network import Network

if TYPE_CHECKING:  # the ledger reaches the database library
    from forecast.ledger import ResolutionRecord

__all__ = ["clashes_with_word", "outcome_faults", "scan_outcomes"]


def scan_outcomes(evidence: Iterable[Path]) -> tuple[Resolutions, tuple[Fault, ...]]:
    """Return the resolutions that stand in a workspace's folders of evidence, and their faults.

    Parameters
    ----------
    evidence
        The files and folders of evidence.
    """
    found: list[Resolutions] = []
    faults: list[Fault] = []
    for folder in evidence:
        file = folder / RESOLUTIONS_FILE
        if folder.is_dir() and file.exists():
            resolutions, wrong = scan_resolutions(file)
            found.append(resolutions)
            faults += wrong
    try:
        places = {name: at for each in found for name, at in each.places.items()}
        everything = Resolutions((one for each in found for one in each), places=places)
    except InputError as error:
        return Resolutions(), (*faults, *error.faults)
    return everything, tuple(faults)


def outcome_faults(resolutions: Resolutions, networks: Sequence[Network]) -> Iterator[Fault]:
    """Yield what is wrong with resolutions against the networks of a workspace."""
    events = {event.id for network in networks for event in network.events}
    for each in resolutions:
        if each.event not in events:
            file, line = resolutions.places[each.id]
            yield Fault(
                "unknown event",
                did_you_mean(each.event, events),
                file,
                line,
                f"resolution '{each.id}': event",
                each.event,
            )
    for network in networks:
        yield from resolution_faults(resolutions.about(network), network)


def clashes_with_word(
    resolutions: Resolutions, words: Mapping[str, "ResolutionRecord"]
) -> Iterator[Fault]:
    """Yield each resolution that says otherwise than the last word on its event in the ledger.

    Parameters
    ----------
    resolutions
        What the file says, question by question.
    words
        What the ledger says, by event.
    """
    for each in resolutions.scored:
        word = words.get(each.event)
        said = None if word is None else _by_word(each, word)
        if said is None or said == each.outcome:
            continue
        file, line = resolutions.places.get(each.id, ("", 0))
        yield Fault(
            f"the ledger says {said} of this event by {each.deadline}",
            "Correct the file, or record what became of the event anew with 'forecast resolve'.",
            file,
            line,
            f"resolution '{each.id}': outcome",
            each.outcome,
        )


def _by_word(each: Resolution, word: "ResolutionRecord") -> str | None:
    """Return the answer to a question that follows from the ledger's word, if one does."""
    if word.at is None or word.outcome == "void":
        return None
    if word.outcome == "happened":
        return "yes" if word.at <= each.by else "no"
    return "no" if each.by <= word.at else None
