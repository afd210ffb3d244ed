"""A graph of ONNX from the cells of a table to an answer, built operator by operator; what a model then adds is its own.

Inputs are the columns under their own names, (n, 1) each: numbers as double, NaN where missing, categories as strings, "" where
missing. Outputs are `probabilities` (n, K), double, and `label` (n,), or `value` (n,). All sums are in double, as in the model.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tenon.data.dataset import Schema
from tenon.tasks import Task

if TYPE_CHECKING:
    import onnx

OPSET, OPSET_ML, IR = 17, 3, 8  # of 2022, which most programs read
ML = "ai.onnx.ml"
ROWS, TOKENS = "rows", "tokens"  # axes of inputs
INPUTS = {"input_ids": "ids", "attention_mask": "attention_mask", "token_type_ids": "type_ids"}  # of tokens: of `tokenizers`
READ = {"number": "DOUBLE", "category": "STRING"}  # kind of a column -> type of its cells
FLOAT, DOUBLE = 1, 11  # of numbers, TensorProto's
KNOWN = "is for boosting, forests, single trees, linear models, mlp, and networks for images and texts"
PROBA, LABEL, VALUE = "probabilities", "label", "value"


class Graph:
    """Operators so far; each `add` returns the name of what it gives."""

    def __init__(self, schema: Schema):
        self.schema, self._nodes, self._constants = schema, list["onnx.NodeProto"](), list["onnx.TensorProto"]()

    def constant(self, values: np.ndarray) -> str:
        from onnx import numpy_helper

        name = f"constant {len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def add(self, operator: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        from onnx import helper

        name = f"{operator} {len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, list(inputs), [name], domain=domain, **attributes))
        return name

    def numbers(self, names: Sequence[str]) -> str:
        """Return columns of numbers side by side, (n, p) double."""
        return self.add("Concat", *names, axis=1)

    def codes(self, name: str, values: Sequence[str]) -> str:
        """Return the place of each cell of a column among values, (n,) int64; of another it is their number."""
        coded = self.add(
            "LabelEncoder", name, domain=ML, keys_strings=list(values), values_int64s=list(range(len(values))),
            default_int64=len(values),
        )  # fmt: skip
        return self.add("Reshape", coded, self.constant(np.array([-1])))

    def rows_of(self, table: np.ndarray, codes: str) -> str:
        """Return the row of a table (m, q) for each code (n,), (n, q)."""
        return self.add("Gather", self.constant(table), codes, axis=0)

    def probabilities(self, scores: str, n_scores: int) -> str:
        """Return probabilities (n, K) of scores (n, K): softmax; of one score a row, the logistic function."""
        if n_scores > 1:
            return self.add("Softmax", scores, axis=1)
        second = self.add("Sigmoid", scores)
        return self.add("Concat", self.add("Sigmoid", self.add("Neg", scores)), second, axis=1)

    def finished(self, answer: str, task: Task, of_tokens: bool = False) -> "onnx.ModelProto":
        """Return the model whose answer is probabilities (n, K), or numbers (n, 1).

        of_tokens : whether it reads what `tokenizers` makes of texts, INPUTS, and not the cells of columns.
        """
        from onnx import TensorProto, checker, helper

        if task.is_regression:
            outputs = [self._out(VALUE, self.add("Reshape", answer, self.constant(np.array([-1]))), TensorProto.DOUBLE, [ROWS])]
        else:
            labels = self.constant(np.array([str(label) for label in task.labels], object))
            said = self.add("Gather", labels, self.add("ArgMax", answer, axis=1, keepdims=0))
            outputs = [
                self._out(PROBA, answer, TensorProto.DOUBLE, [ROWS, len(task.labels)]),
                self._out(LABEL, said, TensorProto.STRING, [ROWS]),
            ]
        tokens = [helper.make_tensor_value_info(name, TensorProto.INT64, [ROWS, TOKENS]) for name in INPUTS]
        cells = [
            helper.make_tensor_value_info(name, getattr(TensorProto, READ[self.schema[name].kind]), [ROWS, 1])
            for name in self.schema.features()
            if not of_tokens
        ]
        graph = helper.make_graph(self._nodes, "tenon", tokens if of_tokens else cells, outputs, self._constants)
        versions = [helper.make_opsetid("", OPSET), helper.make_opsetid(ML, OPSET_ML)]
        model = helper.make_model(graph, opset_imports=versions, ir_version=IR, producer_name="tenon")
        checker.check_model(model)
        return model

    def _out(self, name: str, edge: str, kind: int, shape: Sequence[Any]) -> "onnx.ValueInfoProto":
        from onnx import helper

        self._nodes.append(helper.make_node("Identity", [edge], [name]))
        return helper.make_tensor_value_info(name, kind, list(shape))
