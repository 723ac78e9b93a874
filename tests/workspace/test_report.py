"""The report of a workspace: what the ledger has, and what the saved draws tell besides."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

import forecast as fc
import forecast.workspace._kept_reasons as kept_module
import forecast.workspace._reasons as reasons_module
from forecast.errors import ForecastError, InputError
from forecast.estimate._saved import KEPT_BITS
from forecast.files._sealed import sealed, unsealed
from forecast.ledger import ledger_address, open_ledger, read_run, said
from forecast.posterior._explain import waterfall
from forecast.report import page
from forecast.report._content import PageContent
from forecast.time import parse_instant
from forecast.workspace import _report as module
from forecast.workspace._exported import export_forecasts
from forecast.workspace._history import history_of, open_kept
from forecast.workspace._outcomes import Statement, resolve_event
from forecast.workspace._reasons import deadline_of_reasons
from forecast.workspace._report import write_report
from forecast.workspace._settings import Request
from forecast.workspace._update import attempt, update
from tests.networks import copied_news
from tests.tolerances import SAME_ALGEBRA
from tests.workspace.samples import EVIDENCE, NETWORK, WORKSPACE, never_estimate, write_workspace

NAMED = WORKSPACE + '\n[report]\nfile = "page.html"\n'


def gathered(folder: Path) -> PageContent:
    with open_kept(folder) as kept:
        return module._content(kept, folder, lambda _: None)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with runs of two dates that nobody estimated."""
    never_estimate(monkeypatch)
    write_workspace(tmp_path)
    update(tmp_path, Request(as_of="2024-05-15"))
    update(tmp_path, Request())
    return tmp_path


def test_a_network_that_was_removed_leaves_page_and_export_and_stays_in_the_ledger(
    folder: Path,
) -> None:
    other = NETWORK.replace("name: tiny", "name: other").replace("pact", "deal")
    other = other.replace("troops", "ships")
    (folder / "priors/other.yaml").write_text(other, encoding="utf-8")
    both = WORKSPACE.replace('"priors/tiny.yaml"', '"priors/tiny.yaml", "priors/other.yaml"')
    (folder / "forecast.toml").write_text(both, encoding="utf-8")
    update(folder, Request())
    assert {part.name for part in gathered(folder).networks} == {"tiny", "other"}
    (folder / "forecast.toml").write_text(WORKSPACE, encoding="utf-8")
    left = gathered(folder)
    assert ([part.name for part in left.networks], left.removed) == (["tiny"], ("other",))
    assert "Left out: other, which forecast.toml no longer lists." in page(left)
    exported = export_forecasts(folder)
    assert {row["network"] for row in exported.rows} == {"tiny"}
    assert exported.notes == ("network 'other' is left out: forecast.toml no longer lists it",)
    with open_kept(folder) as kept:
        assert {each.network for each in said(kept.ledger)} == {"tiny", "other"}
    # Where a network cannot be read, nobody knows what it is called: all stay.
    (folder / "priors/tiny.yaml").write_text("name: [", encoding="utf-8")
    assert {part.name for part in gathered(folder).networks} == {"tiny", "other"}


def test_figures_and_changes_are_those_of_the_ledger(folder: Path) -> None:
    (network,) = gathered(folder).networks
    assert (network.name, network.title, network.seen) == ("tiny", "A pact and what follows", 2)
    assert network.as_of == parse_instant("2024-07-01")
    assert network.previous == parse_instant("2024-05-15")
    assert [item.id for item in network.fresh] == ["e2"]
    troops, pact = network.events  # the probable first
    assert (troops.id, pact.id) == ("troops", "pact")
    (figure,) = troops.figures  # the other deadline has passed
    assert (figure.by, figure.probability) == ("2024-12-31", 0.6)
    assert troops.before == {parse_instant("2024-12-31"): 0.6}
    assert troops.change(figure) == 0.0
    assert [run.as_of for run in troops.history] == [network.previous, network.as_of]
    with open_kept(folder) as kept:
        entry, run = read_run(kept.ledger, 2)
    assert (network.making.entry, network.making.run) == (entry, run)
    assert {told for event in network.events for told in event.figures} == set(run.forecasts)
    assert network.making.gate.checks[0].name == "khat"


def test_a_past_date_that_is_run_again_does_not_become_the_last_run(folder: Path) -> None:
    update(folder, Request(as_of="2024-04-01"))
    (network,) = gathered(folder).networks
    assert network.as_of == parse_instant("2024-07-01")
    assert network.previous == parse_instant("2024-05-15")


def test_a_past_date_that_is_filled_in_later_is_the_run_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch)
    folder = write_workspace(tmp_path)
    (alone,) = update(folder, Request())
    assert alone.before is None
    assert gathered(folder).networks[0].previous is None
    update(folder, Request(as_of="2024-05-15"))
    (network,) = gathered(folder).networks
    assert network.as_of == parse_instant("2024-07-01")
    assert network.previous == parse_instant("2024-05-15")
    assert [item.id for item in network.fresh] == ["e2"]
    told = history_of(folder, "troops")
    before = told.before(told.last[0])
    assert before is not None
    assert before.as_of == network.previous


def test_an_outcome_stands_in_the_events_section(folder: Path) -> None:
    resolve_event(folder, "pact", Statement(on="2024-06-20", note="Signed in public."))
    events = {event.id: event for event in gathered(folder).networks[0].events}
    assert events["troops"].outcome is None
    told = events["pact"].outcome
    assert told is not None
    assert (told.words, told.note) == ("it began on 20 June 2024", "Signed in public.")


def test_without_the_draws_the_page_says_what_it_lacks(folder: Path) -> None:
    for file in folder.glob("posteriors/tiny/*.nc"):
        file.unlink()
    text = write_report(folder).read_text(encoding="utf-8")
    assert "The draws of this run are not in this workspace" in text
    assert "60%" in text


def test_damaged_draws_are_told_and_nothing_is_written(folder: Path) -> None:
    for file in folder.glob("posteriors/tiny/2024-07-01-*.nc"):
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
    with pytest.raises(ForecastError, match="the file is damaged"):
        write_report(folder)
    assert not (folder / "report.html").exists()


def test_draws_that_do_not_fit_leave_a_note_for_each_reason(folder: Path) -> None:
    # The draws of these runs are made up, and hold no parameter of the network.
    reasons = gathered(folder).networks[0].events[0].reasons
    assert reasons is not None
    assert reasons.moved == ()
    assert "do not fit the network" in reasons.notes["moved"]
    assert not list(folder.glob("posteriors/tiny/*.reasons.json"))


def test_the_same_ledger_gives_the_same_bytes(folder: Path) -> None:
    first = write_report(folder).read_bytes()
    assert write_report(folder, folder / "again.html").read_bytes() == first


def test_no_workspace_no_ledger_and_no_run_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no workspace here"):
        write_report(tmp_path)
    write_workspace(tmp_path)
    with pytest.raises(InputError, match="there is no ledger yet"):
        write_report(tmp_path)
    with open_ledger(ledger_address(None, tmp_path)):
        pass
    with pytest.raises(InputError, match="the ledger has no run yet"):
        write_report(tmp_path)


def test_an_output_that_cannot_be_is_told(folder: Path) -> None:
    with pytest.raises(InputError, match="is a folder"):
        write_report(folder, folder)
    with pytest.raises(InputError, match="its folder is not there"):
        write_report(folder, folder / "none" / "page.html")


def test_an_update_writes_the_page_that_the_workspace_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch)
    write_workspace(tmp_path, {"forecast.toml": NAMED})
    report = attempt(tmp_path, Request())
    assert report.page == tmp_path / "page.html"
    assert "A pact and what follows" in report.page.read_text(encoding="utf-8")


def test_a_page_that_cannot_be_written_leaves_the_run_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_estimate(monkeypatch)
    write_workspace(tmp_path, {"forecast.toml": NAMED})
    (tmp_path / "page.html").mkdir()
    report = attempt(tmp_path, Request())
    assert len(report.runs) == 1
    with pytest.raises(ForecastError, match=r"the report: .*cannot be written"):
        report.refuse()


@pytest.mark.parametrize(
    ("deadlines", "chosen"),
    [
        (("2024-08-01", "2024-10-01", "2025-01-01"), "2024-10-01"),
        (("2024-08-01", "2024-09-01"), "2024-09-01"),
    ],
)
def test_reasons_are_of_the_first_deadline_a_quarter_ahead(
    deadlines: tuple[str, ...], chosen: str
) -> None:
    days = [datetime.fromisoformat(day).replace(tzinfo=UTC) for day in deadlines]
    as_of = datetime(2024, 7, 1, tzinfo=UTC)
    assert deadline_of_reasons(as_of, days).date().isoformat() == chosen


def test_reasons_curves_and_sources_come_from_the_draws_and_are_worked_out_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toml = WORKSPACE.replace("draws = 512", "draws = 2048")
    write_workspace(tmp_path, {"forecast.toml": toml})
    update(tmp_path, Request())
    steps: list[str] = []
    first = write_report(tmp_path, tell=lambda step: steps.append(step.doing)).read_bytes()
    assert steps[:-1] == ["explaining pact", "explaining troops"]

    network = fc.read_network(tmp_path / "priors/tiny.yaml")
    post = fc.update(
        network, fc.read_evidence(tmp_path / "evidence"), as_of="2024-07-01", draws=2048
    )
    by = parse_instant("2024-12-31")
    (part,) = gathered(tmp_path).networks
    events = {event.id: event for event in part.events}
    months = [point.at for point in events["troops"].curve]
    curve = post.curve("troops", dates=months)
    told = [(point.mean, point.lower, point.upper) for point in events["troops"].curve]
    assert told == [pytest.approx(row) for row in curve[["mean", "lower", "upper"]].to_numpy()]
    asked = waterfall(post.explain("troops", by=by))
    reasons = events["troops"].reasons
    assert reasons is not None
    assert [step.item for step in reasons.moved] == asked.index.tolist()
    assert [step.log_odds for step in reasons.moved] == asked["in_order"].tolist()
    assert reasons.leans
    assert reasons.watch
    rates = post.sources()
    hit = next(row for row in part.sources if row.rate == "hit rate")
    assert (hit.source, hit.items) == ("The Gazette", 1)
    learned = rates.loc[("gazette", "hit_rate"), ["mean", "prior_upper"]].tolist()
    shown = [hit.posterior.mean, hit.prior.upper]
    assert shown == pytest.approx(learned, rel=2.0**-KEPT_BITS)  # the file has them rounded

    # From here on nothing may be worked out again.
    monkeypatch.setattr(kept_module, "worked_out", None)
    assert write_report(tmp_path).read_bytes() == first


def test_news_to_watch_is_valued_as_in_full() -> None:
    post, by = copied_news(), parse_instant("2024-12-31")
    watch = reasons_module._watch(post, "troops", by)
    assert [told.event for told in watch] == ["troops", "pact"]
    assert watch[0].source in {"afp", "copyist"}
    assert not watch[1].source  # public: it would be seen
    whole = post.value_of_information("troops", by=by, at="2024-06-15", events=["troops"])
    best = whole[whole["source"] != "(observation)"].iloc[0]
    assert watch[0].change == pytest.approx(best["change"], rel=SAME_ALGEBRA)


def test_where_there_is_no_news_to_watch_there_is_none() -> None:
    assert reasons_module._watch(copied_news(), "apart", parse_instant("2024-12-31")) == ()


def test_news_to_watch_comes_from_who_has_spoken_of_the_event() -> None:
    network = copied_news().network
    sharp = fc.SourceType(id="sharp", hit_rate="99%", false_alarm_rate="1%")
    parts = {
        "source_types": (*network.source_types, sharp),
        "sources": (*network.sources, fc.Source(id="oracle", type="sharp")),
    }
    wider = fc.Network(**{**dict(network), **parts})
    said = fc.Report(id="r", event="troops", published="2024-03-01", source="afp", claim="on")
    by = parse_instant("2024-12-31")
    for items, told in (([said], "afp"), ([], "oracle")):
        post = fc.update(wider, fc.Evidence(items), as_of="2024-06-01", draws=512)
        assert reasons_module._watch(post, "troops", by)[0].source == told


def test_reasons_of_other_draws_runs_and_versions_are_worked_out_anew(tmp_path: Path) -> None:
    toml = WORKSPACE.replace("draws = 512", "draws = 2048")
    write_workspace(tmp_path, {"forecast.toml": toml, "evidence/items.csv": EVIDENCE})
    update(tmp_path, Request())
    write_report(tmp_path)
    (file,) = tmp_path.glob("posteriors/tiny/*.reasons.json")
    whole = file.read_bytes()
    data = unsealed(whole)
    assert data is not None
    others = [data.replace(f'"{key}":"'.encode(), f'"{key}":"0'.encode()) for key in KEYS]
    changed = whole.replace(b'"format":4', b'"format": 4')
    for damaged in (whole[:100], changed, *map(sealed, others)):
        assert damaged != whole
        file.write_bytes(damaged)
        gathered(tmp_path)
        assert file.read_bytes() == whole


KEYS = ("run", "posterior", "library")
