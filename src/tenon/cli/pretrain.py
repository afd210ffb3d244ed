"""`tenon pretrain`: learn from texts without labels."""

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tenon.cli.options import OUTPUT, Json, read_settings

if TYPE_CHECKING:
    from tenon.text.pretrain import Pretrained

EXAMPLES = (100, 200, 300)  # places of the words whose neighbours are shown: frequent, but none of those that stand everywhere
NEIGHBOURS = 5


def pretrain(
    corpus: Annotated[Path, typer.Argument(metavar="CORPUS", help="Text file, a text a line; packed or not.")],
    objective: Annotated[str, typer.Option(help="What is learnt: word2vec, vectors of words.", metavar="NAME")] = "word2vec",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="Folder to write; runs/CORPUS-OBJECTIVE by default.", metavar="DIR", rich_help_panel=OUTPUT,
            show_default=False,
        ),
    ] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="Such as word2vec.dim=300.", metavar="NAME.param=value", show_default=False)
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same vectors, with one job.", metavar="N")] = 0,
    jobs: Annotated[int, typer.Option(help="Threads; with several, the last digits differ from run to run.", metavar="N")] = 1,
    budget: Annotated[str, typer.Option(help="quick, normal, thorough: 2, 5 or 15 passes.", metavar="WORK")] = "normal",
    as_json: Json = False,
) -> None:  # fmt: skip
    """[bold green]tenon pretrain corpus.txt --objective word2vec --out vectors[/]

    Learn from texts without labels. Chinese is cut into words by jieba, if it is there, else into characters; all is in lower
    case. The folder holds the vectors as safetensors with their words as JSON, and in word2vec's text format.
    """
    from tenon import api
    from tenon.cli.pretraining import Pretraining
    from tenon.cli.terminal import put, put_data, stdout

    with Pretraining() as screen:
        own = read_settings(settings or ())
        found = api.pretrain(corpus, out, objective, settings=own, seed=seed, jobs=jobs, budget=budget, watch=screen.watch)
    if as_json:
        put_data(json.dumps(found.to_json(), indent=1, sort_keys=True, ensure_ascii=False))
    else:
        put(_lines(found), stdout())


def _lines(found: "Pretrained") -> list[str]:
    vectors, epochs = found.vectors, found.settings["epochs"]
    size = f"{len(vectors):,} words with {vectors.matrix.shape[1]} numbers each"
    near = {word: vectors.nearest(word, NEIGHBOURS) for word in (vectors.words[i] for i in EXAMPLES if i < len(vectors))}
    python = f"from tenon.text import read_vectors; print(read_vectors({str(found.out)!r}).nearest({vectors.words[0]!r}))"
    return [
        *(f"  near {word}: {', '.join(other for other, _ in others)}" for word, others in near.items()),
        "",
        f"vectors  {found.out}: {size}, learnt from {found.n_words:,} words in {epochs} passes",
        f"next     python -c {shlex.quote(python)}",
    ]
