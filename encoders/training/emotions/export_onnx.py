"""Exports a fine-tuned encoder as one ONNX file with 8-bit weights, for onnxruntime without torch.

Weight-only quantisation: 8 bits, one scale per block of inputs of a matrix and one per word vector. onnxruntime rounds
activations row by row at run time, so that the logits of a text do not depend on its neighbours in a batch; with
`quantize_dynamic` they differed by a tenth.

`python -m encoders.training.emotions.export_onnx CHECKPOINT FOLDER` exports any sequence classifier.
"""

import argparse
import logging
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from onnxruntime.quantization.matmul_nbits_quantizer import DefaultWeightOnlyQuantConfig, MatMulNBitsQuantizer
from torch import nn
from transformers import AutoTokenizer, PreTrainedModel

from encoders.emotions.checkpoint import TorchModel, open_checkpoint

BLOCK = 64
"""With 128, onnxruntime 1.32 multiplies the last of an odd number of rows in another way."""
EVEN_BLOCK = 128
"""A tenth faster, for models whose reader always gives an even number of rows, as `OnnxModel` does."""
WORD_BLOCK = 32
MATRIX_BLOCK = 64
INT8_COMPUTE = 4
"""onnxruntime's accuracy level that multiplies in whole numbers."""


class LogitsGraph(nn.Module):
    """A classifier of transformers that returns its logits alone, in the form that can be traced."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Float [texts, labels]"""
        logits: torch.Tensor = self.model(input_ids=input_ids, attention_mask=attention_mask).logits
        return logits


def main(arguments: list[str] | None = None) -> None:
    """Exports a checkpoint with its configuration and tokenizer to a folder that can be used without torch."""
    parser = argparse.ArgumentParser(prog="export-onnx", description="Export a sequence classifier to 8-bit ONNX.")
    parser.add_argument("checkpoint", help="a folder, or a name that transformers resolves")
    parser.add_argument("folder", type=Path, help="where the exported model is written")
    given = parser.parse_args(arguments)
    given.folder.mkdir(parents=True, exist_ok=True)
    model = open_checkpoint(given.checkpoint).model
    if not isinstance(model, TorchModel):
        parser.error(f"{given.checkpoint} is exported already")
    export_logits(LogitsGraph(model.model), given.folder / "model.onnx")
    model.model.config.save_pretrained(given.folder)
    AutoTokenizer.from_pretrained(given.checkpoint).save_pretrained(given.folder)


def export_logits(model: nn.Module, path: Path) -> None:
    """Writes the model to `path`: inputs `input_ids` and `attention_mask` [texts, tokens], output `logits`
    [texts, labels]."""
    quantise(_trace_logits(model), path, EVEN_BLOCK)


def export_packed(model: nn.Module, path: Path) -> None:
    """As `export_logits`, for a base whose word vectors have four bits already; computed in full precision.

    Matrices are stored in 8 bits, and unpacked when the model is opened: on a processor without instructions for
    whole numbers that is a quarter faster than rounding what goes through them, at four times the memory.
    """
    graph = _trace_logits(model)
    pack_word_vectors(graph.graph)
    pack_matrices(graph.graph)
    onnx.save(graph, str(path))


def _trace_logits(model: nn.Module) -> Any:
    ids = torch.ones((2, 9), dtype=torch.long)
    return trace_graph(model, ids, ("input_ids", "attention_mask", "logits"), ("texts", "tokens"))


def trace_graph(model: nn.Module, inputs: torch.Tensor, names: tuple[str, str, str], axes: tuple[str, str]) -> Any:
    """The ONNX graph of a model that takes inputs of any number and length, and a mask.

    `names`: of the inputs, the mask and the output; `axes`: of the first two dimensions.
    """
    for part in model.modules():
        # The plain form of attention makes a graph a fifth smaller, which runs a twentieth faster.
        if isinstance(part, PreTrainedModel):
            part.set_attn_implementation("eager")
    mask = torch.ones(inputs.shape[:2], dtype=torch.long)
    # A mask that hides nothing would be left out of the graph.
    mask[1, inputs.shape[1] // 2 :] = 0
    given = dict(enumerate(axes))
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        # Of every size that Python looks at while tracing, and of the exporter that is to come: whether the graph
        # gives what the model gives is for the tests to say.
        warnings.simplefilter("ignore")
        plain = Path(folder) / "plain.onnx"
        torch.onnx.export(
            model.eval().cpu(),
            (inputs, mask),
            str(plain),
            input_names=list(names[:2]),
            output_names=[names[2]],
            dynamic_axes={names[0]: given, names[1]: given, names[2]: {0: axes[0]}},
            opset_version=21,
            dynamo=False,
        )
        return onnx.load(plain)


def quantise(graph: Any, path: Path, block: int = BLOCK) -> None:
    """Rounds every matrix and word vector of an ONNX model to 8 bits, a scale per block of inputs, and saves it."""
    _round_word_vectors(graph.graph)
    logging.getLogger("onnxruntime.quantization.matmul_nbits_quantizer").setLevel(logging.WARNING)
    config = DefaultWeightOnlyQuantConfig(block_size=block, is_symmetric=True, accuracy_level=INT8_COMPUTE, bits=8)
    rounder = MatMulNBitsQuantizer(graph, algo_config=config)
    rounder.process()
    onnx.save(rounder.model.model, str(path))


def pack_word_vectors(graph: Any) -> None:
    """Stores word vectors in blocks of 32 numbers, four bits each, with a half-precision scale a block.

    The number of largest magnitude in a block stands for -8, as in the files of llama.cpp (Q4_0): vectors that come
    from such a file are stored exactly.
    """
    tables = _find_word_vectors(graph)
    for node in [node for node in graph.node if node.op_type == "Gather" and node.input[0] in tables]:
        table, rows, out = node.input[0], node.input[1], node.output[0]
        vectors = numpy_helper.to_array(tables[table])
        blocks = vectors.reshape(-1, WORD_BLOCK)
        ends = blocks[np.arange(len(blocks)), np.abs(blocks).argmax(1)]
        scale = np.where(ends == 0, 1.0, ends / -8.0).astype(np.float16)
        whole = np.clip(np.round(blocks / scale.astype(np.float32)[:, None]), -8, 7).astype(np.int8).reshape(-1) & 15
        packed = (whole[::2] | (whole[1::2] << 4)).astype(np.uint8)
        graph.initializer.remove(tables[table])
        graph.initializer.extend(
            [
                helper.make_tensor(table, onnx.TensorProto.INT4, vectors.shape, packed.tobytes(), raw=True),
                numpy_helper.from_array(scale.reshape(len(vectors), -1), f"{table}_scale"),
            ]
        )
        place = list(graph.node).index(node)
        graph.node.remove(node)
        graph.node.insert(place, helper.make_node("Cast", [f"{out}_half"], [out], to=onnx.TensorProto.FLOAT))
        gather = helper.make_node(
            "GatherBlockQuantized",
            [table, rows, f"{table}_scale"],
            [f"{out}_half"],
            domain="com.microsoft",
            gather_axis=0,
            quantize_axis=1,
            block_size=WORD_BLOCK,
        )
        graph.node.insert(place, gather)


def pack_matrices(graph: Any) -> None:
    """Stores the matrices that hidden states are multiplied with in 8 bits, a scale per `MATRIX_BLOCK` inputs."""
    tables = {table.name: table for table in graph.initializer if len(table.dims) == 2}
    nodes: list[Any] = []
    for node in graph.node:
        name = node.input[1] if node.op_type == "MatMul" else ""
        if name in tables and tables[name].dims[0] % MATRIX_BLOCK == 0:
            values = numpy_helper.to_array(tables[name])
            blocks = values.reshape(-1, MATRIX_BLOCK, values.shape[1])
            scale = np.maximum(np.abs(blocks).max(axis=1), 1e-9) / 127
            whole = np.round(blocks / scale[:, None]).astype(np.int8).reshape(values.shape)
            graph.initializer.remove(tables.pop(name))
            stored = {f"{name}_whole": whole, f"{name}_scale": scale.astype(np.float32)}
            graph.initializer.extend(numpy_helper.from_array(value, key) for key, value in stored.items())
            unpack = helper.make_node("DequantizeLinear", list(stored), [name], axis=0, block_size=MATRIX_BLOCK)
            nodes.append(unpack)
        nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)


def _find_word_vectors(graph: Any) -> dict[str, Any]:
    return {table.name: table for table in graph.initializer if len(table.dims) == 2 and table.dims[0] > 10_000}


def _round_word_vectors(graph: Any) -> None:
    # Of whole numbers already where they were packed.
    tables = {n: t for n, t in _find_word_vectors(graph).items() if t.data_type == onnx.TensorProto.FLOAT}
    nodes = []
    for node in graph.node:
        if node.op_type != "Gather" or node.input[0] not in tables:
            nodes.append(node)
            continue
        table, rows, out = node.input[0], node.input[1], node.output[0]
        vectors = numpy_helper.to_array(tables[table])
        scale = np.maximum(np.abs(vectors).max(axis=1, keepdims=True), 1e-8) / 127
        whole = np.round(vectors / scale).astype(np.int8)
        graph.initializer.remove(tables[table])
        graph.initializer.extend(
            [numpy_helper.from_array(whole, table), numpy_helper.from_array(scale.astype(np.float32), f"{table}_scale")]
        )
        nodes += [
            helper.make_node("Gather", [table, rows], [f"{out}_whole"]),
            helper.make_node("Gather", [f"{table}_scale", rows], [f"{out}_scale"]),
            helper.make_node("Cast", [f"{out}_whole"], [f"{out}_float"], to=onnx.TensorProto.FLOAT),
            helper.make_node("Mul", [f"{out}_float", f"{out}_scale"], [out]),
        ]
    del graph.node[:]
    graph.node.extend(nodes)


if __name__ == "__main__":
    main()
