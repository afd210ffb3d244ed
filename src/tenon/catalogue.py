"""The methods of all families, cheapest first; finds a method by its name or brings one's own by module:Attribute."""

import json
import sys
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

from tenon import image, long, tabular, text, trees
from tenon.data.dataset import KINDS, OF_TARGET, ROLES, Dataset, Schema
from tenon.errors import ModelFileError, NeedsExtra, SettingsError, TenonError, failure_reason, near_names, unknown
from tenon.files import changed
from tenon.inner.adjusted import adjusted_or_plain
from tenon.method import FORMAT, Method, Model, versions
from tenon.tasks import Task
from tenon.variant import method_of
from tenon.watch import SILENT, Watch

FAMILIES = (tabular, trees, image, text, long)
LISTS = "tenon methods"  # the command
AGAIN = "Make the run again, or take the folder from a copy."
METHODS: tuple[Method, ...] = tuple(
    sorted((method for family in FAMILIES for method in family.METHODS), key=lambda method: method.cost_rank)
)


def find(name: str) -> Method:
    """Return the method of this catalogue name, or what `module:Attribute` names: a Method or a scikit-learn estimator.

    The module may lie in the current folder. A method brought along is named as it was asked for, so that every process
    can find it again. Never call this with a name that a file holds: it imports what it is told to.
    Raises SettingsError where there is no such method.
    """
    if ":" in name:
        return _brought(name)
    for method in METHODS:
        if method.name == name:
            return method
    raise unknown("method", name, [method.name for method in METHODS], lists=LISTS)


def resolve(wanted: Any = "all", given: Collection[str] = ()) -> tuple[Method, ...]:
    """Return the methods asked for in their order, each once, the baseline always first.

    wanted: "all" (but for methods that cannot do without a setting, unless it is given), names separated by commas, or a list of
    names, Methods and scikit-learn estimators (classes or instances), or one of these. given: names of settings that every
    method which has them will get. Raises SettingsError for anything else.
    """
    chosen = {"baseline": find("baseline")}
    for one in _each(wanted):
        for method in _ready(given) if isinstance(one, str) and one == "all" else (_as_method(one),):
            if chosen.setdefault(method.name, method) is not method and not isinstance(one, str | type):
                raise SettingsError(f"two different methods are called {method.name!r}; give yours another name.")
    return tuple(chosen.values())


def _ready(given: Collection[str]) -> tuple[Method, ...]:
    return tuple(method for method in METHODS if set(method.required) <= set(given))


def own_methods(wanted: Any) -> tuple[Method, ...]:
    """Return those of the methods asked for, as `resolve` takes them, that are not in the catalogue."""
    return tuple(method for method in resolve(wanted) if method not in METHODS)


def _each(wanted: Any) -> Iterable[Any]:
    if isinstance(wanted, str):
        return [name.strip() for name in wanted.split(",") if name.strip()]
    is_one = isinstance(wanted, Method | type) or hasattr(wanted, "get_params") or not isinstance(wanted, Iterable)
    return [wanted] if is_one else wanted


def of_row(row: str) -> Method:
    """Return the method of a row of the board, under the row's name: of "knn k=7" that is knn. What is set stands in its jobs.

    Raises SettingsError, and is not for every name, as `find`.
    """
    return replace(find(method_of(row)), name=row)


def crosses(method: Method) -> bool:
    """Tell whether another process would find this very method by the name of its row."""
    try:
        found = of_row(method.name)
    except SettingsError:
        return False
    module, colon, _ = method_of(method.name).partition(":")
    return found == method or (colon == ":" and module != "__main__")


def load_model(folder: Path, methods: Iterable[Method] = (), again: str = AGAIN) -> Model:
    """Load a model folder; `methods` are those of one's own that may have made it; again : what to do where it is damaged.

    The class comes from the catalogue by the method's name, never from an import path in the file, and nothing but
    model.json is opened before every file is known to be as it was written.
    Raises ModelFileError for a damaged folder, one of a later format, or a method that nobody here knows, NeedsExtra where the
    method's extra is not installed.
    """
    about = _about(folder, again)
    schema, task = _described(folder, about, again)
    method = next((method for method in (*methods, *METHODS) if method.name == about["method"]), None)
    if method is None:
        raise ModelFileError(
            f"{folder} was made by the method {about['method']!r}, which is not Tenon's own; pass it again: "
            f"load(folder, methods=[...]), or --methods {about['method']}."
        )
    if names := changed(folder):
        path, why = folder / names[0], "is damaged or was changed, and a model is never loaded from such files"
        raise ModelFileError(f"{path} {why if path.is_file() else 'is missing'}. {again}")
    if lacks := method.lacks():
        raise NeedsExtra(f"{folder} holds a model of {method.name}, which {lacks}")
    try:
        return adjusted_or_plain(method.load(folder, schema, task), folder)
    except TenonError:
        raise
    except Exception as error:  # the method may be anyone's code and raise anything
        raise ModelFileError(f"{folder} cannot be loaded: {failure_reason(error)}.{_other_versions(about)}") from error


def _about(folder: Path, again: str) -> dict[str, Any]:
    """Return what model.json says, its format and the method's name checked."""
    path = folder / "model.json"
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise _damaged(path, "it cannot be read", again) from error
    if not isinstance(about, dict) or type(about.get("format")) is not int or about["format"] < 1:
        raise _damaged(path, "it has no format number", again)
    if about["format"] > FORMAT:
        raise ModelFileError(f"{folder} was written by a later Tenon (format {about['format']}, known {FORMAT}); update Tenon.")
    if not isinstance(about.get("method"), str):
        raise _damaged(path, "it names no method", again)
    return about


def _described(folder: Path, about: dict[str, Any], again: str) -> tuple[Schema, Task]:
    try:
        schema, task = Schema.from_json(about["schema"]), Task.from_json(about["task"])
        names = [column.name for column in schema.columns]
        is_known = all(column.kind in (*KINDS, *OF_TARGET) and column.role in ROLES for column in schema.columns)
        is_whole = is_known and len(set(names)) == len(names) and all(isinstance(name, str) for name in (*names, task.target))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _damaged(folder / "model.json", "its schema or its task is none", again) from error
    if not is_whole:
        raise _damaged(folder / "model.json", "a column has no name of its own, or no kind or role that is known", again)
    return schema, task


def _damaged(path: Path, why: str, again: str) -> ModelFileError:
    return ModelFileError(f"{path} is damaged or missing: {why}. {again}")


def _other_versions(about: dict[str, Any]) -> str:
    """Say which packages were of another version when the model was made; they may be why it cannot be loaded."""
    then, now = about.get("versions"), versions()
    other = [
        f"{name} {then[name]}, here {now[name]}"
        for name in now
        if isinstance(then, dict) and then.get(name, now[name]) != now[name]
    ]
    return f" It was made with {'; '.join(other)}." if other else ""


def card(method: Method) -> str:
    """Return the method's card as Markdown; a method from elsewhere has a line that says so.

    What several methods have alike, cards/settings/SETTING.md of a family tells for all that have the setting.
    """
    return card_files(method, ".md") or f"# {method.name}\n\nA method of your own; it brings no card.\n"


def card_files(method: Method, ending: str) -> str:
    """Return what stands in cards/NAME and, for each setting of the method, in cards/settings/SETTING; "" for one from elsewhere.

    ending : .md, or .bib for the sources that these name. Files that lack are left out.
    """
    for family in FAMILIES:
        if method in family.METHODS:
            cards = files(family) / "cards"
            alike = files(text if family is long else family) / "cards" / "settings"
            paths = [cards / method.card.replace(".md", ending), *(alike / f"{name}{ending}" for name in method.params)]
            return "".join(path.read_text(encoding="utf-8") for path in paths if path.is_file())
    return ""


def _as_method(one: Any) -> Method:
    if isinstance(one, Method):
        if " " in one.name:  # as the rows of its variants are called
            raise SettingsError(f"the name of a method has no blank; call {one.name!r} otherwise.")
        return one
    if isinstance(one, str):
        return find(one)
    from tenon.adapter import estimator_method

    if isinstance(one, type):
        return estimator_method(one, f"{one.__module__}:{one.__qualname__}")
    return estimator_method(one, type(one).__qualname__)  # no colon: another process would find the class without its settings


def _brought(name: str) -> Method:
    from tenon.adapter import estimator_method

    module_name, _, attribute = name.partition(":")
    if not attribute or not all(part.isidentifier() for part in module_name.split(".")):
        raise SettingsError(f"a method of your own is named module:Name, such as my_methods:MINE; got {name!r}.")
    module = _imported(module_name, name)
    if not hasattr(module, attribute):
        near = near_names(attribute, [n for n in vars(module) if not n.startswith("_")], n=1)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        raise SettingsError(f"module {module_name!r} has no {attribute!r}{hint}")
    found = getattr(module, attribute)
    return _renamed(found, name) if isinstance(found, Method) else estimator_method(found, name)


def _imported(module_name: str, name: str) -> Any:
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)  # stays: the module may import its neighbours later; last, so that it hides nothing
    try:
        return import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name != module_name.split(".")[0]:
            raise SettingsError(f"method {name!r}: importing {module_name!r} fails: {error}.") from error
        raise SettingsError(f"method {name!r}: no module {module_name!r}, neither installed nor in {here}.") from error
    except (Exception, SystemExit) as error:  # the module may be anyone's code and raise anything
        raise SettingsError(f"method {name!r}: importing {module_name!r} fails: {failure_reason(error)}.") from error


def _renamed(method: Method, name: str) -> Method:
    """Return the method under another name, which its models carry too."""

    def fit(
        train: Dataset, task: Task, *, params: Mapping[str, Any], seed: int, budget: str = "normal", watch: Watch = SILENT
    ) -> Model:
        model = method.fit(train, task, params=params, seed=seed, budget=budget, watch=watch)
        model.method_name = name
        return model

    return replace(method, name=name, fit=fit)
