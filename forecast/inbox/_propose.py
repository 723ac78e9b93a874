"""What a machine proposes for drafts."""

from collections.abc import Iterable, Sequence

from forecast.evidence import Evidence
from forecast.inbox._draft import Draft
from forecast.inbox._proposal import Proposal
from forecast.inbox._store import Decision
from forecast.network import Network


def propose(
    drafts: Sequence[Draft],
    networks: Sequence[Network],
    evidence: Evidence,
    *,
    filed: Iterable[Decision] = (),
) -> list[Proposal]:
    """Return a proposal for each draft."""
    del networks, evidence, filed
    return [Proposal(draft.id) for draft in drafts]
