"""Trains the harmony model. Run from the repository root:

    python models/harmony/train.py --run RUNS/harmony [--preset small|large] [--corpus ../shared/corpus]

Writes checkpoints and a log into the run folder; `export.py` turns a checkpoint into the ONNX file.
A run is repeatable: the same preset, seed, corpus and package versions give the same steps.
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
from common import chords, corpus  # noqa: E402
from features import PC_CHANNELS, SCALARS, TONIC_MAJOR, TONIC_MINOR, WINDOW, SOUNDING  # noqa: E402
from model import Emissions, bass_nll, crf_nll  # noqa: E402

# Small: one to two CPU cores in about half an hour. Large: one GPU.
PRESETS = {
    "small": {"width": 48, "dilations": (1, 2, 4, 8, 16), "steps": 1800, "batch": 24, "crop": 160, "rate": 3e-3, "device": "cpu"},
    "large": {"width": 96, "dilations": (1, 2, 4, 8, 16, 1, 2, 4), "steps": 12000, "batch": 64, "crop": 256, "rate": 2e-3,
              "device": "cuda"},
}
SEED = 20261122
HINT_DROP = 0.5  # share of crops without the key hint
CONTROL_DROP = 0.3  # share of crops without the rate and colour controls


def crop_of(item, rng, length, augment=True):
    """One crop as arrays; window-wide channels are made anew for the crop."""
    n = len(item["state"])
    start = 0
    if n > length and augment:
        starts = np.flatnonzero(item["classes"] == 0)
        starts = starts[starts <= max(0, n - length // 2)]
        start = int(rng.choice(starts)) if len(starts) else 0
    stop = min(n, start + length)
    pcs = item["pcs"][:, :, start:stop].astype(np.float32)
    sc = item["scalars"][:, start:stop].astype(np.float32)
    hist = pcs[:, SOUNDING].sum(1)
    pcs[:, WINDOW] = (hist / max(hist.max(), 1e-6))[:, None]
    if stop < n:
        sc[13] = 0.0
    if item["key"] is not None and (not augment or rng.random() > HINT_DROP):
        tonic, minor = item["key"]
        pcs[tonic, TONIC_MINOR if minor else TONIC_MAJOR] = 1.0
    if not augment or rng.random() > CONTROL_DROP:
        sc[14], sc[15], sc[16] = math.log2(1 + item["rate"]) / 2, item["colour"], 1.0
    return pcs, sc, item["state"][start:stop], item["bass"][start:stop], item["classes"][start:stop]


def collate(crops):
    """Crops of unlike length as padded tensors."""
    t = max(len(c[2]) for c in crops)
    b = len(crops)
    pcs = np.zeros((b, 12, PC_CHANNELS, t), np.float32)
    sc = np.zeros((b, SCALARS, t), np.float32)
    state, bass, classes = (np.zeros((b, t), np.int64) for _ in range(3))
    mask = np.zeros((b, t), np.float32)
    for i, (p, s, y, z, c) in enumerate(crops):
        n = len(y)
        pcs[i, :, :, :n], sc[i, :, :n], state[i, :n], bass[i, :n], classes[i, :n] = p, s, y, z, c
        mask[i, :n] = 1
    return [torch.from_numpy(a) for a in (pcs, sc, state, bass, classes, mask)]


def losses(model, batch, device):
    pcs, sc, state, bass, classes, mask = (a.to(device) for a in batch)
    with torch.autocast(device, torch.bfloat16):
        emissions, stay, bass_scores = model(pcs, sc, mask)
    nll = crf_nll(emissions, stay, model.transitions(), classes, state, mask)
    bass_sum, bass_n = bass_nll(bass_scores, model.bass_by_chord, state, bass, mask)
    return nll / mask.sum(), bass_sum / bass_n.clamp(min=1)


@torch.no_grad()
def validate(model, items, device):
    """Mean nats per beat of the chord paths and per chord beat of the bass, on fixed crops."""
    model.eval()
    rng = np.random.default_rng(SEED)
    total, bass_total, beats = 0.0, 0.0, 0
    for i in range(0, len(items), 16):
        batch = collate([crop_of(x, rng, 256, augment=False) for x in items[i : i + 16]])
        nll, bass = losses(model, batch, device)
        n = int(batch[5].sum())
        total, bass_total, beats = total + float(nll) * n, bass_total + float(bass) * n, beats + n
    model.train()
    return total / beats, bass_total / beats


def schedule(rate, step, steps):
    """Learning rate: half a cosine down to three hundredths."""
    return rate * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * step / steps)))


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--corpus", type=Path, default=Path(corpus.DEFAULT_CORPUS))
    p.add_argument("--run", type=Path, required=True)
    p.add_argument("--preset", choices=PRESETS, default="small")
    p.add_argument("--steps", type=int, help="instead of the preset's")
    p.add_argument("--stop", type=int, help="stop after this step of the schedule, which stays as long as it is")
    p.add_argument("--cool", type=int, help="go on from the run's newest checkpoint for so many steps, the rate falling to nothing")
    a = p.parse_args()
    preset = dict(PRESETS[a.preset])
    preset["steps"] = a.steps or preset["steps"]
    device = preset["device"]
    a.run.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    rng = np.random.default_rng(SEED)
    train, valid, _ = data.load(a.corpus, a.run / "works.pkl")
    ids = [w["id"] for w in train]
    facts = {
        "preset": a.preset, "seed": SEED, "works": len(ids), "validation_works": len(valid),
        "beats": int(sum(len(w["state"]) for w in train)),
        "data_sha256": corpus.data_hash(ids, a.corpus, data.SOURCES), "width": preset["width"],
        "dilations": list(preset["dilations"]), "torch": str(torch.__version__),
    }
    (a.run / "ids.json").write_text(json.dumps(sorted(ids)))
    model = Emissions(preset["width"], preset["dilations"]).to(device)
    facts["parameters"] = sum(q.numel() for q in model.parameters())
    print(json.dumps(facts), flush=True)
    opt = torch.optim.AdamW(model.parameters(), lr=preset["rate"], betas=(0.9, 0.98), weight_decay=0.01)
    # Long works give more crops, but not in proportion, so that symphonic movements do not drown the songs.
    weight = np.array([math.sqrt(len(w["state"])) for w in train])
    weight /= weight.sum()
    began, run_loss, first = time.time(), [], 1
    last, start_rate = min(a.stop or preset["steps"], preset["steps"]), None
    if a.cool:
        with torch.serialization.safe_globals([torch.torch_version.TorchVersion]):
            kept = torch.load(a.run / "last.pt", weights_only=True)
        model.load_state_dict(kept["model"])
        first, last = kept["rows"] + 1, kept["rows"] + a.cool
        start_rate = schedule(preset["rate"], kept["rows"], preset["steps"])
        began -= kept["row"]["seconds"]
        rng = np.random.default_rng([SEED, first])
    log = open(a.run / "log.jsonl", "a" if a.cool else "w")
    for step in range(first, last + 1):
        for g in opt.param_groups:
            warm = min(1.0, (step - first + 1) / (20 if a.cool else 60))
            full = start_rate * (last + 1 - step) / a.cool if a.cool else schedule(preset["rate"], step, preset["steps"])
            g["lr"] = warm * full
        picks = rng.choice(len(train), preset["batch"], p=weight)
        batch = collate([crop_of(train[i], rng, preset["crop"]) for i in picks])
        nll, bass = losses(model, batch, device)
        loss = nll + 0.3 * bass
        opt.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        opt.step()
        run_loss.append(nll.item())
        if step % 50 == 0 or step == last:
            row = {"step": step, "train": float(np.mean(run_loss[-50:])), "bass": bass.item(), "seconds": time.time() - began}
            if step % 250 == 0 or step == last:
                row["valid"], row["valid_bass"] = validate(model, valid, device)
                torch.save({"model": model.state_dict(), "facts": facts, "row": row, "rows": step}, a.run / "last.tmp")
                (a.run / "last.tmp").rename(a.run / "last.pt")
            print(json.dumps(row), flush=True)
            log.write(json.dumps(row) + "\n")
            log.flush()


if __name__ == "__main__":
    main()
