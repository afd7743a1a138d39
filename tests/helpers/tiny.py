"""Checkpoints of real architectures, made small: their layout, their tokenizer, a thousandth of their weights."""

from pathlib import Path
from typing import Any

LABELS = ("neutral", "fear", "joy", "grief")
TEXTS = ["I am afraid of tomorrow", "je suis très heureux", "我今天很难过，因为她走了", "ok"]


def xlm_roberta(folder: Path, whole: bool = True) -> Path:
    """A tiny XLM-RoBERTa with its kind of tokenizer (unigram pieces, <s> and </s>), labels out of order."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers
    from transformers import (
        PreTrainedTokenizerFast,
        XLMRobertaConfig,
        XLMRobertaForSequenceClassification,
        XLMRobertaModel,
    )

    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trainer = trainers.UnigramTrainer(vocab_size=120, special_tokens=special, unk_token="<unk>", show_progress=False)
    tokenizer.train_from_iterator(TEXTS * 20, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    # A length and padding of the file's own, as published tokenizers carry them: neither may be obeyed.
    tokenizer.enable_truncation(3)
    tokenizer.enable_padding(length=64, pad_id=1, pad_token="<pad>")
    named: dict[str, Any] = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}
    fast: Any = PreTrainedTokenizerFast
    fast(tokenizer_object=tokenizer, **named).save_pretrained(folder)
    torch.manual_seed(7)
    config = XLMRobertaConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=140,
        pad_token_id=1,
        id2label=dict(enumerate(LABELS)),
        label2id={label: number for number, label in enumerate(LABELS)},
        problem_type="multi_label_classification",
        initializer_range=0.2,
    )
    model = XLMRobertaForSequenceClassification(config) if whole else XLMRobertaModel(config)
    model.save_pretrained(folder)
    return folder
