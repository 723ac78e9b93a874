import pytest

from forecast.errors import InputError
from forecast.evidence import Evidence, Report, Silence
from forecast.model.build import build_model
from tests.networks import demo_network

AS_OF = "2024-06-30"


def test_a_silence_is_refused_by_the_pymc_model_by_name() -> None:
    quiet = Silence(
        id="quiet",
        event="troops",
        source="afp",
        published="2024-06-01",
        watched_from="2024-03-01",
        watched_to="2024-05-01",
    )
    with pytest.raises(InputError, match="'quiet'"):
        build_model(with_report_rate(), Evidence([quiet]), as_of=AS_OF)


def test_reports_of_a_hidden_origin_are_refused_by_the_pymc_model_by_name() -> None:
    def report(name: str, source: str) -> Report:
        return Report(
            id=name,
            event="troops",
            published="2024-03-01",
            source=source,
            claim="on",
            origin="kcna",
        )

    two = Evidence([report("first", "afp"), report("second", "reuters")])
    with pytest.raises(InputError, match="'first', 'second'"):
        build_model(demo_network(), two, as_of=AS_OF)


def with_report_rate():  # type: ignore[no-untyped-def]
    network = demo_network()
    fields = {name: getattr(network, name) for name in type(network).model_fields}
    kinds = [
        type(kind)(
            **{
                **{name: getattr(kind, name) for name in type(kind).model_fields},
                "report_rate": "12 per year [4, 36]",
            }
        )
        for kind in network.source_types
    ]
    return type(network)(**{**fields, "source_types": kinds})
