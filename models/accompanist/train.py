"""Trains the accompanist. Run from the repository root:

    python models/accompanist/train.py --run RUNS/accompanist [--preset small|large] [--minutes M] [--corpus ../shared/corpus]

Writes checkpoints and a log into the run folder; `export.py` turns a checkpoint into the ONNX files. The same preset,
seed, corpus and package versions give the same steps. The learning rate falls over `steps`; `--minutes` only bounds the time:
when it runs out the schedule is hastened to its end.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import data  # noqa: E402
import tokens as T  # noqa: E402
from batch import layout, collate, losses, sequence  # noqa: E402
from common import corpus  # noqa: E402
from model import Accompanist  # noqa: E402

# Small: one CPU core for under an hour. Large: one GPU.
PRESETS = {
    "small": {"d": 160, "layers": 4, "steps": 4500, "batch": 16, "length": 224, "muon": 0.02, "adam": 3e-3, "device": "cpu"},
    "large": {"d": 256, "layers": 6, "steps": 20000, "batch": 64, "length": 512, "muon": 0.02, "adam": 2e-3, "device": "cuda"},
}
SEED = 20261122
DROP = 0.2  # share of crops in which each control is left unknown
# Keyboard pieces (melody and accompaniment in one pair of hands) teach less about accompanying than songs do.
SOURCE_WEIGHT = {"polish_keyboard": 0.5}
PART_WEIGHT = {"keys": 1.0, "bass": 0.7, "strings": 1.2}
VELOCITY_WEIGHT = 0.3  # most scores carry no dynamics; do not let them steer


def training_rows(train, chance, rng, preset):
    rows = []
    for i in rng.choice(len(train), preset["batch"], p=chance):
        item = train[i]
        starts = layout(item)[2]
        fits = max(1, int(np.searchsorted(starts, starts[-1] - preset["length"])))
        first = int(rng.integers(0, fits))
        drop = rng.random(3) > DROP
        rows.append(sequence(item, first, preset["length"], int(rng.integers(-5, 7)), drop[0], drop[1], drop[2]))
    return rows


@torch.no_grad()
def validate(model, items, device, limit=192):
    """Bits per note by kind over the first crops of validation items."""
    model.eval()
    rng = np.random.default_rng(SEED)
    picks = rng.permutation(len(items))[:limit]
    total = {}
    for i in range(0, len(picks), 16):
        batch = collate([sequence(items[j], 0, 256, 0) for j in picks[i : i + 16]])
        batch = {k: v.to(device) for k, v in batch.items()}
        with torch.autocast(device, torch.bfloat16):
            for k, v in losses(model, batch).items():
                total[k] = total.get(k, 0.0) + v.item()
    model.train()
    bits = {k: total[k] / total["notes"] / math.log(2) for k in ("onset", "pitch", "duration", "velocity")}
    return bits | {"all": sum(bits.values())}


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--corpus", type=Path, default=Path(corpus.DEFAULT_CORPUS))
    p.add_argument("--run", type=Path, required=True)
    p.add_argument("--preset", choices=PRESETS, default="small")
    p.add_argument("--steps", type=int, help="instead of the preset's")
    p.add_argument("--minutes", type=float, default=math.inf)
    a = p.parse_args()
    preset = dict(PRESETS[a.preset])
    preset["steps"] = a.steps or preset["steps"]
    device = preset["device"]
    a.run.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    rng = np.random.default_rng(SEED)
    train, valid, tables = data.load(a.corpus, a.run / "works.pkl")
    ids = sorted({w["id"] for w in train})
    (a.run / "ids.json").write_text(json.dumps(ids))
    facts = {
        "preset": a.preset, "seed": SEED, "works": len(ids), "validation_works": len({w["id"] for w in valid}),
        "notes": int(sum(len(w["notes"]) for w in train)), "data_sha256": corpus.data_hash(ids, a.corpus, T.SOURCES),
        "d": preset["d"], "layers": preset["layers"], "torch": str(torch.__version__),
        "quantiles": {k: {c: [float(x) for x in v] for c, v in t.items()} for k, t in tables.items()},
    }
    model = Accompanist(preset["d"], preset["layers"]).to(device)
    facts["parameters"] = sum(q.numel() for q in model.parameters())
    print(json.dumps({k: v for k, v in facts.items() if k != "quantiles"}), flush=True)
    matrices = [q for n, q in model.named_parameters() if n.startswith("layers.")]
    others = [q for n, q in model.named_parameters() if not n.startswith("layers.")]
    opts = [
        torch.optim.Muon(matrices, lr=preset["muon"], momentum=0.95, weight_decay=0.01),
        torch.optim.AdamW(others, lr=preset["adam"], betas=(0.9, 0.98), weight_decay=0.01),
    ]
    base = [preset["muon"], preset["adam"]]
    chance = np.array([
        math.sqrt(len(w["notes"])) * SOURCE_WEIGHT.get(T.SOURCES[w["source"]], 1.0) * PART_WEIGHT[T.PARTS[w["part"]]] for w in train
    ])
    chance /= chance.sum()
    began, recent = time.time(), []
    log = open(a.run / "log.jsonl", "w")
    step, done = 0, 0.0
    while done < 1.0:
        step += 1
        # The share of the schedule that is behind us: by steps, or by time where that is nearer its end.
        done = max(step / preset["steps"], (time.time() - began) / 60 / a.minutes)
        scale = min(1.0, step / 80) * max(0.02, min(1.0, (1 - done) / 0.6))
        for opt, rate in zip(opts, base):
            for g in opt.param_groups:
                g["lr"] = rate * scale
        batch = {k: v.to(device) for k, v in collate(training_rows(train, chance, rng, preset)).items()}
        with torch.autocast(device, torch.bfloat16):
            part = losses(model, batch)
        loss = (part["onset"] + part["pitch"] + part["duration"] + VELOCITY_WEIGHT * part["velocity"]) / part["notes"]
        for opt in opts:
            opt.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for opt in opts:
            opt.step()
        recent.append([part[k].item() / part["notes"].item() / math.log(2) for k in ("onset", "pitch", "duration", "velocity")])
        if step % 50 == 0 or done >= 1:
            mean = np.mean(recent[-50:], 0)
            row = {"step": step, "bits": float(mean.sum()), "by": [round(float(x), 3) for x in mean], "seconds": time.time() - began}
            if step % 250 == 0 or done >= 1:
                row["valid"] = validate(model, valid, device)
                torch.save({"model": model.state_dict(), "facts": facts, "row": row}, a.run / "last.tmp")
                (a.run / "last.tmp").rename(a.run / "last.pt")
            print(json.dumps(row), flush=True)
            log.write(json.dumps(row) + "\n")
            log.flush()


if __name__ == "__main__":
    main()
