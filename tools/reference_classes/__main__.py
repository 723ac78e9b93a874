"""Write the reference classes that come from data sets, or check them against the data.

    python -m tools.reference_classes --data DIR            write priors/reference_classes/*.csv
    python -m tools.reference_classes --data DIR --check    compare only; exit code 1 if one differs

DIR holds ``ucdp_acd_25_1``, ``atop_5`` and ``arms_transfer_rates`` as their sources give them.
Classes counted by hand (the head's ``script`` says so) are not touched.
"""

from collections.abc import Mapping
from pathlib import Path

import click
import pandas as pd

from tools.reference_classes import arms, pacts, troops
from tools.reference_classes.writing import class_text

FOLDER = Path(__file__).parents[2] / "priors" / "reference_classes"


def derived(data: Path) -> Mapping[str, str]:
    """Return the text of every derived class by name."""
    parties = pd.read_csv(data / "ucdp_acd_25_1" / "ucdp_acd_participants.csv.gz")
    support = pd.read_csv(data / "ucdp_acd_25_1" / "third_party_troop_support.csv.gz")
    events = pd.read_csv(data / "atop_5" / "new_defence_pact_events.csv")
    hazard = pd.read_csv(data / "atop_5" / "defence_pact_formation_hazard_by_year.csv")
    rates = pd.read_csv(data / "arms_transfer_rates" / "supplier_recipient_year_rates.csv")
    years = range(pacts.FIRST, int(hazard["year"].max()) + 1)
    since = events[events["year"] >= pacts.FIRST]
    return {
        "troop_entry": class_text(troops.ENTRY_HEAD, troops.entries_by_war(parties, support)),
        "troop_entry_by_state": class_text(
            troops.STATE_HEAD, troops.entries_by_state(support, hazard)
        ),
        "defence_pacts": class_text(pacts.DYAD_HEAD, pacts.pacts_by_dyad(since, hazard)),
        "defence_pacts_by_region": class_text(
            pacts.REGION_HEAD, pacts.pacts_by_region(since, years)
        ),
        "first_arms_delivery": class_text(arms.DELIVERY_HEAD, arms.deliveries(rates)),
        "arms_orders": class_text(arms.ORDER_HEAD, arms.orders(rates)),
    }


@click.command()
@click.option(
    "--data", type=click.Path(path_type=Path, exists=True, file_okay=False), required=True
)
@click.option("--check", is_flag=True, help="Compare only.")
def main(data: Path, *, check: bool) -> None:
    """Write the derived reference classes, or compare them."""
    differing = []
    for name, text in derived(data).items():
        path = FOLDER / f"{name}.csv"
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        differing.append(name)
        if not check:
            path.write_text(text, encoding="utf-8")
    click.echo(f"{'differ' if check else 'written'}: {', '.join(differing) or 'none'}")
    if check and differing:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
