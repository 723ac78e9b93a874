"""The JSON Schema: it describes the YAML form, and agrees with the reader."""

import json
from typing import Any

import pytest

from forecast.files._network_file import NETWORK_KEYS
from forecast.files._schema import network_schema
from forecast.network import Event, Link, RateBelief, Source, SourceType, Window

SCHEMA = network_schema()
CLASSES = [Event, Window, Link, SourceType, Source]


def test_the_schema_is_json_and_names_its_dialect() -> None:
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_the_top_level_has_the_keys_that_the_reader_knows() -> None:
    assert sorted(SCHEMA["properties"]) == sorted(NETWORK_KEYS)
    assert SCHEMA["additionalProperties"] is False
    assert SCHEMA["properties"]["events"]["additionalProperties"] == {"$ref": "#/$defs/Event"}
    assert SCHEMA["properties"]["links"]["items"] == {"$ref": "#/$defs/Link"}


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_field_of_a_file_is_there_and_described(kind: Any) -> None:
    definition = SCHEMA["$defs"][kind.__name__]
    named = {"id"} if kind in (Event, SourceType, Source) else set()
    assert set(definition["properties"]) == set(kind.model_fields) - named
    assert definition["additionalProperties"] is False
    assert all(field.get("description") for field in definition["properties"].values())


def test_what_is_required_is_what_has_no_default() -> None:
    required = {kind.__name__: SCHEMA["$defs"][kind.__name__]["required"] for kind in CLASSES}
    assert required == {
        "Event": ["kind"],
        "Window": ["start", "end"],
        "Link": ["parent", "child", "kind"],
        "SourceType": [],
        "Source": ["type"],
    }


def test_every_reference_leads_somewhere() -> None:
    def references(part: object) -> list[str]:
        if isinstance(part, dict):
            here = [part["$ref"]] if "$ref" in part else []
            return here + [found for value in part.values() for found in references(value)]
        if isinstance(part, list):
            return [found for value in part for found in references(value)]
        return []

    found = references(SCHEMA)
    assert found
    assert all(reference.removeprefix("#/$defs/") in SCHEMA["$defs"] for reference in found)


def test_a_rate_may_be_text_or_a_mapping() -> None:
    text, mapping = SCHEMA["$defs"]["Event"]["properties"]["rate"]["anyOf"][0]["anyOf"]
    assert text["examples"] == list(RateBelief.examples)
    assert {"median", "interval", "within", "by", "pool", "icd203"} <= set(mapping["properties"])


def test_days_are_text() -> None:
    assert SCHEMA["$defs"]["Day"]["type"] == "string"
    assert SCHEMA["$defs"]["Day"]["format"] == "date"
