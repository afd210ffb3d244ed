"""Looks at the folder of an encoder before hours of work begin with it."""

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import numpy as np

from tenon.data.language import SAMPLE
from tenon.errors import DataError, ModelFileError
from tenon.text.bert import Bert
from tenon.text.marked import MarkedTokens
from tenon.training.noise import own_chance

UNKNOWN_SHARE = 0.5  # of tokens; where more are unknown, the vocabulary is of other texts


def check_folder(folder: "Path | str", texts: Iterable[str], what: str = "the texts") -> None:
    """Raise ModelFileError where no encoder that reads both ways lies there.

    DataError where most of these texts is unknown to its vocabulary. what : they are called.
    """
    with own_chance(0):  # of weights that the folder lacks
        config = Bert.from_pretrained(folder).config
    if config.is_causal:
        raise ModelFileError(
            f"{folder} holds a network that reads only what stands before each token, and writes texts; take one that reads both "
            "ways: tenon pretrain --objective mlm."
        )
    tokens = MarkedTokens.from_pretrained(folder).tokens
    ids = [tokens.encode(text).ids for text in islice(texts, SAMPLE)]
    check_known(np.concatenate([*ids, np.zeros(0, np.int64)]) == tokens.unknown, what, folder)


def check_known(is_unknown: np.ndarray, what: str, folder: "Path | str") -> None:
    """Raise DataError where most tokens of something are unknown to the vocabulary in a folder. is_unknown : (n,) bool."""
    if len(is_unknown) and (share := float(np.mean(is_unknown))) > UNKNOWN_SHARE:
        raise DataError(
            f"{share:.0%} of the tokens of {what} are unknown to the vocabulary in {folder}; take a network of the same "
            "language, or none: a new one learns a vocabulary of its own."
        )
