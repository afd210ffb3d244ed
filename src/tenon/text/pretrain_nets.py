"""Learn a network from a file of texts without labels: by masked tokens, with pairs of parts, or by the next token.

BERT (Devlin et al. 2019, arXiv:1810.04805) without pairs as Liu et al. 2019 (arXiv:1907.11692, section 4.2), GPT after Radford et
al. 2018. Sizes and rates are meant for a processor and a few megabytes; a network of others goes on at the rate that Gururangan
et al. 2020 (arXiv:2004.10964) adapt with.
"""

import json
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from tenon import ranges
from tenon.data.language import SAMPLE
from tenon.data.lines import read_all_lines, read_lines
from tenon.errors import DataError, SettingsError, unknown
from tenon.files import file_checksum, new_folder, parts_checksum, write_text
from tenon.text.bert import Bert
from tenon.text.bert_config import SIZES, BertConfig, read_config
from tenon.text.bert_cost import FEW_CHARACTERS
from tenon.text.bert_heads import BertFor, BertForMasked, BertForPretraining, BertForWriting
from tenon.text.checkpoint import check_known
from tenon.text.cuts import packed, pairs
from tenon.text.marked import MarkedTokens, copy_tokens
from tenon.text.masked_rows import FileRows, MaskedRows, NextTokenRows
from tenon.text.masking import Masking, Masks, is_no_mark
from tenon.text.pretrain import ABOUT, Asked
from tenon.text.token_file import TokenFile, jieba_starts, token_file
from tenon.text.token_loss import Judged, TokenLoss, judged
from tenon.text.word_lists import units_of
from tenon.training.history import History
from tenon.training.loop import train
from tenon.training.noise import own_chance
from tenon.training.recipe import Recipe
from tenon.training.threads import threads
from tenon.watch import Watch

NETS: dict[str, type[BertFor]] = {"mlm": BertForMasked, "mlm+nsp": BertForPretraining, "ar": BertForWriting}
OF_MASKS = ("masks", "share", "redraw")  # settings of masked tokens alone
OF_NEW = ("size", "vocabulary")  # of networks that start from chance
MOST_PARTS, MOST_PLACES = 500_000, 100_000  # of words, of a row: far above any network's, and memory holds them
HELD_OUT_SHARE, MOST_HELD_OUT = 0.05, 500  # rows that are judged by
RATE_OF_ONE, RATE_AFTER = 0.128, 0.0768  # over the width, rates of a new network and of one that goes on, 1e-4 for base


@dataclass(frozen=True)
class NetSettings:
    """Settings of one objective. Raises SettingsError for a value that is out of its range.

    size : of a new network, with a vocabulary of so many parts of words. longest : tokens of a row. masks, share, redraw : see
    `tenon.text.masking`. epochs : passes; batch_size : rows; rate : None: by the width. decay, warmup : see `Recipe`.
    """

    size: str = "tiny"
    vocabulary: int = 8_000
    longest: int = 128
    masks: Masks = "tokens"
    share: float = 0.15
    redraw: bool = True
    epochs: int = 10
    batch_size: int = 32
    rate: float | None = None
    decay: float = 0.01
    warmup: float = 0.1

    def __post_init__(self) -> None:
        ranges.one_of("size", self.size, SIZES)
        ranges.whole("vocabulary", self.vocabulary, 100, MOST_PARTS)
        ranges.whole("longest", self.longest, 8, MOST_PLACES)
        ranges.whole("batch_size", self.batch_size, 1)
        ranges.number("rate", self.rate, 0, open_low=True, or_none=True)
        if not isinstance(self.redraw, bool):
            raise SettingsError(f"redraw takes true or false; got {self.redraw!r}.")
        Masking(0, np.zeros(1), self.masks, self.share)
        self.recipe(1)

    @classmethod
    def read(cls, given: Mapping[str, Any], objective: str, is_new: bool, epochs: int) -> "NetSettings":
        """Return the settings that were given by name. Raises SettingsError for those that this training does not have."""
        left_out = {*(OF_MASKS if objective == "ar" else ()), *(() if is_new else OF_NEW)}
        for name in given:
            if not is_new and name in OF_NEW:
                raise SettingsError(f"{name} is of a new network; that of --from has its own.")
            if name not in (known := [one.name for one in fields(cls) if one.name not in left_out]):
                raise unknown("setting", name, known, of=f" of {objective}")
        return cls(**{"epochs": epochs, **given})

    def recipe(self, width: int, is_new: bool = True) -> Recipe:
        """Return how a network of this width is trained: AdamW, a rate that rises, then falls in a straight line."""
        rate = self.rate or (RATE_OF_ONE if is_new else RATE_AFTER) / width
        return Recipe(
            epochs=self.epochs, batch_size=self.batch_size, rate=rate, decay=self.decay, warmup=self.warmup, schedule="linear",
            clip=1.0, precision="auto",
        )  # fmt: skip


@dataclass(frozen=True)
class PretrainedNet:
    """What was learnt, and where it lies. before, after : of held-out rows, by the network as it was and as it is."""

    objective: str
    out: Path
    config: BertConfig
    n_tokens: int  # of the corpus
    n_rows: int  # learnt from
    n_held_out: int
    before: Judged
    after: Judged
    settings: dict[str, Any]
    history: History

    def to_json(self) -> dict[str, Any]:
        """Return all but the curves, ready for JSON."""
        about = {name: value for name, value in vars(self).items() if name not in ("out", "config", "history", "before", "after")}
        figures = {"before": self.before._asdict(), "after": self.after._asdict(), "best_epoch": self.history.best_epoch}
        return {**about, "out": str(self.out), "network": self.config.to_json(), **figures}


def learn(asked: Asked) -> PretrainedNet:
    """Train the network that was asked for, and write its folder, as Hugging Face lays it out.

    A training that was killed goes on from a checkpoint beside the folder. Raises SettingsError, DataError, ModelFileError for
    --from, OutputError.
    """
    settings = NetSettings.read(asked.settings, asked.objective, asked.start is None, asked.epochs)
    with threads(asked.jobs), own_chance(asked.seed):
        tokens, net = _network(asked, settings)
        has_words = settings.masks != "tokens" and units_of(islice(read_lines(asked.corpus), SAMPLE)) == "jieba"
        starts = jieba_starts if has_words else None
        with token_file(read_all_lines(asked.corpus), tokens.tokens, starts, asked.watch) as file:
            if asked.start is not None:
                check_known(file.tokens == tokens.tokens.unknown, asked.corpus.name, asked.start)
            rows = rows_of(asked.objective, asked.corpus.name, settings, asked.seed, file, tokens)
            _tell_if_few(asked)
            return _trained(asked, settings, tokens, net, rows, len(file.tokens))


def _network(asked: Asked, settings: NetSettings) -> tuple[MarkedTokens, BertFor]:
    """Return tokens and a network: those of --from, or new ones."""
    if asked.start is None:
        return new_network(asked.objective, _Lines(asked.corpus), settings)
    _check_kind(asked.objective, read_config(asked.start), asked.start)
    net, tokens = NETS[asked.objective].from_pretrained(asked.start), MarkedTokens.from_pretrained(asked.start)
    if settings.longest > (most := net.bert.config.longest):
        raise SettingsError(f"longest is {settings.longest}, and the network in {asked.start} knows {most} places.")
    return tokens, net


def _check_kind(objective: str, config: BertConfig, start: Path) -> None:
    """Raise SettingsError where a network like this cannot go on by the objective."""
    if config.is_causal and config.family not in NETS["ar"].names:
        raise SettingsError(
            f"{start} holds a network of kind {config.kind} that reads only what stands before each token, and of such only kind "
            "bert goes on here; name the folder of another network, or leave out --from."
        )
    if config.is_causal and objective != "ar":
        raise SettingsError(
            f"{start} holds a network that reads only what stands before each token; it goes on with --objective ar."
        )
    if objective == "ar" and not config.is_causal:
        raise SettingsError(
            f"{start} holds a network that reads texts both ways, so it cannot learn to write; go on with --objective mlm, or "
            "leave out --from."
        )
    if config.family not in NETS[objective].names:
        raise SettingsError(
            f"{start} holds a network of kind {config.kind}, which never learns by {objective}; take --objective mlm."
        )


def _tell_if_few(asked: Asked) -> None:
    """Tell where an encoder begins from chance and has too few texts to learn anything of use from."""
    if asked.start is not None or asked.objective == "ar":
        return
    n_characters = 0
    for line in read_lines(asked.corpus):
        n_characters += len(line)
        if n_characters > FEW_CHARACTERS:
            return
    asked.watch.tell({"event": "note", "text": (
        f"{asked.corpus.name} has {n_characters:,} characters. From {FEW_CHARACTERS:,} and fewer an encoder that begins from "
        "chance has earned nothing that we could measure: bring more text, or go on with a network, --from FOLDER."
    )})  # fmt: skip


def new_network(objective: str, lines: Iterable[str], settings: NetSettings) -> tuple[MarkedTokens, BertFor]:
    """Return tokens that lines are made up of, which are read twice, and a network for them as chance draws it."""
    tokens = MarkedTokens.learnt(lines, settings.vocabulary)
    config = BertConfig.of_size(settings.size, len(tokens.tokens))
    net = NETS[objective](Bert(replace(config, n_positions=settings.longest, is_causal=objective == "ar")))
    return tokens, net


class _Lines:
    """The lines of a file, as often as they are asked for."""

    def __init__(self, path: Path):
        self._path = path

    def __iter__(self) -> Iterator[str]:
        return read_lines(self._path)


def rows_of(objective: str, corpus: str, settings: NetSettings, seed: int, file: TokenFile, tokens: MarkedTokens) -> FileRows:
    """Return all rows of a corpus of this name. Raises DataError where they are too few."""
    kinds, others = None, np.flatnonzero(is_no_mark(tokens.tokens.words))
    if objective == "mlm+nsp":
        cuts, kinds = pairs(file, settings.longest - 3, seed)
    else:
        cuts = packed(file, settings.longest - (1 if objective == "ar" else 2))
    if len(cuts) < 2:
        what = "pairs of sentences of one document" if objective == "mlm+nsp" else f"rows of up to {settings.longest} tokens"
        raise DataError(
            f"{corpus} has {len(file.tokens):,} tokens, too few for two {what}: one to learn from, one to judge by. "
            "Bring more text."
        )
    if objective == "ar":
        return NextTokenRows(file, cuts, tokens)
    masking = Masking(tokens.mask, others, settings.masks, settings.share, settings.redraw, seed)
    return MaskedRows(file, cuts, tokens, masking, kinds)


def _trained(
    asked: Asked, settings: NetSettings, tokens: MarkedTokens, net: BertFor, rows: FileRows, n_tokens: int
) -> PretrainedNet:
    """Train the network on most of the rows, and write it."""
    learnt, held_out = split(rows, asked.seed)
    recipe = settings.recipe(net.bert.config.d_model, asked.start is None)
    before, about = judged(net, held_out, settings.batch_size), asdict(settings) | {"rate": recipe.rate}
    with _checkpoints(asked, about) as folder:
        history = train_on_tokens(net, learnt, held_out, recipe, asked.seed, asked.watch, folder)
        after = judged(net, held_out, settings.batch_size)
        found = PretrainedNet(
            asked.objective, asked.out, net.bert.config, n_tokens, len(learnt), len(held_out), before, after, about, history
        )
        _write(asked, tokens, net, found)
    return found


def train_on_tokens(
    net: BertFor, learnt: FileRows, held_out: FileRows, recipe: Recipe, seed: int, watch: Watch, folder: Path | None = None
) -> History:
    """Train a network in place; what is told has the share of tokens found and how many are read a second, too."""
    loss = TokenLoss()
    told = _told(watch, loss, learnt, recipe.batch_size or len(learnt))
    return train(net, learnt, loss, recipe, seed=seed, held_out=held_out, watch=told, folder=folder)


def split(rows: FileRows, seed: int) -> tuple[FileRows, FileRows]:
    """Return the rows that are learnt from, and those held out by chance, the shortest first, so that little is padded."""
    n_out = min(MOST_HELD_OUT, max(1, round(HELD_OUT_SHARE * len(rows))))
    is_out = np.zeros(len(rows), bool)
    is_out[np.random.default_rng(seed).permutation(len(rows))[:n_out]] = True
    out = rows.part(is_out)
    return rows.part(~is_out), out.part(out.lengths.argsort(stable=True).numpy())


def _told(watch: Watch, loss: TokenLoss, rows: FileRows, batch_size: int) -> Watch:
    """Return a watch that tells, with what the training tells, the share of tokens found and how many are read a second."""
    of_step, began = float(rows.lengths.double().mean()) * batch_size, [time.monotonic(), -1]

    def listen(event: dict[str, Any]) -> None:
        if event["event"] != "progress" or "loss" not in event:
            watch.tell(event)
            return
        if began[1] < 0:  # a training that goes on has steps behind it that took no time now
            began[1] = event["done"] - 1
        speed = of_step * (event["done"] - began[1]) / max(1e-9, time.monotonic() - began[0])
        watch.tell({**event, "accuracy": loss.accuracy(), "tokens_per_second": speed})

    return Watch(listen)


@contextmanager
def _checkpoints(asked: Asked, about: dict[str, Any]) -> Iterator[Path]:
    """Yield a folder beside the result for checkpoints of this training alone; it is deleted when the block ends well."""
    start = parts_checksum(asked.start) if asked.start else ""
    identity = json.dumps([asked.objective, about, asked.seed, file_checksum(asked.corpus), start], sort_keys=True)
    beside = asked.out.with_name(f"{asked.out.name}.unfinished")
    yield beside / sha256(identity.encode()).hexdigest()[:16]
    shutil.rmtree(beside, ignore_errors=True)


def _write(asked: Asked, tokens: MarkedTokens, net: BertFor, found: PretrainedNet) -> None:
    with new_folder(asked.out) as folder:
        net.save_pretrained(folder)
        if asked.start is None:
            tokens.save_pretrained(folder)
        else:
            copy_tokens(asked.start, folder)
        said = found.to_json() | {"seed": asked.seed, "held_out_losses": found.history.brief()["held_out"]}
        write_text(folder / ABOUT, json.dumps(said, indent=1, sort_keys=True, ensure_ascii=False))
