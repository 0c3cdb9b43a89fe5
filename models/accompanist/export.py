"""Turns a checkpoint into `step.onnx`, `pitch.onnx`, `length.onnx`, `contract.toml` and `DATA.csv`. From the repository root:

    python models/accompanist/export.py --run RUNS/accompanist [--corpus ../shared/corpus]
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import torch

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE))

import tokens as T  # noqa: E402
from common import contract, corpus  # noqa: E402
from model import HEAD, Accompanist, LengthGraph, PitchGraph, StepGraph  # noqa: E402

VERSION = "0.1.0"


def load_checkpoint(run: Path):
    with torch.serialization.safe_globals([torch.torch_version.TorchVersion]):
        checkpoint = torch.load(run / "last.pt", weights_only=True)
    facts = checkpoint["facts"]
    model = Accompanist(facts["d"], facts["layers"])
    model.load_state_dict(checkpoint["model"])
    return model.eval(), checkpoint


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--corpus", type=Path, default=Path(corpus.DEFAULT_CORPUS))
    p.add_argument("--run", type=Path, required=True)
    a = p.parse_args()
    torch.set_num_threads(1)
    model, checkpoint = load_checkpoint(a.run)
    facts, row = checkpoint["facts"], checkpoint["row"]
    ids = json.loads((a.run / "ids.json").read_text())
    manifest = corpus.read_manifest(a.corpus)
    corpus.check_training(ids, manifest)
    d, layers = facts["d"], facts["layers"]
    heads = d // HEAD
    one = torch.ones(1, dtype=torch.int64)
    cache = torch.zeros(layers, 2, heads, 3, HEAD)
    note = torch.tensor([[1, 2, 3, 4, 5]])
    contract.export(
        StepGraph(model), (torch.zeros(1, T.BAR_WIDTH), torch.zeros(1, 1), note, 3 * one, cache), HERE / "step.onnx",
        ["bar", "is_bar", "note", "position", "cache"], ["hidden", "onset", "cache_out"],
        {"cache": {3: "past"}, "cache_out": {3: "now"}},
    )
    hidden = torch.zeros(1, d)
    contract.export(
        PitchGraph(model), (hidden, one, torch.zeros(1, T.SLOT_WIDTH), one, 30 * one), HERE / "pitch.onnx",
        ["hidden", "onset", "condition", "root", "previous"], ["pitch"], {},
    )
    contract.export(
        LengthGraph(model), (hidden, one, 30 * one, one), HERE / "length.onnx", ["hidden", "onset", "pitch", "degree"],
        ["duration", "velocity"], {},
    )
    params = {
        "grid_per_quarter": T.GRID, "max_bar": T.MAX_BAR, "pitch_low": T.LOW, "pitch_high": T.HIGH, "durations": T.DURATIONS,
        "velocity_classes": T.VELOCITIES, "slots": T.SLOTS, "slot_width": T.SLOT_WIDTH, "bar_width": T.BAR_WIDTH,
        "parts": T.PARTS, "sources": T.SOURCES, "layers": layers, "heads": heads, "head_width": HEAD, "width": d,
        "train_steps": row["step"], "train_seconds": round(row["seconds"]), "train_bits_per_note": row["bits"],
        "valid_bits_per_note": row["valid"]["all"],
    }
    for part, table in facts["quantiles"].items():
        for control, values in table.items():
            params[f"{control}_{part}"] = values
    files = ["step.onnx", "pitch.onnx", "length.onnx"]
    contract.write(HERE, "accompanist", VERSION, T.FEATURE_VERSION, files, params, len(ids), facts["data_sha256"])
    corpus.write_data_sheet(HERE / "DATA.csv", ids, manifest)
    size = sum((HERE / f).stat().st_size for f in files)
    print(f"accompanist: {size} bytes in {len(files)} files, step {row['step']}, {facts['parameters']} parameters")


if __name__ == "__main__":
    main()
