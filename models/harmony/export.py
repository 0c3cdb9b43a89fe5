"""Turns a checkpoint into `harmony.onnx`, `contract.toml` and `DATA.csv`. Run from the repository root:

    python models/harmony/export.py --run RUNS/harmony [--corpus ../shared/corpus]
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

from common import contract, corpus  # noqa: E402
from common.chords import QUALITIES  # noqa: E402
from features import FEATURE_VERSION, PC_CHANNELS, SCALARS  # noqa: E402
from model import Emissions  # noqa: E402

VERSION = "0.1.0"
# What the product asks for when the user says nothing: about one chord a bar, a fifth of the time coloured. Likeliest paths
# change about two thirds as often as they are asked to (see the card), hence the higher wish; it was set by that table.
RATE, COLOUR = 1.6, 0.2


class Graph(torch.nn.Module):
    """The network with its chain's energies as an output, so that one file holds the whole model."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, pcs, scalars):
        emissions, stay, bass = self.model(pcs, scalars, torch.ones_like(scalars[:, 0]))
        return emissions, stay, bass, self.model.transitions(), self.model.bass_by_chord * 1.0


def load_model(checkpoint):
    facts = checkpoint["facts"]
    model = Emissions(facts["width"], tuple(facts["dilations"]))
    model.load_state_dict(checkpoint["model"])
    return model.eval()


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--corpus", type=Path, default=Path(corpus.DEFAULT_CORPUS))
    p.add_argument("--run", type=Path, required=True)
    a = p.parse_args()
    torch.set_num_threads(1)
    with torch.serialization.safe_globals([torch.torch_version.TorchVersion]):
        checkpoint = torch.load(a.run / "last.pt", weights_only=True)
    facts, row = checkpoint["facts"], checkpoint["row"]
    ids = json.loads((a.run / "ids.json").read_text())
    manifest = corpus.read_manifest(a.corpus)
    corpus.check_training(ids, manifest)
    model = load_model(checkpoint)
    example = (torch.zeros(1, 12, PC_CHANNELS, 24), torch.zeros(1, SCALARS, 24))
    contract.export(
        Graph(model), example, HERE / "harmony.onnx", ["pcs", "scalars"],
        ["emissions", "stay", "bass", "transitions", "bass_by_chord"],
        {"pcs": {3: "beats"}, "scalars": {2: "beats"}, "emissions": {1: "beats"}, "stay": {1: "beats"}, "bass": {1: "beats"}},
    )
    params = {
        "qualities": QUALITIES, "rate": RATE, "colour": COLOUR, "train_steps": row["step"],
        "train_seconds": round(row["seconds"]), "train_nats_per_beat": row["train"], "valid_nats_per_beat": row["valid"],
    }
    contract.write(HERE, "harmony", VERSION, FEATURE_VERSION, ["harmony.onnx"], params, len(ids), facts["data_sha256"])
    corpus.write_data_sheet(HERE / "DATA.csv", ids, manifest)
    print(f"harmony.onnx: {(HERE / 'harmony.onnx').stat().st_size} bytes, step {row['step']}, {facts['parameters']} parameters")


if __name__ == "__main__":
    main()
