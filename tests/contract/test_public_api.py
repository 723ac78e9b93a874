"""What other people's code relies on: names, and an import that costs next to nothing."""

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import forecast
from forecast.errors import ForecastError
from tests.workspace.samples import write_workspace

PUBLIC = [
    "ContradictionError",
    "Count",
    "Draft",
    "Event",
    "Evidence",
    "Filing",
    "Forecast",
    "ForecastError",
    "GateError",
    "Inbox",
    "InputError",
    "LikelihoodRatio",
    "Link",
    "Network",
    "Observation",
    "Panel",
    "Posterior",
    "Probability",
    "QueryError",
    "Question",
    "Questions",
    "ReferenceClass",
    "Regime",
    "Report",
    "Resolution",
    "Resolutions",
    "Retraction",
    "Scales",
    "Silence",
    "Source",
    "SourceType",
    "Tally",
    "Window",
    "__version__",
    "accept",
    "build_model",
    "candidate_links",
    "combine",
    "experience",
    "fit_rates",
    "import_network",
    "import_questions",
    "learn",
    "pool",
    "posterior_from",
    "prior",
    "read_drafts",
    "read_evidence",
    "read_network",
    "read_posterior",
    "read_questions",
    "read_reference_class",
    "read_resolutions",
    "remarks",
    "simulate",
    "skip",
    "track_record",
    "update",
    "waiting",
    "write_network",
]
HEAVY = [
    "numpy",
    "pymc",
    "pytensor",
    "numba",
    "nutpie",
    "pandas",
    "scipy.stats",
    "scipy.signal",
    "dask",
    "distributed",
    "jax",
    "alembic",
    "xarray",
    "arviz_stats",
]
COMMANDS_WITHOUT_PYMC = ["['--help']", "['check']", "['update', '--help']"]


def test_the_public_names_are_these() -> None:
    assert sorted(forecast.__all__) == forecast.__all__ == PUBLIC


@pytest.mark.parametrize("name", PUBLIC)
def test_each_public_name_can_be_had_and_is_documented(name: str) -> None:
    found = getattr(forecast, name)
    assert name in dir(forecast)
    if name != "__version__":
        assert inspect.getdoc(found)
        assert found.__name__ == name


def test_modules_need_no_import_of_their_own() -> None:
    names = ["backtest.replay", "calibration.corp", "event_history.fit", "scoring.brier"]
    calls = ", ".join(f"fc.{name}" for name in [*names, "testing.assert_skill"])
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", f"import forecast as fc; print(len([{calls}]))"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "5\n"


def test_errors_share_one_base() -> None:
    errors = [getattr(forecast, name) for name in PUBLIC if name.endswith("Error")]
    assert all(issubclass(error, ForecastError) for error in errors)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'forecast' has no attribute 'forecst'"):
        forecast.forecst  # noqa: B018


def test_public_functions_take_no_undeclared_keywords() -> None:
    functions = [getattr(forecast, name) for name in PUBLIC if name[0].islower()]
    kinds = {p.kind for f in functions for p in inspect.signature(f).parameters.values()}
    assert inspect.Parameter.VAR_KEYWORD not in kinds


def imported_by(code: str) -> set[str]:
    """Return the heavy modules that are loaded once code has run in a fresh interpreter."""
    probe = f"import sys\n{code}\nprint(*(name for name in {HEAVY} if name in sys.modules))"
    run = subprocess.run(  # noqa: S603
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True
    )
    return set(run.stdout.splitlines()[-1].split())


def test_importing_the_library_imports_nothing_heavy() -> None:
    assert imported_by("import forecast") == set()


def test_describing_a_network_imports_no_pymc() -> None:
    used = imported_by("import forecast as fc\nfc.read_network, fc.Network, fc.read_evidence")
    assert used & {"pymc", "pytensor", "numba", "nutpie"} == set()


@pytest.mark.parametrize("arguments", COMMANDS_WITHOUT_PYMC)
def test_help_and_check_import_no_pymc(arguments: str) -> None:
    call = f"from forecast.cli.main import cli\ncli({arguments}, standalone_mode=False)"
    # check counts the exact filter's work, which takes the kernels; they take no half a second
    allowed = {"numba"} if arguments == "['check']" else set()
    heavy = {"pymc", "pytensor", "numba", "nutpie", "pandas", "xarray", "arviz_stats"}
    assert imported_by(call) & heavy - allowed == set()


def test_help_imports_nothing_heavy_at_all() -> None:
    call = "from forecast.cli.main import cli\ncli(['--help'], standalone_mode=False)"
    assert imported_by(call) == set()


def test_an_update_imports_the_engine_and_what_writes_its_file(tmp_path: Path) -> None:
    write_workspace(tmp_path)
    call = f"""
from forecast.cli.main import cli
for seed in range(SEEDS):
    how = ['update', '--seed', str(seed), '--workspace', {str(tmp_path)!r}]
    cli(how, standalone_mode=False)
print()"""
    made = imported_by(call.replace("SEEDS", "1"))  # with a ledger, by Alembic
    assert made == {"numpy", "numba", "alembic"}
    assert imported_by(call.replace("SEEDS", "2")) == {"numpy", "numba"}
    assert len(list(tmp_path.glob("posteriors/*/*.nc"))) == 2


def test_dir_shows_what_there_is_and_nothing_else() -> None:
    shown = {name for name in dir(forecast) if not name.startswith("__")}
    assert shown <= {*forecast.__all__, *forecast._MODULES}
    assert shown >= {name for name in forecast.__all__ if not name.startswith("__")}
