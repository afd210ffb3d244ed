"""Wishes that cannot be: a target that is not there or says nothing, unknown methods, metrics and settings, impossible splits."""

from collections.abc import Callable
from pathlib import Path

from PIL import Image
from tests.bad_input.case import READ, Case

OTHERS = r"(, '[a-z-]+')*\? tenon methods lists all\."
OWN = """
from sklearn.base import BaseEstimator

class Neither(BaseEstimator):
    def fit(self, X, y):
        return self

    def predict(self, X):
        return X

class NeedsMore:
    def __init__(self, size):
        self.size = size

number = 3
"""


def people(folder: Path) -> None:
    """40 rows: a size, a zip code and a label of two classes."""
    rows = (f"{k % 7 + (k % 2) * 5},0{k % 3},{'yes' if k % 2 else 'no'}" for k in range(40))
    (folder / "people.csv").write_text("size,zip,label\n" + "\n".join(rows) + "\n", encoding="utf-8")


def prices(folder: Path) -> None:
    """40 rows: a size and a price."""
    rows = (f"{k % 7},{k * 1.5 + 0.25}" for k in range(40))
    (folder / "prices.csv").write_text("size,price\n" + "\n".join(rows) + "\n", encoding="utf-8")


def asking(*words: str) -> Callable[[Path], list[str]]:
    """Compare people.csv by its label, with these options."""

    def make(folder: Path) -> list[str]:
        people(folder)
        (folder / "own.py").write_text(OWN, encoding="utf-8")
        (folder / "broken.py").write_text("1 / 0\n", encoding="utf-8")
        (folder / "guesses.csv").write_text("prediction\n" + "yes\n" * 40, encoding="utf-8")
        return ["compare", "people.csv", "--target", "label", *words]

    return make


def asking_pictures(*words: str) -> Callable[[Path], list[str]]:
    """Compare a folder of twenty images in two classes, with these options."""

    def make(folder: Path) -> list[str]:
        for k in range(20):
            path = folder / "pictures" / ("cats" if k % 2 else "dogs") / f"{k}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("L", (8, 8), 10 * k).save(path)
        (folder / "notes.pth").write_text("weights of March", encoding="utf-8")
        return ["compare", "pictures", *words]

    return make


def asking_texts(*words: str) -> Callable[[Path], list[str]]:
    """Compare reviews.csv by its label, with these options, beside files of texts without labels."""

    def make(folder: Path) -> list[str]:
        rows = (f"this is review number {k} of {k * 7} and it is {'good' if k % 2 else 'bad'},{k % 2}" for k in range(40))
        (folder / "reviews.csv").write_text("review,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
        (folder / "more.txt").write_text("a text without a label\n", encoding="utf-8")
        (folder / "broken.txt").write_bytes(b"fine\n\x81\x00\xff\xfe\x9d nothing\n")
        (folder / "empty.txt").write_text("\n", encoding="utf-8")
        return ["compare", "reviews.csv", "--target", "label", *words]

    return make


def asking_prices(*words: str) -> Callable[[Path], list[str]]:
    """Compare prices.csv by its price, with these options."""

    def make(folder: Path) -> list[str]:
        prices(folder)
        return ["compare", "prices.csv", "--target", "price", *words]

    return make


def table(*lines: str, target: str = "label", more: tuple[str, ...] = ()) -> Callable[[Path], list[str]]:
    """Compare a file of these lines by a target."""

    def make(folder: Path) -> list[str]:
        (folder / "table.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return ["compare", "table.csv", "--target", target, *more]

    return make


def no_target(folder: Path) -> list[str]:
    people(folder)
    return ["compare", "people.csv"]


def misspelt(folder: Path) -> list[str]:
    people(folder)
    return ["compare", "people.csv", "--target", "lable"]


def words(*line: str) -> Callable[[Path], list[str]]:
    """Just these words; there are no files."""
    return lambda folder: list(line)


def half_numbers() -> list[str]:
    """A price in every row but the third and the tenth."""
    return ["size,price", *(f"{k % 7},{'n.v.t.' if k in (2, 9) else k * 1.5 + 0.25}" for k in range(40))]


TARGETS = [
    Case("no-target", no_target, READ + r"tenon: people\.csv: name the column to predict with --target\. Columns: .*'label'\."),
    Case(
        "misspelt-target",
        misspelt,
        r"tenon: people\.csv has no column 'lable'; did you mean 'label'\? Columns: size, zip, label\.",
    ),
    Case(
        "empty-target",
        table("size,label", *(f"{k % 7}," for k in range(40))),
        r"tenon: table\.csv, column 'label', the target, is empty in every row\.",
    ),
    Case(
        "one-class",
        table("size,label", *(f"{k % 7},yes" for k in range(40))),
        r"(?s:.*)tenon: .*column 'label', the target, has the same value 'yes' in every row; nothing to learn\.",
    ),
    Case(
        "few-rows",
        table("size,label", "1,a", "2,b", "3,a", "4,b"),
        READ + r"tenon: table\.csv has 4 rows with a target; at least 6 are needed to train and score anything\.",
    ),
    Case(
        "cells-that-are-no-numbers",
        table(*half_numbers(), target="price"),
        r"tenon: table\.csv, row 3, column 'price': 'n\.v\.t\.' is not a number \(2 such cells, rows 3, 10\)\.\n"
        r"  Treat it as missing: --missing n\.v\.t\.      Predict classes instead: --task multiclass",
    ),
    Case(
        "huge-target",
        table("size,price", *(f"{k % 7},{k}e300" for k in range(1, 41)), target="price"),
        r"(?s:.*)tenon: .*column 'price', the target, holds 4e\+301: too large to calculate with; divide it first\.",
    ),
    Case(
        "huge-feature",
        table("size,label", *(f"{k % 5}.5e200,{'ab'[k % 2]}" for k in range(40))),
        READ + r"tenon: table\.csv, row 1, column 'size' holds a number beyond 1e\+100, too large to calculate with; "
        r"leave such cells empty, or do without the column: --kind size=ignore\.",
    ),
    Case(
        "folds-of-one-class",
        table("size,label", "3,a", "1,a", "4,b", "1,a", "5,b", "9,a", "2,a"),
        READ + r"tenon: 4 of the 12 folds would hold one class of 'label' only, and AUC needs both: use --metric log_loss, "
        r"or fewer folds: --splits 2x4\.",
    ),
]

TASKS = [
    Case("unknown-task", asking("--task", "binery"), r"tenon: no task 'binery'; did you mean 'binary'\? Known: .*\."),
    Case(
        "classes-as-numbers",
        asking("--task", "regression"),
        r"tenon: people\.csv, row 1, column 'label': 'no' is not a number \(40 such cells, rows 1, 2, 3, …\)\.\n"
        r"  Treat it as missing: --missing no --missing yes      Predict classes instead: --task multiclass",
    ),
    Case(
        "three-classes-as-two",
        table("size,label", *(f"{k % 7},{'abc'[k % 3]}" for k in range(60)), more=("--task", "binary")),
        r"(?s:.*)tenon: column 'label' has 3 classes, so the task cannot be binary; try --task multiclass\.",
    ),
    Case(
        "unknown-metric",
        asking("--metric", "accurcy"),
        r"(?s:.*)tenon: no metric 'accurcy' for a binary task; did you mean 'accuracy'\? Known: auc, .*\.",
    ),
    Case(
        "metric-of-another-task",
        asking("--metric", "rmse"),
        r"(?s:.*)tenon: no metric 'rmse' for a binary task\. Known: auc, .*\.",
    ),
]

METHODS_AND_SETTINGS = [
    Case(
        "unknown-method",
        asking("--methods", "logistik"),
        rf"tenon: no method 'logistik'; did you mean 'logistic'{OTHERS}",
    ),
    Case(
        "transfer-without-weights",
        asking("--methods", "transfer"),
        READ + r"tenon: transfer cannot do without checkpoint; give it: --set transfer\.checkpoint=…",
    ),
    Case(
        "checkpoint-for-nobody",
        asking("--methods", "logistic", "--checkpoint", "."),
        r"tenon: --checkpoint with a folder is for prototypes, bert-frozen, bert, bert-tagger, longformer-tagger, bert-head, "
        r"bert-tail, bert-head-tail, bert-select, bert-pool-mean, bert-pool-max, bert-windows-lstm, blockbert, longformer, "
        r"bigbird, cogltx, cogltx-tagger, bert-answer, longformer-answer, cogltx-answer, which --methods leaves out\.",
    ),
    Case(
        "checkpoint-that-is-not-there",
        asking("--methods", "logistic,transfer", "--checkpoint", "resnet18.pth"),
        r"tenon: --checkpoint resnet18\.pth: there is no such file or folder\.",
    ),
    Case(
        "vectors-that-are-not-there",
        asking("--methods", "lstm", "--set", "lstm.vectors=runs/corpus-word2vec"),
        READ
        + r"tenon: lstm\.vectors takes a folder that tenon pretrain wrote, a file in word2vec's formats, or prepared or none; "
        r"'runs/corpus-word2vec' is nothing of these\.",
    ),
    Case(
        "checkpoint-that-is-no-file-of-weights",
        asking_pictures("--checkpoint", "notes.pth"),
        READ
        + r"tenon: notes\.pth holds no weights that can be read: it is damaged or cut off, or holds more than tensors, of which "
        r"nothing is run here\. Save `net\.state_dict\(\)` alone\.",
    ),
    Case(
        "checkpoint-that-is-not-there-as-a-setting",
        asking_pictures("--set", "transfer.checkpoint=gone.pth", "--methods", "transfer"),
        READ + r"tenon: there is no file gone\.pth; name one of weights, \.safetensors or \.pth\.",
    ),
    Case(
        "vectors-that-are-none",
        asking_texts("--methods", "word2vec-logistic", "--set", "word2vec-logistic.vectors=reviews.csv"),
        READ + r"tenon: reviews\.csv, line 1: a file of word vectors begins with how many words and numbers each has, .*",
    ),
    Case(
        "unlabelled-that-is-not-there",
        asking_texts("--unlabelled", "more.text"),
        READ + r"tenon: no file 'more\.text'; did you mean 'more\.txt' or 'broken\.txt'\?",
    ),
    Case(
        "unlabelled-and-no-texts",
        asking("--unlabelled", "guesses.csv"),
        READ + r"tenon: --unlabelled is for data with texts or tagged sentences; people\.csv has none\.",
    ),
    Case(
        "unlabelled-for-nobody",
        asking_texts("--unlabelled", "more.txt", "--methods", "logistic"),
        READ
        + r"tenon: --unlabelled is for word2vec-logistic, text-cnn, .*, none of which runs here, or begins with what is learnt "
        r"from texts\.",
    ),
    Case(
        "unlabelled-in-no-encoding",
        asking_texts("--unlabelled", "broken.txt"),
        READ + r"tenon: broken\.txt.*",
    ),
    Case(
        "unlabelled-and-empty",
        asking_texts("--unlabelled", "empty.txt"),
        READ + r"tenon: empty\.txt holds no text\.",
    ),
    Case(
        "own-without-a-name",
        asking("--methods", "own:"),
        r"tenon: a method of your own is named module:Name, such as my_methods:MINE; got 'own:'\.",
    ),
    Case(
        "own-without-a-module",
        asking("--methods", ":Mine"),
        r"tenon: a method of your own is named module:Name, such as my_methods:MINE; got ':Mine'\.",
    ),
    Case(
        "own-that-is-not-there",
        asking("--methods", "own:NeedsMoor"),
        r"tenon: module 'own' has no 'NeedsMoor'; did you mean 'NeedsMore'\?",
    ),
    Case(
        "own-that-needs-arguments",
        asking("--methods", "own:NeedsMore"),
        r"tenon: own:NeedsMore cannot be made without arguments \(.*'size'\); name an instance instead of the class\.",
    ),
    Case(
        "own-that-is-no-method",
        asking("--methods", "own:number"),
        r"tenon: own:number is no scikit-learn estimator: it lacks fit, predict or get_params\.",
    ),
    Case(
        "own-that-predicts-nothing-known",
        asking("--methods", "own:Neither"),
        r"tenon: own:Neither is neither a classifier nor a regressor in scikit-learn's sense, so it cannot be compared\.",
    ),
    Case(
        "own-module-that-fails",
        asking("--methods", "broken:Mine"),
        r"tenon: method 'broken:Mine': importing 'broken' fails: ZeroDivisionError: division by zero \(broken\.py, line 1\)\.",
    ),
    Case(
        "no-such-module",
        asking("--methods", "nowhere:Mine"),
        r"tenon: method 'nowhere:Mine': no module 'nowhere', neither installed nor in .*\.",
    ),
    Case(
        "unknown-setting",
        asking("--set", "knn.kk=3"),
        READ + r"tenon: no setting of knn 'kk'; did you mean 'k'\? Known: k, weights, scaling\.",
    ),
    Case(
        "setting-of-no-method",
        asking("--set", "knm.k=3"),
        READ + rf"tenon: no method on this board 'knm'; did you mean 'knn'{OTHERS}",
    ),
    Case(
        "setting-that-is-no-number",
        asking("--set", "knn.k=many"),
        READ + r"tenon: knn\.k takes a whole number from 1 on; got 'many'\.",
    ),
    Case(
        "setting-beyond-all-numbers",
        asking("--set", f"knn.k={'9' * 400}"),
        READ + rf"tenon: knn\.k takes a whole number from 1 on; got {'9' * 400}\.",
    ),
    Case(
        "setting-of-brackets-alone",
        asking("--set", f"knn.k={'[' * 100_000}"),
        READ + r"tenon: knn\.k takes a whole number from 1 on; got '\[+'\.",
    ),
    Case("setting-out-of-range", asking("--set", "knn.k=0"), READ + r"tenon: knn\.k takes a whole number from 1 on; got 0\."),
    Case(
        "setting-of-unknown-value",
        asking("--set", "knn.weights=distanze"),
        READ + r"tenon: no value of knn\.weights 'distanze'; did you mean 'distance'\? Known: uniform, distance\.",
    ),
    Case(
        "setting-without-a-value",
        asking("--set", "knn.k"),
        r"tenon: --set takes METHOD\.param=value, such as knn\.k=7; got 'knn\.k'\.",
    ),
    Case(
        "setting-for-all",
        asking("--set", "all.k=3"),
        READ + r"tenon: --set all\.NAME takes balance, calibrate and augment, which every method has; got k\.",
    ),
    Case(
        "unknown-augmentation",
        asking("--set", "logistic.augment=edo"),
        READ + r"tenon: no way to augment 'edo'; did you mean 'eda'\? Known: eda, eda-synonyms\.",
    ),
    Case(
        "augmentation-without-texts",
        asking("--also", "knn.augment=eda"),
        READ + r"tenon: augment=eda changes columns of text; there is none\.",
    ),
    Case(
        "unknown-balance",
        asking("--set", "all.balance=up"),
        READ + r"tenon: no way to balance 'up'\. Known: weights, over, under\.",
    ),
    Case(
        "balance-of-numbers",
        asking_prices("--set", "all.balance=over"),
        READ + r"tenon: balance=over is for tasks with classes, binary or multiclass; this one is regression\.",
    ),
]

ROPE = r"takes a number above 0 \(from 1e-36 on\), in units of the metric"
LONG = "9" * 5000  # digits, more than Python reads as a number

HOW = [
    Case(
        "splits-of-another-form",
        asking("--splits", "5"),
        READ + r"tenon: --splits takes FOLDSxREPEATS with at least 2 folds, such as 5x4; got '5'\.",
    ),
    Case("splits-of-long-numbers", asking("--splits", f"{LONG}x1"), READ + rf"tenon: --splits takes .*; got '{LONG}x1'\."),
    Case("budget-of-a-long-number", asking("--budget", f"{LONG}s"), rf"tenon: --budget takes .*; got '{LONG}s'\."),
    Case("budget-of-a-raised-digit", asking("--budget", "²s"), r"tenon: --budget takes .*; got '²s'\."),
    Case("tune-by-a-raised-digit", asking("--tune", "²"), r"tenon: --tune takes a number of configurations, .*; got '²'\."),
    Case("tune-by-a-long-number", asking("--tune", "9" * 20), rf"tenon: --tune takes a number .*; got '{'9' * 20}'\."),
    Case("too-many-folds", asking("--splits", "50x1"), READ + r"tenon: --splits 50x1: 40 rows allow at most 20 folds\."),
    Case("too-many-repeats", asking("--splits", "5x1000"), READ + r"tenon: --splits takes at most 100 repeats; got '5x1000'\."),
    Case(
        "unknown-budget",
        asking("--budget", "fast"),
        r"tenon: --budget takes quick, normal, thorough or a duration such as 90s, 10m, 2h; got 'fast'\.",
    ),
    Case(
        "no-time",
        asking("--budget", "0s"),
        r"tenon: --budget takes quick, normal, thorough or a duration such as 90s, 10m, 2h; got '0s'\.",
    ),
    Case("negative-seed", asking("--seed", "-1"), r"tenon: --seed takes a whole number from 0 on; got -1\."),
    Case("no-jobs", asking("--jobs", "0"), r"tenon: --jobs takes 1 to 1024 worker processes, best one per core; got 0\."),
    Case(
        "too-many-jobs",
        asking("--jobs", "100000"),
        r"tenon: --jobs takes 1 to 1024 worker processes, best one per core; got 100000\.",
    ),
    Case(
        "one-configuration",
        asking("--tune", "1"),
        r"tenon: --tune takes at least 2, for the defaults are the first configuration tried; got 1\.",
    ),
    Case(
        "tune-by-word",
        asking("--tune", "many"),
        r"tenon: --tune takes a number of configurations, such as 20 or 20:optuna; got 'many'\.",
    ),
    Case("unknown-search", asking("--tune", "5:best"), r"tenon: no way to search 'best'\. Known: random, optuna, grid\."),
    Case(
        "cost-without-names",
        asking("--cost", "5"),
        r"tenon: --cost takes what a missed positive and a false alarm cost, as in .*; '5' is not of the form name=value\.",
    ),
    Case(
        "cost-twice",
        asking("--cost", "fn=5,fp=1,fn=2"),
        r"tenon: --cost takes what a missed positive and a false alarm cost, as in .*; fn stands there twice\.",
    ),
    Case(
        "cost-of-nothing",
        asking("--cost", "fn=5,fp=0"),
        r"tenon: --cost: fp is what a mistake costs, a number above 0 \(from 1e-36 to 1e\+36\); got 0\.",
    ),
    Case(
        "cost-of-unknown-label",
        asking("--cost", "fn=5,fp=1,positive=maybe"),
        r"tenon: no label in column 'label' 'maybe'\. Known: no, yes\.",
    ),
    Case(
        "cost-of-numbers",
        asking_prices("--cost", "fn=5,fp=1"),
        r"tenon: --cost is for a binary task; this one is regression\.",
    ),
    Case("rope-of-nothing", asking("--rope", "0"), rf"tenon: --rope {ROPE}; got 0\."),
    Case("rope-that-is-none", asking("--rope", "nan"), rf"tenon: --rope {ROPE}; got nan\."),
    Case("rope-too-small-to-reckon-with", asking("--rope", "1e-320"), rf"tenon: --rope {ROPE}; got 9\.99989e-321\."),
    Case(
        "per-unknown-column",
        asking("--per", "zap"),
        r"tenon: people\.csv has no column 'zap'; did you mean 'zip'\? Columns: size, zip, label\.",
    ),
    Case(
        "per-target",
        asking("--per", "label"),
        READ + r"tenon: column 'label' is the target, so --per cannot score inside each of its values\.",
    ),
    Case(
        "group-unknown-column",
        asking("--group", "zap"),
        r"tenon: people\.csv has no column 'zap'; did you mean 'zip'\? Columns: size, zip, label\.",
    ),
    Case("target-twice", asking("--group", "label"), r"tenon: column 'label' cannot be target and group at once\."),
    Case(
        "kind-of-unknown-column",
        asking("--kind", "zap=number"),
        r"tenon: people\.csv has no column 'zap'; did you mean 'zip'\? Columns: size, zip, label\.",
    ),
    Case("unknown-kind", asking("--kind", "zip=numbr"), r"tenon: no kind 'numbr'; did you mean 'number'\? Known: .*\."),
    Case(
        "kind-of-the-target",
        asking("--kind", "label=number"),
        r"tenon: column 'label' is the target, so its kind cannot be given \(--task says classes or numbers\)\.",
    ),
    Case("kind-without-a-name", asking("--kind", "zip"), r"tenon: --kind takes NAME=KIND, such as zip=category; got 'zip'\."),
    Case(
        "predictions-without-a-file",
        asking("--predictions", "old"),
        r"tenon: --predictions takes NAME=FILE, such as old=old\.csv; got 'old'\.",
    ),
    Case(
        "predictions-of-a-method",
        asking("--predictions", "knn=people.csv"),
        READ + r"tenon: --predictions knn=…: a method has that name; call the model otherwise\.",
    ),
    Case(
        "predictions-without-probabilities",
        asking("--predictions", "old=guesses.csv", "--methods", "baseline"),
        READ + r"tenon: guesses\.csv: AUC needs probabilities \(columns p_no, p_yes\); --metric accuracy needs none\.",
    ),
    Case("unknown-option", asking("--tagret", "x"), r"(?s:.*No such option: --tagret \(Possible options: .*--target\).*)"),
    Case("no-data", words("compare"), r"(?s:.*Missing argument 'DATA'\..*)"),
    Case("unknown-verb", words("compere", "x.csv"), r"(?s:.*No such command 'compere'\. Did you mean 'compare'.*)"),
    Case(
        "unknown-card",
        words("methods", "logistik"),
        rf"tenon: no method 'logistik'; did you mean 'logistic'{OTHERS}",
    ),
    Case(
        "unknown-sample", words("sample", "iriss"), r"tenon: no sample 'iriss'; did you mean 'iris'\? Known: breast-cancer, .*\."
    ),
]

CASES = [*TARGETS, *TASKS, *METHODS_AND_SETTINGS, *HOW]
