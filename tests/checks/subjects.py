"""Small data sets to be looked at."""

from typing import Any

import numpy as np
import pandas as pd
from tests.datasets import dataset

from tenon.checks.subject import Subject
from tenon.data.dataset import Dataset
from tenon.tasks import infer_task


def subject(columns: dict[str, Any], kinds: dict[str, str], target: str = "y", final: int = 0, **roles: str) -> Subject:
    """Return these columns under examination; the last `final` rows are final ones; roles : name=role."""
    data = dataset(columns, kinds, target, roles)
    if final:
        ids = data.row_ids[-final:]
        data = Dataset(data.frame, data.schema, data.name, data.root, ids, final_start=len(data) - final)
    return Subject(data, infer_task(data.target)[0] if target in columns else None)


def numbers(seed: int, n: int, p: int) -> pd.DataFrame:
    """n rows of p independent columns a, b, c, … of different sizes."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame({chr(97 + k): rng.normal(k, 10.0 ** (k % 4), n) for k in range(p)})
