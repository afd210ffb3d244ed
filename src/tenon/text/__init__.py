"""Text as sequences of tokens."""

from typing import TYPE_CHECKING

from tenon.lazy import exports

if TYPE_CHECKING:
    from tenon.text.attentive import AttentiveNet
    from tenon.text.estimators import TextClassifier, TextRegressor
    from tenon.text.recurrent import RecurrentNet
    from tenon.text.text_cnn import TextCNN
    from tenon.text.tokens import learnt_tokens

_WHERE = {
    "AttentiveNet": "attentive",
    "RecurrentNet": "recurrent",
    "TextCNN": "text_cnn",
    "TextClassifier": "estimators",
    "TextRegressor": "estimators",
    "learnt_tokens": "tokens",
}
__all__ = ["AttentiveNet", "RecurrentNet", "TextCNN", "TextClassifier", "TextRegressor", "learnt_tokens"]
__getattr__, __dir__ = exports(__name__, _WHERE)
