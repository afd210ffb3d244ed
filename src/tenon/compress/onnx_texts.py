"""Networks of texts as two files: a graph of ONNX that reads tokens, and tokenizer.json, which cuts texts into these.

ONNX has no operator that cuts words into parts. The package `tokenizers` does, and most programs for encoders have it: its file
says how a text is made plain and cut, what marks stand around it or between two, and what is left out of a longer one. Its
"longest_first" cuts the longer text of a pair first, then both, as `tenon.text.marked_reader` does.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle, islice, product
from typing import TYPE_CHECKING

import numpy as np

from tenon.compress.layers import why_not_encoder
from tenon.compress.onnx_export import exported
from tenon.compress.onnx_graph import INPUTS, ROWS, TOKENS
from tenon.compress.onnx_words import called_as_encoders, tokenizer_of_words, why_not_words
from tenon.data.dataset import Dataset
from tenon.text import subwords

if TYPE_CHECKING:
    import onnx
    import pandas as pd
    from tokenizers import Tokenizer

    from tenon.adapter import EstimatorModel
    from tenon.text.marked_reader import MarkedReader
    from tenon.text.readers import TextReader

FILE = "tokenizer.json"
SIDES = {"head": "right", "tail": "left"}  # what is kept of a longer text: where it is cut
MOST_BYTES = 2**31  # that a file of ONNX holds
ROWS_AT_ONCE = 16  # of about one length
SHOWN = 100  # characters of each text of which one is made that is longer than any


def why_not_texts(model: "EstimatorModel") -> str | None:
    from tenon.text.readers import TextReader

    is_of_words = isinstance(model.estimator.reader_, TextReader)
    if reason := why_not_words(model) if is_of_words else why_not_encoder(model):
        return reason
    if not is_of_words and model.estimator.reader_.keeps not in SIDES:
        return "would lose the choice of what is read of a longer text"
    if 4 * sum(weight.numel() for weight in model.estimator.net_.parameters()) >= MOST_BYTES:
        return "holds 2 GB at most, and the weights are more"
    return None


def graph_of_texts(model: "EstimatorModel") -> "onnx.ModelProto":
    """Return the network as a graph of ONNX, of INPUTS (n, T) int64 each, 1 in the mask for tokens and 0 for padding."""
    import torch
    from onnx import TensorProto, helper
    from torch import Tensor, nn

    from tenon.text.readers import TextReader

    reader, target, is_regression = model.estimator.reader_, model.estimator.target_, model.task.is_regression
    is_of_words = isinstance(reader, TextReader)
    tokens = reader.tokens if is_of_words else reader.tokens.tokens
    net = called_as_encoders(model.estimator.net_, tokens) if is_of_words else model.estimator.net_

    class Answering(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = net

        def forward(self, ids: Tensor, mask: Tensor, segments: Tensor) -> Tensor:
            said = target.said(self.net(ids, mask, segments))
            return said[:, 0] if is_regression else said

    such = torch.tensor([[1, 1, 1], [1, 1, 0]])  # two rows of tokens, of which one has padding
    given = (tokens.pad + 0 * such, such, 0 * such)
    made = exported(Answering(), dict(zip(INPUTS, given, strict=True)), {0: ROWS, 1: TOKENS}, model.task)
    for name in set(INPUTS) - {one.name for one in made.graph.input}:  # segments, where the network is not told of them
        made.graph.input.append(helper.make_tensor_value_info(name, TensorProto.INT64, [ROWS, TOKENS]))
    return made


def tokenizer_of(reader: "MarkedReader | TextReader") -> str:
    """Return tokenizer.json, which makes rows of texts, or of pairs, as the reader does, and batches of rows."""
    from tenon.text.readers import TextReader

    made = tokenizer_of_words(reader) if isinstance(reader, TextReader) else _of_marked(reader)
    return made.to_str()


def _of_marked(reader: "MarkedReader") -> "Tokenizer":
    from tokenizers.processors import TemplateProcessing

    tokens = reader.tokens
    made, marks = subwords.from_json(tokens.tokens.to_json()["tokenizer"]), tokens.tokens.marks
    second, between = (1, "") if tokens.n_segments > 1 else (0, f"{marks.end} ")
    made.post_processor = TemplateProcessing(
        single=f"{marks.start} $A {marks.end}",
        pair=f"{marks.start} $A {marks.end} {between}$B:{second} {marks.end}:{second}",
        special_tokens=[(marks.start, tokens.start), (marks.end, tokens.end)],
    )
    made.enable_truncation(reader.longest, strategy="longest_first", direction=SIDES[reader.keeps])
    made.enable_padding(pad_id=tokens.tokens.pad, pad_token=marks.pad)
    return made


class TokenInputs:
    """Cells of texts as what the graph reads. tokenizer : what tokenizer.json holds."""

    def __init__(self, tokenizer: str):
        self.tokenizer = tokenizer
        self._tokenizer = subwords.from_json(json.loads(tokenizer))

    def batches(self, frame: "pd.DataFrame") -> Iterator[tuple[np.ndarray, dict[str, np.ndarray]]]:
        """Yield places (b,) of rows of like length in a frame of one column of texts, or two, and INPUTS (b, T) of these."""
        texts = list(frame.itertuples(index=False, name=None))
        order = np.argsort([sum(map(len, row)) for row in texts], kind="stable")
        for places in np.split(order, range(ROWS_AT_ONCE, len(order), ROWS_AT_ONCE)):
            found = self._tokenizer.encode_batch([texts[i] if len(texts[i]) > 1 else texts[i][0] for i in places])
            cells = {name: [getattr(one, theirs) for one in found] for name, theirs in INPUTS.items()}
            yield places, {name: np.array(cell, np.int64) for name, cell in cells.items()}


def with_hard_rows(rows: Dataset, longest: int) -> Dataset:
    """Return the rows, and behind them what few data hold: no text, and one of more than `longest` tokens, of pairs as either."""
    import pandas as pd

    names = rows.schema.features("text")
    columns = [[cell for cell in rows.frame[name].dropna() if cell.strip()] or ["?"] for name in names]
    long = [" ".join(cell[:SHOWN] for cell in islice(cycle(cells), longest)) for cells in columns]
    made = product(*((None, cells[0], one) for cells, one in zip(columns, long, strict=True)))
    return Dataset.of_parts([rows, replace(rows, frame=pd.DataFrame(list(made), columns=names, dtype=object))])
