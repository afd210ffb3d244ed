"""The `tenon` command: its verbs, and the one place where errors become messages and exit codes."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from tenon.cli.card import card
from tenon.cli.check import check
from tenon.cli.compare import compare
from tenon.cli.compress import compress
from tenon.cli.explain import explain
from tenon.cli.look import look
from tenon.cli.methods import methods
from tenon.cli.predict import predict
from tenon.cli.pretrain import pretrain
from tenon.cli.sample import sample
from tenon.cli.serve import serve
from tenon.cli.verdict import verdict
from tenon.errors import TenonError
from tenon.trials.executor import WAITING

BAD_INPUT, INTERRUPTED = 2, 130  # exit codes
GOING_ON = ("compare", "compress")  # verbs whose same line goes on where it was stopped


class Verb(TyperCommand):
    """Shows no type beside a switch, which takes no value (Typer 0.29 writes <bool> there)."""

    def get_params(self, ctx: Any) -> Any:
        return _bare_switches(super().get_params(ctx))


class Verbs(TyperGroup):
    """Runs a verb; what a user can cause ends in one message on standard error, without a traceback."""

    def get_params(self, ctx: Any) -> Any:
        return _bare_switches(super().get_params(ctx))

    def make_context(self, *args: Any, **settings: Any) -> Any:
        with _errors_as_messages():
            return super().make_context(*args, **settings)

    def invoke(self, ctx: Any) -> Any:
        with _errors_as_messages(ctx):
            return super().invoke(ctx)


def _bare_switches(params: list[Any]) -> list[Any]:
    for param in params:
        if getattr(param, "is_flag", False):
            param.metavar = ""
    return params


@contextmanager
def _errors_as_messages(ctx: Any = None) -> Iterator[None]:
    """End the program with a sentence and an exit code; ctx knows which verb ran."""
    try:
        yield
    except TenonError as error:
        _end(f"tenon: {error}", BAD_INPUT, error)
    except BrokenPipeError:
        raise
    except OSError as error:
        _end(f"tenon: {_system_said(error)}.", BAD_INPUT, error)
    except MemoryError as error:
        _end("tenon: the memory of this machine does not hold that; fewer rows or columns need less.", BAD_INPUT, error)
    except KeyboardInterrupt as error:
        goes_on = "; the same line goes on from here" if ctx is not None and ctx.invoked_subcommand in GOING_ON else ""
        _end(f"stopped{goes_on}", INTERRUPTED, error)


def _end(message: str, code: int, cause: BaseException) -> NoReturn:
    from tenon.cli.terminal import say, stderr

    with suppress(OSError):  # standard error may be what cannot be written to
        say(message, stderr())
    raise typer.Exit(code) from cause


def _system_said(error: OSError) -> str:
    """Return what the system has against reading a file, or against writing to standard output, where no file is named."""
    if error.filename is not None:
        return f"{error.filename} cannot be used: {error.strerror}"
    with suppress(OSError, ValueError):  # what stands in the buffer would fail again at the end, with a traceback
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return f"cannot write to standard output: {error.strerror or error}"


app = typer.Typer(
    cls=Verbs,
    help="[bold green]tenon compare reviews.csv --target label[/]\n\nFrom your data to a model you can defend.",
    epilog="Start here: tenon sample breast-cancer, then tenon compare breast-cancer.csv --target diagnosis",
    rich_markup_mode="rich",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def _show_version(is_asked: bool) -> None:
    if is_asked:
        from tenon import __version__

        typer.echo(f"tenon {__version__}")
        raise typer.Exit


@app.callback()
def _tenon(
    version: Annotated[bool, typer.Option("--version", help="Show the version.", is_eager=True, callback=_show_version)] = False,
) -> None:
    """Hold the verbs together, so that one verb alone would still be called by its name."""


VERBS: tuple[tuple[Callable[..., None], str], ...] = (
    (sample, "Write a sample data set to try things on."),
    (look, "Get to know your data: columns, groups, topics, a map."),
    (check, "Look for leaks, copies and other faults in your data."),
    (compare, "Run every fitting method on your data and say which is best."),
    (verdict, "Say whether models differ, from their predictions alone."),
    (predict, "Predict new rows with the model of a run."),
    (explain, "Say what the model of a run goes by, or why it says so of a row."),
    (compress, "Make the model of a run smaller and faster, and say whether it is still as good."),
    (card, "Write the card of a run's model."),
    (serve, "Serve the model of a run over HTTP, with a page to try it."),
    (pretrain, "Learn from texts without labels, such as vectors of words."),
    (methods, "List the methods, or show the card of one."),
)


def help_of(verb: Callable[..., None]) -> str:
    """Return the verb's docstring with each paragraph in one line, for Typer to break where the terminal ends."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in (verb.__doc__ or "").split("\n\n"))


for _verb, _short_help in VERBS:
    app.command(cls=Verb, help=help_of(_verb), short_help=_short_help)(_verb)


def main() -> None:
    """Run the command line; the console script `tenon`."""
    for name, value in WAITING.items():  # before anything loads a library that has threads
        os.environ.setdefault(name, value)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does, so that nothing half-done is left behind
    app(prog_name="tenon")
