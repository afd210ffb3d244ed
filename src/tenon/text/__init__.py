"""Text as sequences of tokens: vectors of words, networks that read texts, and what they are made of."""

from typing import TYPE_CHECKING

from tenon.lazy import exports
from tenon.text import (
    answer_methods,
    bert_methods,
    methods,
    sequence_methods,
    tagging_methods,
    vector_methods,
)

if TYPE_CHECKING:
    from tenon.text.agreement import evaluate
    from tenon.text.alignment import alignment_svg
    from tenon.text.attentive import AttentiveNet
    from tenon.text.bert import Bert
    from tenon.text.bert_answer import BertAnswer
    from tenon.text.bert_config import BertConfig
    from tenon.text.bert_estimators import BertClassifier, BertRegressor
    from tenon.text.bert_heads import (
        BertForMasked,
        BertForNext,
        BertForPretraining,
        BertForSpans,
        BertForTags,
        BertForTexts,
        BertForWriting,
    )
    from tenon.text.bert_tagger import BertTagger
    from tenon.text.bilstm_crf import BiLSTMCRF
    from tenon.text.blocks import block_ends, cut_costs
    from tenon.text.drawing import word_map
    from tenon.text.estimators import TextClassifier, TextRegressor
    from tenon.text.frozen import FrozenBertClassifier, FrozenBertRegressor, PrototypeClassifier
    from tenon.text.language import LSTMLanguage
    from tenon.text.lexical_answer import LexicalAnswer
    from tenon.text.marked import MarkedTokens
    from tenon.text.ngram import NGramLanguage
    from tenon.text.perceptron import PerceptronTagger
    from tenon.text.phrases import Phrases
    from tenon.text.ppmi import PPMI
    from tenon.text.ranking import bm25, textrank
    from tenon.text.recurrent import RecurrentNet
    from tenon.text.reformer import ReformerText
    from tenon.text.seq2seq import Seq2Seq
    from tenon.text.stretch import stretched
    from tenon.text.text_cnn import TextCNN
    from tenon.text.tokens import learnt_tokens
    from tenon.text.transformer_text import TransformerText
    from tenon.text.transformer_xl import TransformerXLText
    from tenon.text.vector_files import read_vectors
    from tenon.text.vectors import WordVectors
    from tenon.text.vocabulary import Vocabulary
    from tenon.text.word2vec import Word2Vec
    from tenon.text.writing import Writer

METHODS = (
    *vector_methods.METHODS,
    *methods.METHODS,
    *bert_methods.METHODS,
    *sequence_methods.METHODS,
    *tagging_methods.METHODS,
    *answer_methods.METHODS,
)
_WHERE = {
    "PPMI": "ppmi",
    "AttentiveNet": "attentive",
    "Bert": "bert",
    "BertAnswer": "bert_answer",
    "BertClassifier": "bert_estimators",
    "BertConfig": "bert_config",
    "BertForMasked": "bert_heads",
    "BertForNext": "bert_heads",
    "BertForPretraining": "bert_heads",
    "BertForSpans": "bert_heads",
    "BertForTags": "bert_heads",
    "BertForTexts": "bert_heads",
    "BertForWriting": "bert_heads",
    "BertTagger": "bert_tagger",
    "BertRegressor": "bert_estimators",
    "BiLSTMCRF": "bilstm_crf",
    "FrozenBertClassifier": "frozen",
    "FrozenBertRegressor": "frozen",
    "LSTMLanguage": "language",
    "LexicalAnswer": "lexical_answer",
    "MarkedTokens": "marked",
    "NGramLanguage": "ngram",
    "PerceptronTagger": "perceptron",
    "Phrases": "phrases",
    "PrototypeClassifier": "frozen",
    "RecurrentNet": "recurrent",
    "ReformerText": "reformer",
    "Seq2Seq": "seq2seq",
    "TextCNN": "text_cnn",
    "TextClassifier": "estimators",
    "TextRegressor": "estimators",
    "TransformerText": "transformer_text",
    "TransformerXLText": "transformer_xl",
    "Vocabulary": "vocabulary",
    "Word2Vec": "word2vec",
    "WordVectors": "vectors",
    "Writer": "writing",
    "alignment_svg": "alignment",
    "block_ends": "blocks",
    "bm25": "ranking",
    "cut_costs": "blocks",
    "evaluate": "agreement",
    "learnt_tokens": "tokens",
    "read_vectors": "vector_files",
    "stretched": "stretch",
    "textrank": "ranking",
    "word_map": "drawing",
}
__all__ = [
    "METHODS", "PPMI", "AttentiveNet", "Bert", "BertAnswer", "BertClassifier", "BertConfig", "BertForMasked", "BertForNext",
    "BertForPretraining", "BertForSpans", "BertForTags", "BertForTexts", "BertForWriting", "BertRegressor", "BertTagger",
    "BiLSTMCRF", "FrozenBertClassifier", "FrozenBertRegressor", "LSTMLanguage", "LexicalAnswer", "MarkedTokens",
    "NGramLanguage", "PerceptronTagger", "Phrases", "PrototypeClassifier", "RecurrentNet", "ReformerText", "Seq2Seq",
    "TextCNN", "TextClassifier", "TextRegressor", "TransformerText", "TransformerXLText", "Vocabulary", "Word2Vec",
    "WordVectors", "Writer", "alignment_svg", "block_ends", "bm25", "cut_costs", "evaluate", "learnt_tokens", "read_vectors",
    "stretched", "textrank", "word_map",
]  # fmt: skip
__getattr__, __dir__ = exports(__name__, _WHERE)
