"""Writes counter.onnx, the small graph the runtime's tests run: a running sum with a growing cache.

    python make_counter.py    (needs the package onnx)

inputs  x f32 [1, -1], cache f32 [1, -1], flip bool [1], id i64 [1]
outputs sum f32 [1] (of cache and x, negated where flip), cache_out f32 [1, -1] (cache then x), next i64 [1] (id + 1)
"""

from pathlib import Path

import onnx
from onnx import TensorProto as T
from onnx import helper as h

nodes = [
    h.make_node("Concat", ["cache", "x"], ["cache_out"], axis=1),
    h.make_node("Constant", [], ["axis"], value=h.make_tensor("a", T.INT64, [1], [1])),
    h.make_node("ReduceSum", ["cache_out", "axis"], ["plain"], keepdims=0),
    h.make_node("Neg", ["plain"], ["negated"]),
    h.make_node("Where", ["flip", "negated", "plain"], ["sum"]),
    h.make_node("Constant", [], ["one"], value=h.make_tensor("o", T.INT64, [1], [1])),
    h.make_node("Add", ["id", "one"], ["next"]),
]
graph = h.make_graph(
    nodes,
    "counter",
    [
        h.make_tensor_value_info("x", T.FLOAT, [1, "n"]),
        h.make_tensor_value_info("cache", T.FLOAT, [1, "past"]),
        h.make_tensor_value_info("flip", T.BOOL, [1]),
        h.make_tensor_value_info("id", T.INT64, [1]),
    ],
    [
        h.make_tensor_value_info("sum", T.FLOAT, [1]),
        h.make_tensor_value_info("cache_out", T.FLOAT, [1, "total"]),
        h.make_tensor_value_info("next", T.INT64, [1]),
    ],
)
model = h.make_model(graph, opset_imports=[h.make_opsetid("", 17)], ir_version=8)
onnx.checker.check_model(model)
onnx.save(model, Path(__file__).with_name("counter.onnx"))
