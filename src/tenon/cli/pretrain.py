"""`tenon pretrain`: learn from texts without labels."""

import json
import math
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tenon.cli.options import OUTPUT, Json, read_settings
from tenon.cli.wording import broken

if TYPE_CHECKING:
    from tenon.text.pretrain import Pretrained
    from tenon.text.pretrain_nets import PretrainedNet

VECTORS = "word2vec"  # the objective that begins anew where it was stopped
EXAMPLES = (100, 200, 300)  # places of the words whose neighbours are shown: frequent, but none of those that stand everywhere
NEIGHBOURS = 5
MEANT_BY_SHELLS = set('"$`\\!')  # between double quotation marks


def pretrain(
    corpus: Annotated[Path, typer.Argument(metavar="CORPUS", help="Text file, a text a line; packed or not.")],
    objective: Annotated[
        str, typer.Option(help="word2vec: vectors of words; mlm, mlm+nsp: a BERT; ar: a network that writes.", metavar="NAME")
    ] = VECTORS,
    start: Annotated[
        Path | None,
        typer.Option("--from", help="Folder of a BERT that goes on to learn.", metavar="DIR", show_default=False),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", help="Folder to write; runs/CORPUS-OBJECTIVE by default.", metavar="DIR", rich_help_panel=OUTPUT,
            show_default=False,
        ),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="Such as word2vec.dim=300, mlm.size=mini.", metavar="NAME.param=value", show_default=False),
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same result, with one job.", metavar="N")] = 0,
    jobs: Annotated[int, typer.Option(help="Threads; with several, the last digits differ from run to run.", metavar="N")] = 1,
    budget: Annotated[
        str, typer.Option(help="quick, normal, thorough: 2, 5 or 15 passes; networks 4, 10 or 40.", metavar="WORK")
    ] = "normal",
    as_json: Json = False,
) -> None:  # fmt: skip
    """[bold green]tenon pretrain corpus.txt --objective word2vec --out vectors[/]

    Learn from texts without labels. Vectors of words: Chinese is cut into words by jieba, if it is there, else into characters;
    all is in lower case. The folder holds the vectors as safetensors with their words as JSON, and in word2vec's text format.
    Networks: lines without text part documents. The folder is laid out as Hugging Face's. One that was stopped goes on where it
    was when the same line runs again.

    Settings of networks, such as --set mlm.size=mini: size (tiny, mini, small, medium, base, large), vocabulary, longest; masks
    (tokens, words, spans), share and redraw of masked ones; epochs, batch_size, rate, decay, warmup. Of vectors, such as
    --set word2vec.dim=300: dim, window, negative, min_count, sample, epochs, sg, hs, learning_rate.
    """
    from tenon import api
    from tenon.cli.pretraining import Pretraining
    from tenon.cli.terminal import put, put_data, stderr, stdout, warn
    from tenon.text.pretrain import Pretrained

    own = read_settings(settings or ())
    try:
        with Pretraining() as screen:
            found = api.pretrain(
                corpus, out, objective, settings=own, seed=seed, jobs=jobs, budget=budget, start=start, watch=screen.watch
            )
    except KeyboardInterrupt:
        if objective != VECTORS:
            warn("The same line goes on from the step that was kept last; one is kept every minute.", stderr())
        raise
    if as_json:
        put_data(json.dumps(found.to_json(), indent=1, sort_keys=True, ensure_ascii=False))
    else:
        put(_lines(found) if isinstance(found, Pretrained) else _net_lines(found, stdout().width), stdout())


def _lines(found: "Pretrained") -> list[str]:
    vectors, epochs = found.vectors, found.settings["epochs"]
    size = f"{len(vectors):,} words with {vectors.matrix.shape[1]} numbers each"
    near = {word: vectors.nearest(word, NEIGHBOURS) for word in (vectors.words[i] for i in EXAMPLES if i < len(vectors))}
    python = f"from tenon.text import read_vectors; print(read_vectors({str(found.out)!r}).nearest({vectors.words[0]!r}))"
    return [
        *(f"  near {word}: {', '.join(other for other, _ in others)}" for word, others in near.items()),
        "",
        f"vectors  {found.out}: {size}, learnt from {found.n_words:,} words in {epochs} passes",
        f"next     {_typed(python)}",
    ]


def _net_lines(found: "PretrainedNet", width: int) -> list[str]:
    config, before, after = found.config, found.before, found.after
    is_ar = found.objective == "ar"
    what = "tokens" if is_ar else "masked tokens"
    pairs = "" if after.pairs is None else f"; of pairs {_percent(after.pairs)} are told, {_percent(before.pairs or 0)} before"
    said = f"{before.nats:.2f} nats before, {after.nats:.2f} after"
    if is_ar:
        said += f", a perplexity of {math.exp(after.nats):,.1f} a token"
    size = f"{config.n_layers} layers of {config.d_model} numbers, {config.vocab_size:,} parts of words"
    python = f"from tenon.text import Writer; print(Writer.from_pretrained({str(found.out)!r}).generate())"
    compare = f"tenon compare reviews.csv --target label --checkpoint {shlex.quote(str(found.out))}"
    return [
        *broken(
            f"  {found.n_held_out:,} held-out rows: {what} cost {said}; {_percent(after.accuracy)} of them are found{pairs}",
            width,
        ),
        "",
        *broken(
            f"network  {found.out}: {size}, learnt from {found.n_tokens:,} tokens in {found.settings['epochs']} passes", width
        ),
        f"next     {_typed(python) if is_ar else compare}",
    ]


def _typed(python: str) -> str:
    """Return the line that runs it, in quotation marks that can be read where nothing in it means anything to a shell."""
    return f"python -c {shlex.quote(python) if set(python) & MEANT_BY_SHELLS else chr(34) + python + chr(34)}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
