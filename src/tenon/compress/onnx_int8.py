"""Networks for images as a file of ONNX whose layers are of 8 bits, by onnxruntime's static quantisation (QDQ, QuantizeLinear).

Weights are rounded by channel, inputs of layers by the range that they had in train rows (Jacob et al. 2018, arXiv:1712.05877,
section 2.1), which is what PyTorch has no fast layers for. Networks that read texts have `int8`.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tenon.adapter import EstimatorModel
from tenon.compress.int8 import ROWS, drawn
from tenon.compress.onnx_model import OnnxModel, to_onnx, why_not_onnx
from tenon.compress.onnx_pictures import is_of_pictures
from tenon.data.conform import conform
from tenon.data.dataset import Dataset
from tenon.watch import Watch

if TYPE_CHECKING:
    import numpy as np

LAYERS = ["Conv", "Gemm", "MatMul"]  # that are rounded: other operators gain little, and lose more
AT_ONCE = 16  # rows that are looked at together


def why_not_onnx_int8(model: EstimatorModel, train: Dataset) -> str | None:
    return why_not_onnx(model, train) if is_of_pictures(model) else "is for networks for images"


def to_onnx_int8(model: EstimatorModel, train: Dataset, seed: int, watch: Watch) -> OnnxModel:
    """Return the model as a file of ONNX in 8 bits, whose ranges are those of ROWS of the train rows."""
    whole, rows = to_onnx(model, train, seed, watch), conform(drawn(train, ROWS, seed), model.schema)
    parts = (rows.rows(rows.row_ids[start : start + AT_ONCE]) for start in range(0, len(rows), AT_ONCE))
    return OnnxModel(model.schema, model.task, rounded(whole.content, map(whole.inputs, parts)))


def rounded(content: bytes, seen: "Iterator[dict[str, np.ndarray]]") -> bytes:
    """Return a file of ONNX with LAYERS of 8 bits. seen : inputs of the graph, by whose ranges those of layers are rounded."""
    from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Reader(CalibrationDataReader):
        def get_next(self) -> "dict[str, np.ndarray] | None":
            return next(seen, None)

    with TemporaryDirectory() as folder:
        given, prepared, made = (Path(folder) / name for name in ("given.onnx", "prepared.onnx", "made.onnx"))
        given.write_bytes(content)
        quant_pre_process(given, prepared, skip_symbolic_shape=True)
        kinds = {"activation_type": QuantType.QUInt8, "weight_type": QuantType.QInt8}
        quantize_static(prepared, made, Reader(), op_types_to_quantize=LAYERS, per_channel=True, **kinds)
        return made.read_bytes()
