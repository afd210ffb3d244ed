"""How one would translate by hand, on torch.nn.Transformer: the same tokens, size, rates and steps as ours; greedy search."""

import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import pad_sequence

from tenon.text.kinds import CLIP, TRANSLATING
from tenon.text.tokens import learnt_tokens

WIDTH, N_HEADS, DROPOUT, SMOOTHING, EPOCHS, SIZE, LONGEST, MOST, WARMUP = 128, 4, 0.1, 0.1, 10, 64, 100, 8_000, 0.05
PAD = 0
AT_ONCE = 128  # texts that are translated


class Net(nn.Module):
    """Source (B, S) and target (B, T) into logits (B, T, V); sines tell places, the vectors of target tokens are the output's."""

    def __init__(self, n_source: int, n_target: int):
        super().__init__()
        n_layers = TRANSLATING["transformer"].settings["n_layers"]
        self.source, self.target = nn.Embedding(n_source, WIDTH, PAD), nn.Embedding(n_target, WIDTH, PAD)
        for embedding in (self.source, self.target):
            nn.init.normal_(embedding.weight, std=WIDTH**-0.5)
        self.body = nn.Transformer(WIDTH, N_HEADS, n_layers, n_layers, 4 * WIDTH, DROPOUT, batch_first=True, norm_first=True)
        self.dropout = nn.Dropout(DROPOUT)
        rates = torch.exp(torch.arange(0, WIDTH, 2) * (-math.log(10_000.0) / WIDTH))
        angles = torch.arange(LONGEST + 2)[:, None] * rates
        self.register_buffer("places", torch.stack([angles.sin(), angles.cos()], dim=2).flatten(1))

    def forward(self, source: Tensor, target: Tensor) -> Tensor:
        later = nn.Transformer.generate_square_subsequent_mask(target.shape[1], device=target.device, dtype=torch.bool)
        is_pad = source == PAD
        states = self.body(
            self.placed(self.source, source), self.placed(self.target, target), tgt_mask=later, src_key_padding_mask=is_pad,
            memory_key_padding_mask=is_pad,
        )  # fmt: skip
        return functional.linear(states, self.target.weight)

    def placed(self, embedding: nn.Embedding, ids: Tensor) -> Tensor:
        return self.dropout(embedding(ids) * WIDTH**0.5 + self.places[: ids.shape[1]])


class ByHandTransformer:
    """Learns by AdamW at the rate of ours, which rises and then falls as half a cosine; the last epoch counts."""

    def __init__(self, seed: int = 0):
        self.seed = seed

    def fit(self, X: Sequence[str], y: Sequence[str]) -> "ByHandTransformer":
        torch.manual_seed(self.seed)
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.read_tokens, self.said_tokens = (
            learnt_tokens(X, "wordpiece", MOST),
            learnt_tokens(y, "characters", MOST, is_cased=True),
        )
        self.end = len(self.said_tokens)
        self.net = Net(len(self.read_tokens), self.end + 1).to(self.device).train()
        sources = [torch.from_numpy(self.read_tokens.encode(text).ids[:LONGEST]) for text in X]
        targets = [torch.tensor([self.end, *self.said_tokens.encode(text).ids[:LONGEST], self.end]) for text in y]
        self.longest = max(map(len, targets)) - 2
        n_steps, rate = EPOCHS * -(-len(X) // SIZE), TRANSLATING["transformer"].rate
        optimiser = torch.optim.AdamW(self.net.parameters(), lr=rate, weight_decay=0.01)
        n_warm = round(WARMUP * n_steps)

        def factor(step: int) -> float:
            done = (step - n_warm) / max(1, n_steps - n_warm)
            return (step + 1) / n_warm if step < n_warm else 0.5 * (1 + math.cos(math.pi * done))

        schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, factor)
        for ids in self._batches(len(X)):
            source, target = (self._padded([texts[i] for i in ids]) for texts in (sources, targets))
            logits = self.net(source, target[:, :-1])
            loss = functional.cross_entropy(
                logits.flatten(0, 1), target[:, 1:].flatten(), ignore_index=PAD, label_smoothing=SMOOTHING
            )
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(self.net.parameters(), CLIP)
            optimiser.step()
            schedule.step()
        self.net.eval()
        return self

    @torch.no_grad()
    def predict(self, X: Sequence[str]) -> list[str]:
        sources = [torch.from_numpy(self.read_tokens.encode(text).ids[:LONGEST]) for text in X]
        sources = [ids if len(ids) else torch.tensor([self.read_tokens.unknown]) for ids in sources]
        order, said = sorted(range(len(X)), key=lambda i: len(sources[i])), [""] * len(X)
        for start in range(0, len(X), AT_ONCE):
            ids = order[start : start + AT_ONCE]
            for i, found in zip(ids, self._greedy(self._padded([sources[i] for i in ids])).tolist(), strict=True):
                kept = found[: found.index(self.end)] if self.end in found else found
                said[i] = self.said_tokens.decode(kept)
        return said

    def _greedy(self, source: Tensor) -> Tensor:
        said = torch.full((len(source), 1), self.end, device=self.device)
        has_ended = torch.zeros(len(source), dtype=torch.bool, device=self.device)
        for _ in range(self.longest + 1):
            logits = self.net(source, said)[:, -1]
            logits[:, [PAD, self.said_tokens.unknown]] = -math.inf
            last = logits.argmax(dim=1)
            said = torch.cat([said, last[:, None]], dim=1)
            has_ended |= last == self.end
            if has_ended.all():
                break
        return said[:, 1:]

    def _batches(self, n: int) -> Iterator[list[int]]:
        for _ in range(EPOCHS):
            yield from (ids.tolist() for ids in torch.randperm(n).split(SIZE))

    def _padded(self, texts: Sequence[Tensor]) -> Tensor:
        return pad_sequence(list(texts), batch_first=True, padding_value=PAD).to(self.device)
