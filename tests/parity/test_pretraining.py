"""Pretrained folders beside transformers: tokens of tokenizer.json and vocab.txt, losses with the same weights and masks."""

from dataclasses import replace

import numpy as np
import pytest
import torch
import transformers
from tests.parity.test_bert import SMALL, seeded
from transformers import AutoTokenizer

from tenon.text import Bert, BertForMasked, BertForPretraining, BertForWriting, MarkedTokens
from tenon.text.cuts import packed, pairs
from tenon.text.masked_rows import MaskedRows, NextTokenRows
from tenon.text.masking import Masking, is_no_mark
from tenon.text.token_file import token_file
from tenon.text.token_loss import sums

LINES = ["The cat sat on the mat. The dogs ran.", "Cats ran, too.", "", "Two dogs; three cats.", "They sat. 好天气。", ""] * 4
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def tokens():
    return MarkedTokens.learnt(LINES, 90)


def theirs(name, net, folder):
    net.save_pretrained(folder)
    return getattr(transformers, name).from_pretrained(folder, attn_implementation="eager").eval()


@pytest.mark.parametrize("files", [["tokenizer.json", "tokenizer_config.json"], ["vocab.txt", "tokenizer_config.json"]])
def test_tokens(tokens, tmp_path, files):
    tokens.save_pretrained(tmp_path)
    Bert(replace(SMALL, vocab_size=len(tokens.tokens))).save_pretrained(tmp_path)
    for path in list(tmp_path.glob("*to*")):
        if path.name not in [*files, "model.safetensors"]:
            path.unlink()
    their, again = AutoTokenizer.from_pretrained(tmp_path), MarkedTokens.from_pretrained(tmp_path)
    for text in [*filter(None, LINES), "Caf\u00e9 zzz \u732b [MASK]!"]:
        expected = their(text, text)
        for ours in (tokens, again):
            row = ours.row(ours.tokens.encode(text), ours.tokens.encode(text))
            assert row.ids.tolist() == expected["input_ids"]
            assert row.segments.tolist() == expected["token_type_ids"]


@pytest.mark.mission("G6")
@pytest.mark.parametrize("is_paired", [False, True])
def test_losses_of_masks_and_pairs(tokens, tmp_path, is_paired):
    config = replace(SMALL, vocab_size=len(tokens.tokens))
    net = seeded((BertForPretraining if is_paired else BertForMasked)(Bert(config))).eval()
    their = theirs("BertForPreTraining" if is_paired else "BertForMaskedLM", net, tmp_path)
    with token_file(LINES, tokens.tokens) as file:
        cuts, kinds = pairs(file, 15, 0) if is_paired else (packed(file, 15), None)
        masking = Masking(tokens.mask, np.flatnonzero(is_no_mark(tokens.tokens.words)))
        rows = MaskedRows(file, cuts, tokens, masking, kinds)
        (read, mask, segments, places), asked = rows.batch(torch.arange(len(rows)), CPU)
    n = int(places.sum())
    labels = torch.full_like(read, -100)
    labels[places] = asked[:n]
    more = {"next_sentence_label": asked[n:]} if is_paired else {}
    expected = their(read, attention_mask=mask, token_type_ids=segments, labels=labels, **more).loss
    expected.backward()
    found = sums(net(read, mask, segments, places), asked)
    found.loss.backward()
    # float32, the same formula, sums in another order
    assert found.loss.item() == pytest.approx(expected.item(), rel=1e-5)
    gradient = their.bert.embeddings.word_embeddings.weight.grad
    torch.testing.assert_close(net.bert.embedding.tokens.weight.grad, gradient, rtol=1e-4, atol=1e-6)


@pytest.mark.mission("G10")
def test_the_loss_of_next_tokens_and_a_greedy_text(tokens, tmp_path):
    config = replace(SMALL, vocab_size=len(tokens.tokens), is_causal=True, n_positions=40)
    net = seeded(BertForWriting(Bert(config))).eval()
    their = theirs("BertLMHeadModel", net, tmp_path)
    with token_file(LINES, tokens.tokens) as file:
        rows = NextTokenRows(file, packed(file, 15), tokens)
        (read,), asked = rows.batch(torch.arange(len(rows)), CPU)
    logits = their(read).logits
    expected = torch.nn.functional.cross_entropy(logits.flatten(0, 1), asked.flatten(), ignore_index=-100)
    assert sums(net(read), asked).loss.item() == pytest.approx(expected.item(), rel=1e-5)
    said = their.generate(
        read[:1, :4], max_new_tokens=20, do_sample=False, pad_token_id=0, eos_token_id=None, attention_mask=torch.ones(1, 4)
    )
    for i in range(4, said.shape[1]):
        assert int(net(said[:, :i])[0, -1].argmax()) == int(said[0, i])
