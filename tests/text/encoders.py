"""A small encoder in a folder, and texts whose class hangs on one word."""

import numpy as np
import torch

from tenon.text import Bert, BertConfig, MarkedTokens

RNG = np.random.default_rng(0)
N = 240
GOOD, BAD, EITHER = ["good", "great", "fine"], ["bad", "dull", "poor"], ["film", "plot", "a", "the", "scene"]
IS_GOOD = RNG.random(N) < 0.5
X = np.array([" ".join(RNG.permutation([*RNG.choice(EITHER, RNG.integers(1, 9)), RNG.choice(GOOD if good else BAD)]))
              for good in IS_GOOD], object)  # fmt: skip
CLASSES = np.where(IS_GOOD, "上", "下")
NUMBERS_OF = np.where(IS_GOOD, 57.0, 43.0) + RNG.normal(0, 1, N)
FIRST, SECOND = (RNG.choice(["red", "blue"], N) for _ in range(2))  # words of a pair
PAIRS = np.array([(f"{a} {x}", f"{b}") for a, b, x in zip(FIRST, SECOND, X, strict=True)], object)
IS_SAME = np.where(FIRST == SECOND, "same", "other")


def marked_tokens(folder, words):
    """Return the marked tokens of a vocabulary of just these parts of words, the five marks among them."""
    (folder / "vocab.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    return MarkedTokens.from_pretrained(folder)


def small_encoder(folder, dropout=0.1, texts=(*X, *FIRST), **settings):
    """Write an encoder as chance draws it, which knows every word of the texts."""
    tokens = MarkedTokens.learnt(list(texts), 300)
    torch.manual_seed(1)
    config = {"d_model": 32, "n_layers": 2, "n_heads": 2, "d_hidden": 64, "n_positions": 40, **settings}
    Bert(BertConfig(vocab_size=len(tokens.tokens), dropout=dropout, attention_dropout=dropout, **config)).save_pretrained(folder)
    tokens.save_pretrained(folder)
    return folder
