"""The long form: `python -m tests.reference.long` asks hundreds of networks and keeps the result.

Names of groups after it ask those alone, and leave what is kept of the others.
"""

import json
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from forecast.errors import ForecastError
from tests.commit import commit
from tests.reference.compare import ERRORS, WITHIN
from tests.reference.groups import GROUPS, Group, Outcome

RESULT = Path(__file__).parent / "result.json"
COMMIT = commit()  # what was loaded, whatever is committed while it runs


def summary(group: Group, outcomes: list[Outcome], failed: dict[int, str]) -> dict[str, Any]:
    """What came of a group: figures, and each network that is wrong or failed."""
    wrong = [outcome.told() for outcome in outcomes if outcome.wrong]
    return {
        "method": group.method,
        "way": group.way,
        "rates per year": [group.size.slow, group.size.fast],
        "networks": len(outcomes) + len(failed),
        "by tied events": dict(sorted(Counter(o.case.tied for o in outcomes).items())),
        "probabilities": sum(len(outcome.rows) for outcome in outcomes),
        "largest difference in bounds": max(
            (o.largest for o in outcomes if not o.wrong), default=0.0
        ),
        "most errors in bounds": max((o.in_errors for o in outcomes if not o.wrong), default=0.0),
        "largest difference": max((o.largest for o in outcomes), default=0.0),
        "seconds": round(sum(outcome.seconds for outcome in outcomes)),
        "networks out of bounds": len(wrong),
        "out of bounds": wrong,
        "failed": failed,
        "commit": COMMIT,
        "date": datetime.now(UTC).date().isoformat(),
    }


def ask(name: str) -> dict[str, Any]:
    """Ask all networks of a group."""
    group, outcomes, failed = GROUPS[name], [], dict[int, str]()
    for seed in group.seeds(group.long):
        try:
            outcomes.append(group.outcome(seed))
        except ForecastError as error:
            failed[seed] = str(error)
        if outcomes and outcomes[-1].wrong and outcomes[-1].seed == seed:
            sys.stderr.write(f"{name} {seed}: {outcomes[-1].wrong[0]}\n")
    return summary(group, outcomes, failed)


def main(names: list[str]) -> None:
    """Ask the groups named, or all, and keep what comes of each as it comes."""
    kept = json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.exists() else {}
    kept["bounds"] = {"absolute": WITHIN, "errors stated": ERRORS}
    groups = kept.setdefault("groups", {})
    for name in names or list(GROUPS):
        groups[name] = ask(name)
        total = {"networks": 0, "probabilities": 0, "networks out of bounds": 0}
        kept["total"] = {key: sum(group[key] for group in groups.values()) for key in total}
        RESULT.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
