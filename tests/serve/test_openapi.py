"""Whatever the OpenAPI document allows, and what it does not, is answered as the document says: never by a 5xx."""

import pytest

pytest.importorskip("fastapi", reason="needs tenon[serve]")
import schemathesis  # noqa: E402
from hypothesis import HealthCheck, given, settings  # noqa: E402
from schemathesis import GenerationMode  # noqa: E402
from schemathesis.checks import not_a_server_error  # noqa: E402
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance  # noqa: E402
from tests.serve.models import KINDS, TABLE, of_pictures, of_sentences, served  # noqa: E402

from tenon.serve import Limits, application  # noqa: E402

LOOKED_AT = [not_a_server_error, status_code_conformance, response_schema_conformance]
MODELS = {
    "a table": lambda: served(TABLE, KINDS, "logistic"),
    "sentences": of_sentences,
    "pictures": of_pictures,
}


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("model", MODELS)
def test_no_request_breaks_the_server(model, mode):
    app = application(MODELS[model](), Limits(megabytes=1, rows=20), hosts=())
    document = schemathesis.openapi.from_asgi("/openapi.json", app)
    for found in document.get_all_operations():
        operation = found.ok()
        if mode is GenerationMode.POSITIVE or operation.body:  # what asks for nothing cannot be asked wrongly

            @settings(max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
            @given(case=operation.as_strategy(generation_mode=mode))
            def asked(case):
                case.call_and_validate(checks=LOOKED_AT)

            asked()
