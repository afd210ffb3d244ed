"""Writer: a causal network with its tokens, which goes on with texts and tells how likely they are."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from tenon import ranges
from tenon.errors import DataError
from tenon.nn.attention import Read
from tenon.text.bert_heads import BertForWriting
from tenon.text.language import drawn
from tenon.text.marked import MarkedTokens
from tenon.text.masking import is_no_mark


class Writer:
    """net : in evaluation mode. tokens : those that it was trained on."""

    def __init__(self, net: BertForWriting, tokens: MarkedTokens):
        self.net, self.tokens, self.longest = net, tokens, net.bert.config.longest
        words = [*tokens.tokens.words, *[""] * (net.bert.config.vocab_size - len(tokens.tokens))]  # some networks know more
        can_be_said = is_no_mark(words) & np.array([bool(word) for word in words])
        can_be_said[tokens.end] = True
        self._never = np.flatnonzero(~can_be_said).tolist()

    @classmethod
    def from_pretrained(cls, folder: "Path | str") -> "Writer":
        """Return what `tenon pretrain --objective ar` wrote into a folder. Raises ModelFileError where it cannot be read."""
        return cls(BertForWriting.from_pretrained(folder), MarkedTokens.from_pretrained(folder))

    @torch.no_grad()
    def generate(self, prompt: str = "", n: int = 50, temperature: float = 1.0, top_k: int | None = None, seed: int = 0) -> str:
        """Return how the network goes on after a prompt: at most n tokens, drawn by their probabilities, until the text ends.

        temperature : below 1 the likelier ones are drawn more often, at 0 the likeliest alone; top_k : draw among so many.
        Where the text becomes longer than the network's places, it goes on from the last half of them. Raises SettingsError,
        and DataError for a prompt that is no str.
        """
        ranges.whole("n", n, 0)
        ranges.number("temperature", temperature, 0)
        ranges.whole("top_k", top_k, 1, or_none=True)
        ranges.whole("seed", seed, 0, 2**32 - 1)
        chance, said = torch.Generator().manual_seed(seed), self._marked(prompt)
        n_given, new = len(said), said[-self.longest :]
        read: Sequence[Read] = ()
        while len(said) < n_given + n:
            if read and read[0].keys.shape[2] == self.longest:
                new, read = said[-math.ceil(self.longest / 2) :], ()
            logits, read = self.net.step(torch.tensor([new]), read)
            token = drawn(logits[0, -1].double(), temperature, top_k, chance, self._never)
            if token == self.tokens.end:
                break
            said.append(token)
            new = [token]
        return self.tokens.tokens.decode(said[n_given:])

    def perplexity(self, texts: Sequence[str]) -> float:
        """Return the perplexity a token of texts, the end of each included; 1 is best. NaN without texts."""
        if isinstance(texts, str):
            raise DataError("perplexity is of a list of texts; got one text. Put it into a list.")
        nats = [self.nats(text) for text in texts]
        return math.exp(sum(float(one.sum()) for one in nats) / sum(map(len, nats))) if nats else math.nan

    @torch.no_grad()
    def nats(self, text: str) -> np.ndarray:
        """Return what each token of a text costs after those before it, its end as the last, (t,) float64.

        Of a text longer than the network's places each part is read by itself, from what the part before ended with.
        """
        ids = torch.tensor([*self._marked(text), self.tokens.end])
        return np.concatenate([self._cost(ids[i : i + self.longest + 1]) for i in range(0, len(ids) - 1, self.longest)])

    def _cost(self, ids: Tensor) -> np.ndarray:
        return functional.cross_entropy(self.net(ids[None, :-1])[0].double(), ids[1:], reduction="none").numpy()

    def _marked(self, text: str) -> list[int]:
        return [self.tokens.start, *self.tokens.tokens.encode(text).ids.tolist()]
