"""The encoder that the methods of a run begin with: learnt by masked tokens from the run's own texts.

Texts of the task itself, without their labels, are what an encoder gains most from (Gururangan et al. 2020, arXiv:2004.10964,
section 4). With no network of others at hand it starts from chance, so it is small; one that is given goes on. Where texts are
long it reads rows of 128 tokens in nine passes of ten and rows as long as it shall know in the last (Devlin et al. 2019,
arXiv:1810.04805, appendix A.2): of rows of 512 alone it learns how often tokens are, and not which stand together.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np

from tenon.data.unlabelled import DOMAIN
from tenon.errors import DataError
from tenon.method import NONE
from tenon.text.bert_heads import BertFor, BertForMasked
from tenon.text.marked import MarkedTokens, copy_tokens
from tenon.text.prepared import TASK
from tenon.text.pretrain_nets import NetSettings, new_network, rows_of, split, train_on_tokens
from tenon.text.token_file import token_file
from tenon.training.noise import own_chance
from tenon.training.threads import threads
from tenon.watch import Watch

SETTINGS = {
    "quick": NetSettings("tiny", longest=512, batch_size=16, epochs=4),
    "normal": NetSettings("tiny", longest=512, batch_size=16, epochs=10),
    "thorough": NetSettings("mini", longest=512, batch_size=16, epochs=20),
}
SHORT, SHORT_SHARE = 128, 0.9  # tokens of a row in the first passes, and how many of all these are
EPOCHS_OF_DOMAIN = {"quick": 2, "normal": 4, "thorough": 8}  # whose texts are more than those of the task


def masked_tokens(
    texts: Iterable[str], folder: Path, seed: int, budget: str, watch: Watch, stage: str = TASK, start: str = ""
) -> None:
    """Leave an encoder and its tokens in an empty folder, as Hugging Face lays them out.

    stage : NONE: all texts give the vocabulary alone; else the encoder learns from them. start : folder of one that goes on, ""
    for one from chance. One thread learns, so that the same texts and seed give the same network. Where texts are too few for two
    rows, it stays as it began.
    """
    texts, settings = list(texts), replace(SETTINGS[budget], epochs=epochs_of_stage(stage, budget))
    with threads(1), own_chance(seed):
        tokens, net = _from(start, watch) if start else new_network("mlm", texts, settings)
        if stage != NONE:
            settings = replace(settings, longest=min(settings.longest, net.bert.config.longest))
            _learn(net, tokens, texts, settings, not start, seed, watch)
    net.save_pretrained(folder)
    if start:
        copy_tokens(Path(start), folder)
    else:
        tokens.save_pretrained(folder)


def epochs_of_stage(stage: str, budget: str) -> int:
    """Return how many passes a stage makes over its texts."""
    return EPOCHS_OF_DOMAIN[budget] if stage == DOMAIN else SETTINGS[budget].epochs


def _from(start: str, watch: Watch) -> tuple[MarkedTokens, BertForMasked]:
    net = BertForMasked.from_pretrained(start)
    if any(name.startswith("masked.") for name in net.fresh):
        watch.note(
            f"the network in {start} has no head that foretells masked tokens; one begins as chance draws it, on the vectors of "
            "its tokens."
        )
    return MarkedTokens.from_pretrained(start), net


def _learn(
    net: BertFor, tokens: MarkedTokens, texts: Sequence[str], settings: NetSettings, is_new: bool, seed: int, watch: Watch
) -> None:
    """Train a network in place on texts."""
    with token_file(_documents(texts), tokens.tokens, watch=watch) as file:
        n_done = 0
        for part in in_turn(settings, np.diff(file.document_bounds).max(initial=0)) if is_new else (settings,):
            try:
                learnt, held_out = split(rows_of("mlm", "the texts", part, seed, file, tokens), seed)
            except DataError:  # of rows that are there it has nothing to say
                if not n_done:
                    watch.note("the texts are too few to learn an encoder from; it stays as it began.")
                return
            recipe = part.recipe(net.bert.config.d_model, is_new=is_new and not n_done)
            train_on_tokens(net, learnt, held_out, recipe, seed, watch.part(n_done, settings.epochs, part.epochs))
            n_done += part.epochs


def in_turn(settings: NetSettings, longest: int) -> tuple[NetSettings, ...]:
    """Return how a new network learns from texts of up to so many tokens, as much in each step: short rows, then long ones."""
    if longest <= SHORT or settings.longest <= SHORT or settings.epochs == 1:
        return (settings,)
    n_short = min(round(SHORT_SHARE * settings.epochs), settings.epochs - 1)
    size = max(1, settings.batch_size * SHORT // settings.longest)
    return (
        replace(settings, longest=SHORT, epochs=n_short),
        replace(settings, batch_size=size, epochs=settings.epochs - n_short),
    )


def _documents(texts: Iterable[str]) -> Iterator[str]:
    """Yield lines as `token_file` takes them, a document for each text: methods read them one by one, too."""
    return chain.from_iterable((text, "") for text in texts)
