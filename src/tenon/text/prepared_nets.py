"""A small encoder that the methods of a run begin with: learnt by masked tokens from the run's own texts.

Texts of the task itself, without their labels, are what an encoder gains most from (Gururangan et al. 2020, arXiv:2004.10964,
section 4). With no network of others at hand it starts from chance, so it is small.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from tenon.errors import DataError
from tenon.text.pretrain_nets import NetSettings, new_network, rows_of, split, train_on_tokens
from tenon.text.token_file import token_file
from tenon.training.noise import own_chance
from tenon.training.threads import threads
from tenon.watch import Watch

SETTINGS = {
    "quick": NetSettings("tiny", longest=256, epochs=4),
    "normal": NetSettings("tiny", longest=256, epochs=10),
    "thorough": NetSettings("mini", longest=256, epochs=20),
}


def masked_tokens(train: Iterable[str], others: Iterable[str], folder: Path, seed: int, budget: str, watch: Watch) -> None:
    """Leave an encoder and its tokens in an empty folder, as Hugging Face lays them out; all texts are learnt from.

    One thread learns, so that the same texts and seed give the same network. Where texts are too few for two rows, it stays as
    chance drew it.
    """
    texts, settings = [*train, *others], SETTINGS[budget]
    with threads(1), own_chance(seed):
        tokens, net = new_network("mlm", texts, settings)
        with token_file(_documents(texts), tokens.tokens, watch=watch) as file:
            try:
                learnt, held_out = split(rows_of("mlm", "the texts", settings, seed, file, tokens), seed)
            except DataError:  # of rows that are there it has nothing to say
                watch.note("the texts are too few to learn an encoder from; it starts from chance.")
            else:
                train_on_tokens(net, learnt, held_out, settings.recipe(net.bert.config.d_model), seed, watch)
    net.save_pretrained(folder)
    tokens.save_pretrained(folder)


def _documents(texts: Iterable[str]) -> Iterator[str]:
    """Yield lines as `token_file` takes them, a document for each text: methods read them one by one, too."""
    return chain.from_iterable((text, "") for text in texts)
