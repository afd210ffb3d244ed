"""The `tenon` command: its verbs, and the one place where errors become messages and exit codes."""

from collections.abc import Callable
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from tenon.cli.compare import compare
from tenon.cli.methods import methods
from tenon.cli.predict import predict
from tenon.cli.sample import sample
from tenon.cli.verdict import verdict
from tenon.errors import TenonError

BAD_INPUT, INTERRUPTED = 2, 130  # exit codes


class Verbs(TyperGroup):
    """Runs a verb; what a user can cause ends in one message on standard error, without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except TenonError as error:
            typer.echo(f"tenon: {error}", err=True)
            raise typer.Exit(BAD_INPUT) from error
        except BrokenPipeError:
            raise
        except OSError as error:
            typer.echo(f"tenon: {error.filename or 'output'}: {error.strerror}.", err=True)
            raise typer.Exit(BAD_INPUT) from error
        except KeyboardInterrupt as error:
            goes_on = "; the same line goes on from here" if ctx.invoked_subcommand == "compare" else ""
            typer.echo(f"stopped{goes_on}", err=True)
            raise typer.Exit(INTERRUPTED) from error


app = typer.Typer(
    cls=Verbs,
    help="From your data to a model you can defend.",
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
    (compare, "Run every fitting method on your data and say which is best."),
    (verdict, "Say whether models differ, from their predictions alone."),
    (predict, "Predict new rows with the model of a run."),
    (methods, "List the methods, or show the card of one."),
)


def help_of(verb: Callable[..., None]) -> str:
    """Return the verb's docstring with each paragraph in one line, for Typer to break where the terminal ends."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in (verb.__doc__ or "").split("\n\n"))


for _verb, _short_help in VERBS:
    app.command(help=help_of(_verb), short_help=_short_help)(_verb)


def main() -> None:
    """Run the command line; the console script `tenon`."""
    app(prog_name="tenon")
