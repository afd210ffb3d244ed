"""The routes: POST /predict and /explain, PUT /predict/{name}, GET / (a page), /health and /openapi.json."""

from collections.abc import Mapping
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.exceptions import HTTPException
from starlette.middleware.trustedhost import TrustedHostMiddleware

from tenon.errors import TenonError
from tenon.serve.batches import Batches, Busy
from tenon.serve.described import Error, FileName, Health, answers_type, one_row_type, rows_type
from tenon.serve.described_files import file_answered, file_sent
from tenon.serve.files import NotTaken, check_taken, form_of_answer, predicted_file
from tenon.serve.limits import Guard, Limits
from tenon.serve.page import page, row_html
from tenon.serve.rows import frame_of, to_json
from tenon.serve.served import Served

LOOPBACK = ("localhost", "127.0.0.1", "[::1]", "::1")
PASSED = ("rows", "row", "str", "bool", "float", "constrained-float", "constrained-str")  # of the place of what is wrong
SAID = {  # what pydantic tells in other words
    "missing": "is missing",
    "float_type": "a number is wanted",
    "finite_number": "a finite number is wanted",
    "string_type": "a text is wanted",
    "list_type": "a list is wanted",
    "model_attributes_type": "an object is wanted, {{column: value}}",
    "too_short": "there are none; send one at least",
    "string_pattern_mismatch": "a file's name is wanted, without folders, and without any of \\ : * ? \" < > |",
    "string_too_long": "{max_length} characters are the most that is taken",
    "too_long": "there are {actual_length:,}; send {max_length:,} at most at once",
}
NOWHERE = 404
UNREADABLE = 400  # what FastAPI says of a body that is not even text
NO_JSON = 'the request is no JSON; send {"rows": [{column: value}]}.'
NO_OBJECT = 'the request is no JSON object; send {"rows": [{column: value}]} with the header Content-Type: application/json.'
UNUSABLE, TOO_SLOW, TOO_LARGE, NOT_TAKEN, BUSY, TOO_LATE = 422, 408, 413, 415, 503, 504
ERRORS: Mapping[int | str, dict[str, Any]] = {
    UNUSABLE: {"model": Error, "description": "These rows cannot be read."},
    TOO_SLOW: {"model": Error, "description": "The request stops in its middle."},
    TOO_LARGE: {"model": Error, "description": "The request is larger than is taken."},
    BUSY: {"model": Error, "description": "Too many requests wait already, or the server is being stopped."},
    TOO_LATE: {"model": Error, "description": "The answer takes too long."},
}
OF_ROWS: Mapping[int | str, dict[str, Any]] = {NOT_TAKEN: {"model": Error, "description": "The request is none of JSON."}}
OF_FILES: Mapping[int | str, dict[str, Any]] = {NOT_TAKEN: {"model": Error, "description": "No file of this kind is taken."}}


def application(served: Served, limits: Limits = Limits(), lang: str = "en", hosts: tuple[str, ...] = LOOPBACK) -> FastAPI:  # noqa: B008
    """Return the application that answers for a model. lang : of the page; hosts : names it may be asked by, () for any."""
    model, schema = served.model, served.model.schema
    batches: Batches[Any, Any] = Batches(served.answers, limits)
    app = FastAPI(title=f"Tenon: {served.name}", description=repr(model), docs_url=None, redoc_url=None, redirect_slashes=False)
    Rows, OneRow, Predictions = rows_type(schema, limits.rows), one_row_type(schema), answers_type(model.task)

    @app.post("/predict", response_model=Predictions, responses={**ERRORS, **OF_ROWS}, dependencies=[Depends(check_json)])
    async def predict(body: Rows) -> Response:  # type: ignore[valid-type]
        """Predict rows: their columns by name, in any order; the target need not be there."""
        rows = [row.model_dump(by_alias=True) for row in body.rows]  # type: ignore[attr-defined]
        said = await batches.ask(frame_of(rows, schema), len(rows))
        return JSONResponse({"predictions": to_json(said)})

    @app.post("/explain", response_model=dict[str, Any], responses={**ERRORS, **OF_ROWS}, dependencies=[Depends(check_json)])
    async def explain(request: Request, body: OneRow) -> Response:  # type: ignore[valid-type]
        """Say what drove the prediction of a row, as explain.json does; as HTML for who accepts that alone."""
        frame = frame_of([body.row.model_dump(by_alias=True)], schema)  # type: ignore[attr-defined]
        found = await batches.alone(lambda _: served.explained(frame))
        if request.headers.get("accept", "") == "text/html":
            return HTMLResponse(row_html(served, found, request.query_params.get("lang", lang)))
        return JSONResponse(found)

    @app.get("/health", response_model=Health)
    async def health() -> Health:
        """Tell that the model answers, and of how many requests."""
        of = {"run": served.name, "method": model.method_name, "target": model.task.target}
        return Health(status="ok", **of, answered=batches.n_answered, waiting=batches.n_waiting)

    @app.get("/", response_class=HTMLResponse)
    async def by_hand(request: Request) -> HTMLResponse:
        """A page where a row is typed, and its prediction seen."""
        return HTMLResponse(page(served, request.query_params.get("lang", lang)))

    _add_files(app, served, batches, limits)
    _add_errors(app, limits)
    app.add_middleware(Guard, limits=limits)
    if hosts:
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))
    return app


async def check_json(request: Request) -> None:
    """Raise NotTaken for a request whose header names another type than JSON."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind and kind != "application/json" and not kind.endswith("+json"):
        raise NotTaken(f"rows are taken as JSON, with the header Content-Type: application/json; this request says {kind}")


def _add_files(app: FastAPI, served: Served, batches: Batches[Any, Any], limits: Limits) -> None:
    """Let a file of rows be predicted."""
    answered = {**ERRORS, **OF_FILES, 200: file_answered(served.model)}

    @app.put("/predict/{name}", response_class=StreamingResponse, responses=answered, openapi_extra=file_sent(served.model))
    async def predict_file(name: FileName, request: Request) -> Response:
        """Predict the rows of a file, whose name's ending says what it is, and answer what `tenon predict --out` writes."""
        check_taken(name, served.model.schema)
        body, form = await request.body(), form_of_answer(request.headers.get("accept", ""))
        parts = await batches.alone(lambda watch: predicted_file(served, name, body, limits.rows, form, watch))
        return StreamingResponse(iter(parts), media_type=form)


def _add_errors(app: FastAPI, limits: Limits) -> None:
    """Let each error be one sentence with its code."""

    @app.exception_handler(TenonError)
    async def _(request: Request, error: TenonError) -> Response:
        return _told(UNUSABLE, str(error))

    @app.exception_handler(RequestValidationError)
    async def _(request: Request, error: RequestValidationError) -> Response:
        return _told(UNUSABLE, _in_words(error))

    @app.exception_handler(HTTPException)
    async def _(request: Request, error: HTTPException) -> Response:
        if error.status_code == UNREADABLE:
            return _told(UNUSABLE, NO_JSON)
        if error.status_code == NOWHERE:
            return _told(NOWHERE, f"there is nothing at {request.url.path}; GET /openapi.json tells what there is.")
        return _told(error.status_code, f"{error.detail}.".replace("..", "."), error.headers)

    @app.exception_handler(Busy)
    async def _(request: Request, error: Busy) -> Response:
        return _told(BUSY, f"{limits.waiting:,} requests wait already; ask again in a moment.", {"Retry-After": "1"})

    @app.exception_handler(TimeoutError)
    async def _(request: Request, error: TimeoutError) -> Response:
        return _told(TOO_LATE, f"the answer takes longer than {limits.seconds:g} s; ask for fewer rows at once.")


def _told(code: int, sentence: str, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse({"error": sentence}, code, headers=headers)


def _in_words(error: RequestValidationError) -> str:
    """Return what is wrong with the first thing that is wrong, and how many more there are."""
    first, *others = error.errors()
    if first["type"] == "json_invalid":
        return NO_JSON
    if first["loc"] == ("body",) and first["type"] != "missing":  # of a list, or of text that does not say that it is JSON
        return NO_OBJECT
    place = [f"row {part + 1:,}" if isinstance(part, int) else repr(part) for part in first["loc"][1:] if part not in PASSED]
    more = f" ({len(others):,} more such places)" if others else ""
    said = (
        SAID[first["type"]].format(**first.get("ctx", {}))
        if first["type"] in SAID
        else first["msg"][0].lower() + first["msg"][1:]
    )
    return f"{', '.join(place) or 'the request'}: {said}{more}."
