"""First deliveries and new orders of major arms, from aggregates of SIPRI's transfers database.

Only counts over all pairs of a year are at hand: twenty suppliers that arm one attacked state are
twenty onsets here, and one decision in truth. The spread between years shows it (overdispersion).
"""

import pandas as pd

__all__ = ["DELIVERY_HEAD", "ORDER_HEAD", "deliveries", "orders"]

SOURCE = (
    "SIPRI Arms Transfers Database, (c) SIPRI, aggregate counts; status of recipients from the "
    "UCDP/PRIO Armed Conflict Dataset 25.1."
)
LICENCE = "Aggregates may be published with attribution to SIPRI; the register itself may not."
SCRIPT = "tools/reference_classes/arms.py"
LAST = 2023
STATUS = {"interstate_belligerent": "belligerent", "other": "other"}
SUPPLIERS = (
    "Supplier: a state that delivered to anyone in the five years before. belligerent: the "
    "recipient "
    "is a primary party of an interstate conflict in that year; other: any other recipient."
)

DELIVERY_HEAD = {
    "title": "A supplier's first delivery of major arms to a recipient in five years",
    "definition": "A delivery of major arms to a recipient that had none from this supplier in the "
    f"five years before. {SUPPLIERS}",
    "population": "Pairs of supplier and recipient without a delivery in five years, 2000 to 2023.",
    "unit": "dyad-years",
    "source": SOURCE,
    "licence": LICENCE,
    "script": SCRIPT,
}
ORDER_HEAD = {
    "title": "A recipient's new order of major arms from a supplier",
    "definition": f"A year in which at least one order is placed, by SIPRI's order date. "
    f"{SUPPLIERS}",
    "population": "All pairs of supplier and recipient, 2000 to 2020; later orders are known only "
    "once something was delivered.",
    "unit": "dyad-years",
    "source": SOURCE,
    "licence": LICENCE,
    "script": SCRIPT,
}
LAST_ORDERS = 2020


def deliveries(rates: pd.DataFrame) -> pd.DataFrame:
    """Return first deliveries by status of the recipient and year."""
    columns = {"pairs_without_delivery_prior5y": "exposure", "pairs_first_delivery_in_5y": "onsets"}
    return _counts(rates, columns, LAST)


def orders(rates: pd.DataFrame) -> pd.DataFrame:
    """Return pairs with a new order by status of the recipient and year."""
    columns = {"pairs_at_risk": "exposure", "pairs_with_new_order": "onsets"}
    return _counts(rates, columns, LAST_ORDERS)


def _counts(rates: pd.DataFrame, columns: dict[str, str], last: int) -> pd.DataFrame:
    kept = rates.rename(columns=columns)
    kept = kept[(kept["exposure"] > 0) & (kept["year"] <= last)]
    kept = kept.assign(subclass=kept["recipient_status"].map(STATUS))
    return kept.assign(first=kept["year"], last=kept["year"]).reset_index(drop=True)
