"""Alerts: raised when a line is crossed since the run before, with the news in between."""

from pathlib import Path

import pytest

import forecast.workspace._update as module
from forecast.errors import InputError
from forecast.workspace._result import Run
from forecast.workspace._settings import Request
from forecast.workspace._update import update
from tests.workspace.samples import EVIDENCE, WORKSPACE, FakePosterior, write_workspace

pytestmark = pytest.mark.usefixtures("database")  # on SQLite and on PostgreSQL


def says(monkeypatch: pytest.MonkeyPatch, probability: float) -> None:
    """Let every event's forecast be this."""

    class Posterior(FakePosterior):
        def table(self, by):
            found = super().table(by)
            for label, statistic in list(found.columns):  # type: ignore[str-unpack]
                if statistic in {"mean", "lower", "upper", "prior"}:
                    found[label, statistic] = probability
            return found

    def estimate(inputs, settings):
        return Posterior(inputs.network, inputs.evidence, settings.as_of)

    monkeypatch.setattr(module, "_estimate", estimate)


def runs(folder: Path, monkeypatch: pytest.MonkeyPatch, *probabilities: float) -> list[Run]:
    """Return one run for each probability, a month apart."""
    found: list[Run] = []
    for month, probability in enumerate(probabilities, start=2):
        says(monkeypatch, probability)
        found += update(folder, Request(as_of=f"2024-{month:02}-01"))
    return found


def workspace(folder: Path, rule: str) -> Path:
    toml = WORKSPACE.replace('"2024-03-31", ', "") + f"\n[alerts]\ntroops = {{{rule}}}\n"
    return write_workspace(folder, {"forecast.toml": toml})


@pytest.mark.parametrize(
    ("rule", "raised"),
    [
        ("above = 0.3", [[], ["above"], [], [], ["above"]]),
        ("below = 0.3", [["below"], [], [], ["below"], []]),
        ("moves = 0.25", [[], ["moves"], [], ["moves"], ["moves"]]),
        ("above = 0.3, moves = 0.25", [[], ["above", "moves"], [], ["moves"], ["above", "moves"]]),
        ("above = 0.3, by = 2024-12-31", [[], ["above"], [], [], ["above"]]),
    ],
)
def test_an_alert_is_raised_when_a_line_is_crossed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rule: str, raised: list[list[str]]
) -> None:
    folder = workspace(tmp_path, rule)
    found = runs(folder, monkeypatch, 0.1, 0.4, 0.45, 0.15, 0.5)
    assert [[alert.alert for alert in run.alerts] for run in found] == raised


@pytest.mark.parametrize(
    ("rule", "said", "raised"),
    [
        ("moves = 0.1", (0.1, 0.2, 0.3, 0.4, 0.5), [[], *[["moves"]] * 4]),
        ("moves = 0.1", (0.9, 0.8, 0.7, 0.6), [[], *[["moves"]] * 3]),
        ("moves = 0.05", (0.3, 0.35, 0.3, 0.251), [[], ["moves"], ["moves"], []]),
        ("above = 0.3", (0.2, 0.1 + 0.2, 1 - 0.7, 0.3), [[], ["above"], [], []]),
        ("above = 0.3", (0.2, 0.1 * 3 - 1e-16), [[], ["above"]]),
        ("above = 0.8", (0.5, 1 - 0.2, 0.7 + 0.1, 0.8), [[], ["above"], [], []]),  # 0.7999999...
        ("below = 0.1", (0.5, 1 - 0.9, 0.3 - 0.2, 0.1), [[], ["below"], [], []]),
        ("below = 0.3", (0.5, 0.1 + 0.2), [[], ["below"]]),
    ],
)
def test_lines_are_exact_in_what_was_written(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    rule: str,
    said: tuple[float, ...],
    raised: list[list[str]],
) -> None:
    """From 20% to 30% is a move of 0.1, though the doubles differ by 0.09999999999999998."""
    found = runs(workspace(tmp_path, rule), monkeypatch, *said)
    assert [[alert.alert for alert in run.alerts] for run in found] == raised


def test_a_first_run_beyond_the_line_raises_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run,) = runs(workspace(tmp_path, "above = 0.3"), monkeypatch, 0.4)
    (alert,) = run.alerts
    assert (alert.event, alert.by, alert.previous) == ("troops", "2024-12-31", None)


def test_a_past_date_that_is_run_again_does_not_pass_for_the_run_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = workspace(tmp_path, "above = 0.3, moves = 0.25")
    runs(folder, monkeypatch, 0.1, 0.4)  # as of February and March
    says(monkeypatch, 0.05)
    (past,) = update(folder, Request(as_of="2024-01-15"))
    says(monkeypatch, 0.45)
    (night,) = update(folder, Request(as_of="2024-03-02"))
    assert (past.alerts, night.alerts) == ((), ())


def test_the_same_run_raises_the_same_alerts_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = workspace(tmp_path, "above = 0.3")
    _, before = runs(folder, monkeypatch, 0.1, 0.4)
    _, again = runs(folder, monkeypatch, 0.1, 0.4)
    assert len(before.alerts) == 1
    assert again.alerts == before.alerts


def test_an_alert_names_the_news_since_the_run_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = workspace(tmp_path, "moves = 0.2")
    says(monkeypatch, 0.1)
    update(folder, Request(as_of="2024-05-15"))
    changed = EVIDENCE.replace("gazette,on", "gazette,off") + (
        "e4,2024-06-15,report,pact,gazette,on,\n"
    )
    write_workspace(
        folder,
        {
            "forecast.toml": (folder / "forecast.toml").read_text(),
            "evidence/items.csv": changed,
        },
    )
    says(monkeypatch, 0.5)
    (run,) = update(folder, Request(as_of="2024-06-20"))
    (alert,) = run.alerts
    assert alert.items == ("e1", "e2", "e4")  # changed, published since, and new
    assert (alert.previous, alert.probability, alert.threshold) == (0.1, 0.5, 0.2)


@pytest.mark.parametrize(
    ("rule", "fault"),
    [
        ("troops = {}", "an alert must say when it is raised"),
        ("troops = {above = 1.5}", "troops.above"),
        ("troops = {above = '20%'}", "troops.above"),
        ("troops = {over = 0.5}", "troops.over"),
        ("troops = 0.5", "is not a table"),
        ("troops = {moves = 0.0}", "troops.moves"),
        (
            "trops = {above = 0.5}",
            "no network has this event, and no question this name. Did you mean 'troops'?",
        ),
        ("troops = {above = 0.5, by = '2024-11-30'}", "is not a deadline"),
        ("troops = {above = 0.5, by = 'soon'}", "troops.by"),
    ],
)
def test_a_rule_that_means_nothing_is_a_fault_of_the_file(
    tmp_path: Path, rule: str, fault: str
) -> None:
    toml = f"{WORKSPACE}\n[alerts]\n{rule}\n"
    with pytest.raises(InputError, match="alerts") as caught:
        update(write_workspace(tmp_path, {"forecast.toml": toml}), Request())
    assert fault in str(caught.value)
    assert {each.line for each in caught.value.faults} <= {10, 11}
    assert "forecast.toml:1" in str(caught.value)


def test_an_alert_after_a_changed_prior_or_setting_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = workspace(tmp_path, "moves = 0.25")
    runs(folder, monkeypatch, 0.2)
    says(monkeypatch, 0.6)
    (first,) = update(folder, Request(as_of="2024-03-01"))[0].alerts
    assert first.changed == ()
    file = folder / "priors" / "tiny.yaml"
    text = file.read_text()
    file.write_text(text.replace("20% [10%, 40%]", "30% [15%, 50%]").replace("x3 ", "x4 "))
    says(monkeypatch, 0.2)
    (second,) = update(folder, Request(as_of="2024-04-01", seed=9))[0].alerts
    assert second.changed == (
        "network.events.pact.rate",
        "network.links.pact__multiplies__troops.hazard_ratio",
        "settings.seed",
    )
    assert second.to_dict()["changed"] == second.changed
