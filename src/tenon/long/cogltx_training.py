"""Judge and reasoner of CogLTX learn in rounds, each from what the other knows (Ding et al. 2020, NeurIPS 33, section 3.3).

In a round (1) the judge learns which blocks are relevant, from rows of neighbours, as they compete, and of relevant ones among
others, as they rehearse; (2) it recalls a row of each document; (3) the reasoner learns the task from these, which it will meet,
and from relevant blocks filled up with the best or any others; (4) where nobody told what is relevant, interventions do: which
blocks does the reasoner miss? While no block is known to matter, rows are drawn by chance, and interventions look at all blocks.

Other than in the official code (Sleepychord/CogLTX) each training has its own rise and fall of the rate; estimations, losses and
interventions are of networks in evaluation mode, and are used from the first round on; the judge learns nothing of the first
mark of a row and of what is asked, nor of documents without a relevant block. It learns of blocks, not of tokens: one word may
tell what a block is worth, while no other token of it does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from tenon.long.cogltx_nets import JudgeAndReasoner
from tenon.long.cogltx_relevance import moved
from tenon.long.cogltx_rows import Documents, RecallReader
from tenon.long.mem_recall import Row, fill, packed
from tenon.text.bert_heads import BertFor
from tenon.text.marked_rows import MarkedRows
from tenon.text.pieces import Part, PieceRows
from tenon.text.token_rows import TOKENS_AT_ONCE, UnequalRows, of_like_length
from tenon.training.device import lent
from tenon.training.history import History
from tenon.training.loop import Loss, train
from tenon.training.recipe import Recipe
from tenon.training.rows import Batch
from tenon.training.weights import Weights, copy_of
from tenon.watch import Watch

RowOf = tuple[int, Row]  # of which document, and which blocks
WithTargets = Callable[[Sequence[RowOf]], MarkedRows]


class DrawnRows:
    """Rows that `draw` gives for each epoch, as many in each."""

    def __init__(self, draw: Callable[[int], UnequalRows]):
        self._draw, self._n = draw, len(draw(0))

    def __len__(self) -> int:
        return self._n

    def batch(self, ids: Tensor, device: torch.device) -> Batch:
        return self._draw(0).batch(ids, device)

    def of_epoch(self, epoch: int) -> UnequalRows:
        return self._draw(epoch)


@dataclass(frozen=True)
class Plan:
    """rounds; recipe_of : (network, number of rows) -> how it learns from these in a round; does_intervene; seed : of chance;
    nats : that 1 of the reasoner's loss is.
    """

    rounds: int
    recipe_of: Callable[[BertFor, int], Recipe]
    does_intervene: bool
    seed: int
    nats: float = 1.0


class Rounds:
    """The training of both networks on documents, of which those held out (n,) bool choose the best round.

    with_targets : rows of documents -> what the reasoner reads of them, and what it ought to say.
    loss(what it says, targets) -> mean over rows.
    """

    def __init__(
        self, net: JudgeAndReasoner, reader: RecallReader, documents: Documents, with_targets: WithTargets, is_out: np.ndarray,
        loss: Loss, plan: Plan, watch: Watch,
    ):  # fmt: skip
        self.net, self.reader, self.documents, self.with_targets, self.loss = net, reader, documents, with_targets, loss
        self.plan, self.watch = plan, watch
        self.trained, self.out = np.flatnonzero(~is_out).tolist(), np.flatnonzero(is_out).tolist()
        self.recalled: dict[int, Row] = {}  # of each document, once the judge has learnt anything

    def train(self) -> History:
        """Train both networks in place and return the reasoner's history in the round that is kept; `before` has all others."""
        histories: dict[str, History] = {}
        best: tuple[float, str, Weights] | None = None
        for i in range(self.plan.rounds):
            if known := [place for place in self.trained if self.documents.is_relevant(place).any()]:
                histories[f"judge, round {i + 1}"] = self._judge_learns(known, i)
                self._recall()
            learners, looked_at = self._parted(i)
            name, found = f"round {i + 1}", self._reasoner_learns(learners, i)
            histories[name] = found
            if found.held_out and (best is None or min(found.held_out) < best[0]):
                best = min(found.held_out), name, copy_of(self.net)
            if self.plan.does_intervene and i + 1 < self.plan.rounds:
                self._intervene(looked_at)
        if not self.recalled:
            self.watch.note("no block of any document was found to matter; the judge has learnt nothing, and recalls by chance.")
        if best is not None:
            _, name, weights = best
            self.net.load_state_dict(weights)
        return replace(histories.pop(name), before=histories)

    def _judge_learns(self, known: Sequence[int], i: int) -> History:
        """known : documents of which blocks are known to be relevant."""

        def draw(epoch: int) -> PieceRows:
            chance = self._chance(2 * i, epoch)
            return self._judged([(place, row) for place in known for row in self._to_judge(place, chance)])

        return self._learns(self.net.judge, DrawnRows(draw), relevance_loss, 2 * i, None)

    def _to_judge(self, place: int, chance: np.random.Generator) -> tuple[Row, Row]:
        """Return blocks from one by chance on, and relevant blocks by chance with others."""
        is_relevant = self.documents.is_relevant(place)
        n = len(is_relevant)
        neighbours = -((np.arange(n) - chance.integers(n)) % n)
        return self._filled(place, neighbours), self._filled(place, is_relevant + chance.random(n))

    def _judged(self, rows: Sequence[RowOf]) -> PieceRows:
        """Return rows in which each token of a block has the target of that, as `relevance_loss` takes it."""
        parts, tags = [], []
        for place, row in rows:
            document = self.documents.read[place]
            marked, sizes = self.reader.row(document, row), document.sizes[list(row)]
            judged = np.arange(len(self.reader.front(document)), len(marked.ids))
            parts.append(Part(marked, judged, judged))
            tags.append(np.repeat(2 * np.arange(len(row)) + self.documents.is_relevant(place)[list(row)], sizes))
        return PieceRows.of(parts, tags, self.reader.tokens.tokens.pad)

    def _recall(self) -> None:
        found = self.reader.recalled(self.documents.read, self.documents)
        self.recalled = {place: recalled.blocks for place, recalled in enumerate(found)}

    def _parted(self, i: int) -> tuple[list[int], list[int]]:
        """Return the documents that the reasoner learns from in a round, and those that interventions are about.

        Both are all, but for rounds in which nothing is known yet: then each has a half, since of rows by chance most are learnt
        by heart.
        """
        if self.recalled or i + 1 == self.plan.rounds:
            return self.trained, self.trained
        order = self._chance(2 * i + 1, -2).permutation(self.trained).tolist()
        return order[::2], order[1::2]

    def _reasoner_learns(self, learners: Sequence[int], i: int) -> History:
        held_out = self._chance(2 * i + 1, -1)

        def draw(epoch: int) -> MarkedRows:
            chance = self._chance(2 * i + 1, epoch)
            rows = ((place, row) for place in learners for row in self._to_reason(place, epoch, chance))
            return self.with_targets(list(rows))

        judged = self.with_targets([(place, self._met(place, held_out)) for place in self.out])
        return self._learns(self.net.reasoner, DrawnRows(draw), self.loss, 2 * i + 1, judged.sorted() if self.out else None)

    def _to_reason(self, place: int, epoch: int, chance: np.random.Generator) -> tuple[Row, Row]:
        """Return what is met of a document, and relevant blocks, with the best others, in every second epoch with any."""
        is_relevant = self.documents.is_relevant(place)
        met = self._met(place, chance)
        if not is_relevant.any():
            return met, self._met(place, chance)
        return met, self._filled(place, is_relevant + chance.random(len(is_relevant))) if epoch % 2 else self._promising(place)

    def _met(self, place: int, chance: np.random.Generator) -> Row:
        """Return what the judge recalls of a document, and blocks by chance while it has learnt nothing."""
        return self.recalled[place] if self.recalled else self._filled(place, chance.random(len(self.documents.read[place].ends)))

    def _promising(self, place: int) -> Row:
        """Return the relevant blocks of a document, then those of the highest estimations, as many as fit."""
        return self._filled(place, self.documents.is_relevant(place) * 2 + self.documents.estimation[self.documents.of(place)])

    def _filled(self, place: int, worth: np.ndarray) -> Row:
        document = self.documents.read[place]
        return fill(document.sizes, (), worth, self.reader.room_of(document))

    def _learns(
        self, net: BertFor, rows: DrawnRows, loss: Loss, i: int, held_out: UnequalRows | None
    ) -> History:  # fmt: skip
        return train(
            net, rows, loss, self.plan.recipe_of(net, len(rows)), seed=self.plan.seed + i, held_out=held_out,
            watch=self.watch.part(i, 2 * self.plan.rounds), folder=self.watch.folder and self.watch.folder / f"training-{i}",
        )  # fmt: skip

    def _intervene(self, places: Sequence[int]) -> None:
        """Move the relevance of blocks of these documents by what the absence of each costs the reasoner."""
        rows = [(place, row) for place in places for row in self._looked_at(place)]
        asked = [(place, part) for place, row in rows for part in (row, *(without(row, block) for block in row))]
        losses = iter(self._losses(asked))
        costs = np.zeros(len(self.documents.relevance))
        for place, row in rows:
            whole = next(losses)
            costs[self.documents.of(place)][list(row)] = [next(losses) - whole for _ in row]
        self.documents.relevance = moved(self.documents.relevance, self.plan.nats * costs)

    def _looked_at(self, place: int) -> list[Row]:
        """Return the row of promising blocks of a document, or rows with all of them while the judge has learnt nothing."""
        if self.recalled:
            return [self._promising(place)]
        document = self.documents.read[place]
        return list(packed(document.sizes, (), self.reader.room_of(document)))

    @torch.no_grad()
    def _losses(self, rows: Sequence[RowOf]) -> list[float]:
        """Return the reasoner's loss of each row, in evaluation mode."""
        self.net.reasoner.eval()
        lengths = torch.tensor([self.reader.length(self.documents.read[place], row) for place, row in rows])
        losses = [0.0] * len(rows)
        with lent(self.net.reasoner, len(rows)) as device:
            for ids in of_like_length(lengths, TOKENS_AT_ONCE):
                batch = self.with_targets([rows[i] for i in ids.tolist()])
                inputs, targets = batch.batch(torch.arange(len(ids)), device)
                for i, said, target in zip(ids.tolist(), self.net.reasoner(*inputs).split(1), targets.split(1), strict=True):
                    losses[i] = float(self.loss(said, target))
        return losses

    def _chance(self, i: int, epoch: int) -> np.random.Generator:
        """Return the chance of an epoch (-1: of held-out rows, -2: of halves) of the i-th training."""
        return np.random.default_rng([self.plan.seed, i, epoch + 2])


def without(row: Row, block: int) -> Row:
    return tuple(other for other in row if other != block)


def relevance_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the mean cross-entropy of blocks, whose odds are the mean of their tokens' odds.

    logits: (B, T, 1) float. targets: (B, T) int64, of each token twice the number of its block in the row, and 1 where that is
    relevant, or UNJUDGED.
    """
    of_block = targets.div(2, rounding_mode="floor")[..., None] == torch.arange(
        int(targets.max()) // 2 + 1, device=targets.device
    )
    sizes = of_block.sum(dim=1)
    odds = logits.masked_fill(~of_block, torch.finfo(logits.dtype).min).logsumexp(dim=1) - sizes.clamp(min=1).log()
    is_relevant = (of_block & (targets % 2 == 1)[..., None]).any(dim=1)
    return functional.binary_cross_entropy_with_logits(odds[sizes > 0], is_relevant[sizes > 0].float())
