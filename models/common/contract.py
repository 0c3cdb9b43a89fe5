"""Writing `contract.toml`, and the small steps from a traced graph to the file that ships.

The Rust reader is `models/src/contract.rs`. Weights are stored as 16-bit floats and widened when the runtime
opens the graph, so a run computes in 32 bits and gives the same numbers on every machine; eight-bit kernels round
differently from processor to processor, which would break "the same seed, the same bytes".
"""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

ORT_MIN = "1.17"
OPSET = 17
HALF_FROM = 1024  # tensors with fewer numbers stay at 32 bits

KINDS = {TensorProto.FLOAT: "f32", TensorProto.INT64: "i64", TensorProto.BOOL: "bool"}


def sha256(path: Path) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def export(module, example, path: Path, inputs, outputs, dynamic):
    """Traces `module` to an ONNX file; `dynamic` maps input or output names to {axis: name}."""
    module.eval()
    with torch.no_grad():
        torch.onnx.export(
            module, example, str(path), input_names=inputs, output_names=outputs, dynamic_axes=dynamic,
            opset_version=OPSET, dynamo=False, do_constant_folding=True,
        )
    model = onnx.load(str(path))
    for out, name in zip(model.graph.output, outputs):
        if out.name != name:  # the tracer forgets the name of an output that is a constant
            model.graph.node.append(helper.make_node("Identity", [out.name], [name]))
            out.name = name
    halve(model)
    model.doc_string = ""
    model.producer_name, model.producer_version = "continuo", ""
    for node in model.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    onnx.checker.check_model(model)
    Path(path).write_bytes(model.SerializeToString(deterministic=True))


def halve(model):
    """Stores large float weights as 16-bit floats, each followed by a cast."""
    casts = []
    for init in model.graph.initializer:
        if init.data_type == TensorProto.FLOAT and int(np.prod(init.dims)) >= HALF_FROM:
            name = init.name
            half = numpy_helper.from_array(numpy_helper.to_array(init).astype(np.float16), name + ".half")
            init.CopyFrom(half)
            casts.append(helper.make_node("Cast", [name + ".half"], [name], to=TensorProto.FLOAT))
    for cast in reversed(casts):
        model.graph.node.insert(0, cast)


def ports(path: Path):
    """Inputs and outputs of an ONNX file as (name, dtype, shape with -1 for dynamic)."""
    graph = onnx.load(str(path)).graph
    weights = {i.name for i in graph.initializer}

    def row(v):
        t = v.type.tensor_type
        return v.name, KINDS[t.elem_type], [d.dim_value if d.HasField("dim_value") else -1 for d in t.shape.dim]

    return [row(v) for v in graph.input if v.name not in weights], [row(v) for v in graph.output]


def toml_value(v) -> str:
    if isinstance(v, bool):
        return "true" if v else "false"
    if isinstance(v, str):
        return '"' + v.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(v, (list, tuple)):
        return "[" + ", ".join(toml_value(x) for x in v) + "]"
    if isinstance(v, int):
        return str(v)
    return repr(float(f"{float(v):.9g}"))


def write(folder: Path, name, version, feature_version, files, params, works, data_sha256):
    """Writes contract.toml for the graph files (paths inside `folder`), and reads it back."""
    out = [
        f"name = {toml_value(name)}", f"version = {toml_value(version)}", f"feature_version = {feature_version}",
        f"ort_min = {toml_value(ORT_MIN)}",
    ]
    for file in files:
        out += ["", "[[file]]", f"path = {toml_value(file)}", f"sha256 = {toml_value(sha256(folder / file))}"]
        ins, outs = ports(folder / file)
        for side, rows in (("input", ins), ("output", outs)):
            for port, dtype, shape in rows:
                out += [f"[[file.{side}]]", f"name = {toml_value(port)}", f"dtype = {toml_value(dtype)}", f"shape = {toml_value(shape)}"]
    out += ["", "[params]"] + [f"{k} = {toml_value(v)}" for k, v in params.items()]
    out += ["", "[data]", f"works = {works}", f"sha256 = {toml_value(data_sha256)}", ""]
    path = folder / "contract.toml"
    path.write_text("\n".join(out), encoding="utf-8")
    return read(folder)


class ContractError(Exception):
    """Contract and files, or contract and program, disagree."""


def read(folder: Path):
    """The contract of a folder, with every file's hash and ports checked against it."""
    with open(Path(folder) / "contract.toml", "rb") as f:
        contract = tomllib.load(f)
    for file in contract["file"]:
        path = Path(folder) / file["path"]
        if sha256(path) != file["sha256"]:
            raise ContractError(f"{path}: SHA-256 is {sha256(path)} but the contract says {file['sha256']}")
        for side, rows in zip(("input", "output"), ports(path)):
            want = [(p["name"], p["dtype"], p["shape"]) for p in file.get(side, [])]
            if rows != want:
                raise ContractError(f"{path}: the {side}s are {rows} but the contract says {want}")
    return contract
