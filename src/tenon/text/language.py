"""LSTMLanguage: a language model that is a recurrent network, as an estimator trained by `tenon.training`."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from sklearn.base import BaseEstimator
from torch import Tensor

from tenon import ranges
from tenon.text.embedding import Embedding
from tenon.text.events import END, UNKNOWN, Events
from tenon.text.kinds import RECIPE
from tenon.text.language_net import LanguageNet
from tenon.text.next_rows import NextRows, nats_of_next, next_loss
from tenon.text.token_rows import of_like_length, texts_of
from tenon.training.device import lent
from tenon.training.held_out import held_out_by_chance
from tenon.training.loop import train
from tenon.training.net_file import put_weights, read_net, write_net
from tenon.training.noise import own_chance
from tenon.training.recipe import Recipe
from tenon.training.threads import threads
from tenon.watch import SILENT, Watch

TEXTS_AT_ONCE, EVENTS_AT_ONCE = 32_768, 64  # events of texts that are answered together, and of each that are read in one go
WORDS, NUMBERS = "language.json", "language.safetensors"


class LSTMLanguage(BaseEstimator):
    """How likely a text is, unit by unit, after all that stands before each.

    Parameters
    ----------
    fewest : times that a unit stands in the train texts to be known; others are spelled out (`tenon.text.events`).
    window : units of a text that are read together while training, from a state of zeros where the text goes on; an answer
        reads the text as a whole.
    width : numbers of a unit's vector; d_hidden : of a layer's state; n_layers; dropout.
    epochs, rate, decay : see `tenon.training.Recipe`. batch_size : windows.
    patience : epochs without a better loss of the held-out rows until training stops.
    n_jobs : threads; None and -1 are all cores. The last digits depend on it.
    random_state : seed of the weights, the order of windows, dropout.

    Attributes
    ----------
    net_ : the network; events_ : `tenon.text.events.Events`; history_ : `tenon.training.History`
    """

    watch: Watch = SILENT  # told how far training is

    def __init__(
        self, fewest: int = 2, window: int = 64, width: int = 128, d_hidden: int = 256, n_layers: int = 1, dropout: float = 0.4,
        epochs: int = 10, batch_size: int = 16, rate: float = 3e-3, decay: float = 0.01, patience: int | None = 3,
        n_jobs: int | None = None, random_state: Any = None,
    ):  # fmt: skip
        self.fewest, self.window, self.width, self.d_hidden, self.n_layers = fewest, window, width, d_hidden, n_layers
        self.dropout, self.epochs, self.batch_size, self.rate, self.decay = dropout, epochs, batch_size, rate, decay
        self.patience, self.n_jobs, self.random_state = patience, n_jobs, random_state

    def fit(self, X: Sequence[str], y: Any = None, held_out: Any = None) -> Self:
        """X : (n,) texts.

        held_out : (n,) bool, texts that choose the epoch and are not trained on; by default a tenth by chance, from 200 on.
        Raises SettingsError for settings out of range, and where training finds no finite loss; DataError for other X.
        """
        for name in ("fewest", "window", "d_hidden", "n_layers", "batch_size"):
            ranges.whole(name, getattr(self, name), 1)
        texts, seed = texts_of(X), ranges.seed_of(self.random_state)
        is_out = held_out_by_chance(np.zeros(len(texts), np.int64), seed) if held_out is None else np.asarray(held_out, bool)
        kept, out = ([one for one, is_one in zip(texts, which, strict=True) if is_one] for which in (~is_out, is_out))
        self.events_ = Events.learnt(kept, self.fewest)
        trained, judged = (NextRows(self._windows(part), END) for part in (kept, out))
        with threads(self.n_jobs), own_chance(seed):
            self.net_ = self._net()
            self.history_ = train(
                self.net_, trained, next_loss(trained), self._recipe(), seed=seed,
                held_out=judged.part(range(len(judged))) if len(judged) else None, watch=self.watch, folder=self.watch.folder,
            )  # fmt: skip
        return self

    def predict(self, X: Sequence[str]) -> np.ndarray:
        """Return what each text costs, its end included, (n,) nats."""
        return np.array([nats.sum() for nats in self.surprises(X)])

    def surprises(self, X: Sequence[str]) -> list[np.ndarray]:
        """Return what each unit of each text costs, and last its end, (t,) nats."""
        texts = texts_of(X)
        rows, surprises = NextRows([self._marked(one) for one in texts], END), self.events_.spelled(texts)
        with threads(self.n_jobs), lent(self.net_, len(rows)) as device:
            for places in of_like_length(rows.lengths, TEXTS_AT_ONCE):
                (read,), asked = rows.batch(places, device)
                for place, nats in zip(places.tolist(), self._nats(read, asked).cpu().numpy(), strict=True):
                    surprises[place] += nats[: len(surprises[place])]
        return surprises

    @torch.no_grad()
    def generate(self, prompt: str = "", n: int = 50, temperature: float = 1.0, top_k: int | None = None, seed: int = 0) -> str:
        """Return how the network goes on after a prompt: at most n units, drawn by their probabilities, until the text ends.

        temperature : below 1 the likelier ones are drawn more often, at 0 the likeliest alone; top_k : draw among so many.
        """
        ranges.whole("n", n, 0)
        ranges.number("temperature", temperature, 0)
        ranges.whole("top_k", top_k, 1, or_none=True)
        said: list[int] = []
        chance, state = torch.Generator().manual_seed(seed), None
        read = self._marked(prompt)[:-1]
        while len(said) < n:
            logits, state = self.net_.read(read[None], state)
            event = drawn(logits[0, -1].double(), temperature, top_k, chance, never=[UNKNOWN])
            if event == END:
                break
            said.append(event)
            read = torch.tensor([event])
        return self.events_.decode(said)

    def write_files(self, folder: Path) -> None:
        """Write the fitted estimator into a folder: weights as safetensors, the rest as JSON."""
        words = {"settings": self.get_params(deep=False), "events": self.events_.to_json()}
        write_net(folder, (WORDS, NUMBERS), words, self.net_)

    @classmethod
    def read_files(cls, folder: Path) -> Self:
        """Return the estimator that `write_files` wrote. Raises ModelFileError where it cannot be read."""
        return read_net(folder, (WORDS, NUMBERS), "language model", cls._made)

    @classmethod
    def _made(cls, words: dict[str, Any], weights: dict[str, Tensor]) -> Self:
        model = cls(**words["settings"])
        model.events_ = Events(**words["events"])
        model.net_ = model._net()
        put_weights(model.net_, words, weights)
        return model

    def _marked(self, text: str) -> Tensor:
        """Return the events of a text between two ends, (t,)."""
        return torch.from_numpy(np.append(END, self.events_.encode(text)))

    def _windows(self, texts: list[str]) -> list[Tensor]:
        """Return the events of texts in pieces, each of which begins with what the one before ends with."""
        marked = [self._marked(one) for one in texts]
        return [one[i : i + self.window + 1] for one in marked for i in range(0, len(one) - 1, self.window)]

    def _recipe(self) -> Recipe:
        asked = {name: getattr(self, name) for name in ("epochs", "batch_size", "rate", "decay", "patience")}
        return replace(RECIPE, **asked)

    def _net(self) -> LanguageNet:
        embedding = Embedding(len(self.events_), self.width, None, UNKNOWN, dropout=self.dropout)
        return LanguageNet(embedding, self.d_hidden, self.n_layers, self.dropout)

    @torch.no_grad()
    def _nats(self, read: Tensor, asked: Tensor) -> Tensor:
        """Return what each event of texts (b, T) costs, (b, T) float64; the logits of few places are held at once."""
        nats, state = [], None
        for part, wanted in zip(read.split(EVENTS_AT_ONCE, dim=1), asked.split(EVENTS_AT_ONCE, dim=1), strict=True):
            logits, state = self.net_.read(part, state)
            nats.append(nats_of_next(logits, wanted).double())
        return torch.cat(nats, dim=1)


def drawn(logits: Tensor, temperature: float, top_k: int | None, chance: torch.Generator, never: Sequence[int]) -> int:
    """Return an event by its logits (V,). never : those that cannot be said."""
    logits = logits.index_fill(0, torch.tensor(never), -torch.inf)
    if temperature == 0:
        return int(logits.argmax())
    if top_k is not None and top_k < len(logits):
        logits = logits.masked_fill(logits < logits.topk(top_k).values[-1], -torch.inf)
    return int(torch.multinomial((logits / temperature).softmax(dim=0), 1, generator=chance))
