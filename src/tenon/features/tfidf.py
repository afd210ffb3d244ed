"""Text as TF-IDF vectors, of words or of characters by the script of the train rows.

Term weight (1 + ln tf) · (ln((1 + n) / (1 + df)) + 1) (Salton & Buckley 1988; scikit-learn's smoothing), each text's vector
scaled to the length TEXT_LENGTH. Terms that stand in a single train row are left out, unless all do.
"""

from importlib.util import find_spec
from typing import Any

import pandas as pd
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import TfidfVectorizer

from tenon.data.language import script_of
from tenon.features.chinese import CharactersAndWords

TEXT_LENGTH = 3.0  # beside standardised numbers, a text weighs as much as nine of them; unit length would drown among many
NO_TERM = "\0"  # stands for the vocabulary of a column without any text; no word contains it


class TextTfidf(TransformerMixin, BaseEstimator):
    """Turn a column of texts ("" where missing) into a sparse (n, n_terms) float64 matrix without negative entries.

    Text with blanks between words: words and pairs of words. Chinese: characters and pairs of characters with jieba's
    words where jieba is installed, else runs of one to three characters. All in lower case.
    """

    def fit(self, X: pd.Series, y: Any = None) -> "TextTfidf":
        self.fit_transform(X)
        return self

    def fit_transform(self, X: pd.Series, y: Any = None) -> csr_matrix:
        settings = _units(script_of(X))
        for fewest_rows in (2, 1):
            self.vectorizer_ = TfidfVectorizer(min_df=fewest_rows, sublinear_tf=True, **settings)
            try:
                return TEXT_LENGTH * self.vectorizer_.fit_transform(X)
            except ValueError:  # no term is left: with 2, each stands in one row only; with 1, there is no text at all
                continue
        self.vectorizer_ = TfidfVectorizer(vocabulary=[NO_TERM])
        return self.vectorizer_.fit_transform(X)

    def transform(self, X: pd.Series) -> csr_matrix:
        return TEXT_LENGTH * self.vectorizer_.transform(X)

    def get_feature_names_out(self, input_features: Any) -> Any:
        return self.vectorizer_.get_feature_names_out()


def _units(script: str) -> dict[str, Any]:
    """Return what TfidfVectorizer shall count in texts of this script."""
    if script != "chinese":
        return {"ngram_range": (1, 2), "token_pattern": r"(?u)\b\w+\b"}
    if find_spec("jieba"):
        return {"analyzer": CharactersAndWords()}
    return {"analyzer": "char", "ngram_range": (1, 3)}
