"""Small models that are served: of a table, a picture, tagged sentences."""

import io

import numpy as np
import pandas as pd
from PIL import Image
from tests.datasets import dataset

from tenon.catalogue import find
from tenon.data.conform import conform
from tenon.serve import Served
from tenon.tasks import infer_task

RNG = np.random.default_rng(0)
N = 80
X, COLOURS = RNG.normal(size=N), RNG.choice(["red", "blue"], N)
TABLE = {"size": X, "colour": COLOURS, "when": pd.date_range("2024-01-01", periods=N), "y": np.where(X > 0, "yes", "no")}
KINDS = {"size": "number", "colour": "category", "when": "date", "y": "category"}
ROW = {"size": 1.5, "colour": "red", "when": "2024-02-01"}


def picture(shade):
    written = io.BytesIO()
    Image.new("L", (8, 8), int(shade)).save(written, "PNG")
    return written.getvalue()


def served(columns, kinds, method, others=True):
    data = dataset(columns, kinds)
    task, _ = infer_task(data.target)
    recipe = find(method)
    model = recipe.fit(data, task, params=recipe.with_defaults({}), seed=0)
    return Served(model, "run", conform(data.rows(data.row_ids[:20]), model.schema) if others else None)


def of_sentences():
    tokens = [["Anna", "lives", "in", "Paris"], ["Bert", "met", "Anna", "."]] * 10
    tags = [["B-PER", "O", "O", "B-LOC"], ["B-PER", "O", "B-PER", "O"]] * 10
    return served({"tokens": tokens, "y": tags}, {"tokens": "tokens", "y": "tokens"}, "perceptron")


def of_pictures():
    shades = np.where(X > 0, 250, 10)
    return served({"image": [picture(s) for s in shades], "y": TABLE["y"]}, {"image": "image", "y": "category"}, "logistic")
