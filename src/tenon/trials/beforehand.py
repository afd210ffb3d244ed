"""What is learnt before the trials: what and for whom, how often, and how long that takes."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tenon.data.dataset import Dataset
from tenon.data.language import script_of
from tenon.data.unlabelled import DOMAIN, UNLABELLED, Text, Unlabelled
from tenon.method import NONE, Method
from tenon.text.bert_cost import FEW_CHARACTERS
from tenon.text.prepared import OBJECTIVES, TASK, how, texts_of
from tenon.text.units import joined
from tenon.trials.ask import Ask
from tenon.trials.job import NESTED_FOLDS, SHARES
from tenon.trials.protocol import Protocol
from tenon.trials.shared import wants

LOOKED_AT = 1_000  # rows, for how long their texts are
RUN, SPLIT, NESTED, PART, MODEL = "the run", "each split", "each nested fold", "each part of a learning curve", "the model"
SHARE = {NESTED: 1 - 1 / NESTED_FOLDS, PART: sum(SHARES) / len(SHARES)}  # of the train rows that is read there; else all


@dataclass(frozen=True)
class PlannedPreparation:
    """What several methods begin with. stages : the road to it, the last its own; start : path at the beginning, "" for none.

    often : for what it is learnt, as SPLIT, and how often; of nested folds at most so often.
    """

    objective: str
    stages: tuple[str, ...]
    start: str
    methods: tuple[str, ...]
    often: Mapping[str, int]


@dataclass(frozen=True)
class Texts:
    """How many characters there are to learn from, and in which script: "chinese" or "other"."""

    n_characters: float
    script: str


def planned(running: Sequence[Method], protocol: Protocol, ask: Ask, is_nested: bool) -> tuple[PlannedPreparation, ...]:
    """Return what these methods begin with. is_nested : whether nested folds stand in for final rows."""
    users: dict[tuple[str, tuple[str, ...], str], list[Method]] = defaultdict(list)  # objective, stages, start
    for method in running:
        for wish in wants(method, ask.settings_of(method.name), ask.texts).values():
            for n in range(1, len(wish.stages) + 1):
                users[wish.objective, wish.stages[:n], wish.start].append(method)
    return tuple(
        PlannedPreparation(*what, tuple(m.name for m in methods), _often(what[1][-1], methods, protocol, is_nested, ask.curve))
        for what, methods in sorted(users.items())
        if what[1] != (NONE,)
    )


def _often(stage: str, methods: Sequence[Method], protocol: Protocol, is_nested: bool, has_curve: bool) -> dict[str, int]:
    if stage == DOMAIN:
        return {RUN: 1}
    often = {SPLIT: max(protocol.n_trials(m.cost) for m in methods)}
    if any(m.cost not in protocol.one_split for m in methods):
        often |= {NESTED: protocol.n_folds * NESTED_FOLDS} if is_nested else {}
        often |= {PART: protocol.n_folds * len(SHARES)} if has_curve else {}
    return often | {MODEL: 1}


def read_by_stage(data: Dataset, texts: Mapping[str, Unlabelled]) -> dict[str, Texts]:
    """Return what each stage reads for one split, about; texts : option -> its texts without labels."""
    looked_at = data.rows(data.row_ids[:LOOKED_AT])
    of_rows = [_as_text(text) for text in texts_of(looked_at)]
    more = {option: [_as_text(text) for text in of.texts] for option, of in texts.items()}
    n_of_rows = len(data) * sum(map(len, of_rows)) / max(1, len(looked_at))
    n_of_task = n_of_rows + sum(map(len, more.get(UNLABELLED, ())))
    of_domain = more.get(DOMAIN, [])
    return {TASK: Texts(n_of_task, script_of(of_rows)), DOMAIN: Texts(sum(map(len, of_domain)), script_of(of_domain))}


def few_texts(prepares: Sequence[PlannedPreparation], read: Mapping[str, Texts]) -> str:
    """Return what to tell where an encoder learns from few texts alone, "" else; read : as `read_by_stage` gives it."""
    roads = [one.stages for one in prepares if one.objective == "mlm" and not one.start]
    most = max((sum(read[stage].n_characters for stage in stages) for stages in roads), default=math.inf)
    if most > FEW_CHARACTERS:
        return ""
    return (
        f"A small BERT learns from about {float(f'{most:.2g}'):,.0f} characters here; from {FEW_CHARACTERS:,} and fewer it has "
        "earned nothing that we could measure. --checkpoint FOLDER takes one that was trained before."
    )


def _as_text(text: Text) -> str:
    return text if isinstance(text, str) else joined(text)


def seconds_to_prepare(prepares: Sequence[PlannedPreparation], read: Mapping[str, Texts], budget: str, jobs: int) -> float:
    """Return about how many seconds all preparations take; read : as `read_by_stage` gives it."""
    seconds = 0.0
    for one in prepares:
        of, n_times = read[one.stages[-1]], sum(SHARE.get(what, 1.0) * n for what, n in one.often.items())
        takes = OBJECTIVES[one.objective].takes
        seconds += n_times * takes(of.n_characters, of.script, budget, **how(one.stages[-1], one.start)) / jobs
    return seconds
