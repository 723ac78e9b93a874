"""``forecast check``: validate everything; print every fault."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forecast.cli.options import json_option, strict_option, workspace_option
from forecast.cli.text import counted, print_json, print_warnings, say

if TYPE_CHECKING:
    from forecast.evidence import Evidence


SHOWN = 40
ALWAYS = ("events", "links", "items")
COUNTED = (*ALWAYS, "questions", "resolutions")


@click.command("check")
@workspace_option
@strict_option
@json_option
def command(folder: Path, strict: bool, as_json: bool) -> None:
    """Validate everything; print every fault.

    Reads forecast.toml and all that it names, and holds the evidence, the deadlines and the cut-off
    of forecast.toml against each network. Nothing is estimated and nothing is written.

    Warns of what is allowed and probably not meant, such as a rate that comes to near certainty by
    the horizon, or one article that is filed twice, with the text to write instead; names the
    forecasts that do not count because their source has stated another since; and says which
    networks the path sampler will estimate with the evidence on file, why, and in what time.
    """
    # Imported here, so that --help answers at once.
    from forecast.workspace._contents import read_contents  # noqa: PLC0415
    from forecast.workspace._followed import followed, ledger_of, words_of  # noqa: PLC0415
    from forecast.workspace._foresight import MOST_ITEMS, path_sampled, unforeseen  # noqa: PLC0415
    from forecast.workspace._settings import (  # noqa: PLC0415
        Request,
        all_finished,
        check_own_cut_off,
        cut_off_of,
    )
    from forecast.workspace._warnings import refuse_if_strict, warnings_of  # noqa: PLC0415

    contents = read_contents(folder)
    check_own_cut_off(contents)
    with ledger_of(contents) as ledger:
        contents = followed(contents, words_of(ledger))
    warnings = warnings_of(contents, cut_off_of(contents.workspace, Request())[0])
    if not as_json:
        refuse_if_strict(warnings, strict=strict)
    sampled = path_sampled(contents)
    counts: list[dict[str, str | int]] = [
        {
            "network": inputs.network.name,
            "events": len(inputs.network.events),
            "links": len(inputs.network.links),
            "items": len(inputs.evidence),
            "resolutions": len(contents.resolutions.about(inputs.network)),
            "questions": len(inputs.questions),
        }
        for inputs in contents.inputs
    ]
    if as_json:
        replaced = {
            inputs.network.name: inputs.evidence.replacements() for inputs in contents.inputs
        }
        document = {
            "ok": not (strict and warnings),
            "networks": counts,
            "warnings": [asdict(warning) for warning in warnings],
            "replaced": replaced,
            "finished": all_finished(contents),
            "not_foreseen": list(unforeseen(contents)),
            "path_sampled": [asdict(foreseen) for foreseen in sampled],
        }
        print_json(document)
        refuse_if_strict(warnings, strict=strict)
        return
    print_warnings(warnings)
    for count in counts:
        told = [
            counted(int(count[name]), name.removesuffix("s"))
            for name in COUNTED
            if count[name] or name in ALWAYS
        ]
        say(f"ok: {count['network']}: {', '.join(told)}")
    for inputs in contents.inputs:
        for line in _replaced_lines(inputs.evidence):
            say(f"note: {inputs.network.name}: {line}")
    for name, why in all_finished(contents).items():
        say(f"note: {name}: {why}")
    for name in unforeseen(contents):
        say(
            f"note: {name}: has more than {MOST_ITEMS:,} items; how it will be estimated was not "
            "looked into"
        )
    for foreseen in sampled:
        say(f"note: {foreseen.network}: {foreseen}")


def _replaced_lines(evidence: "Evidence") -> Iterator[str]:
    """Yield for each newest forecast which older ones of its source on its event it replaces."""
    by_new: dict[str, list[str]] = {}
    for old, new in evidence.replacements().items():
        by_new.setdefault(new, []).append(old)
    for name, others in by_new.items():
        item = evidence.item(name)
        more = f" and {len(others) - SHOWN} more" if len(others) > SHOWN else ""
        yield (
            f"'{name}' (published {item.published}) is the newest forecast of its source on "
            f"'{item.event}', and stands in place of {', '.join(others[:SHOWN])}{more}"
        )
