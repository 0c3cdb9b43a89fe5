"""Measures the accompanist beside its baseline, and prints the card's tables. Run from the repository root:

    python models/accompanist/evaluate.py [--corpus ../shared/corpus] [--cache RUNS/accompanist/works.pkl] [--items N]

The shipped ONNX files are measured, step by step with their cache, on the same notes as the 5-gram: the first sixteen bars of
validation items (one part of one work each). Density, register and kind of source are given, as in training.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE))

import data  # noqa: E402
import tokens as T  # noqa: E402
from batch import layout, sequence  # noqa: E402
from common import contract, corpus  # noqa: E402
from ngram import KINDS, Ngram, tokens  # noqa: E402

SEED = 20261122
BARS = 16
STEPS = 224


class Model:
    def __init__(self):
        self.contract = contract.read(HERE)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.step, self.pitch, self.length = (
            onnxruntime.InferenceSession(str(HERE / f"{n}.onnx"), options) for n in ("step", "pitch", "length")
        )
        self.shape = [d if isinstance(d, int) else 0 for d in self.step.get_inputs()[4].shape]

    def bits(self, x):
        """Bits by kind over one sequence of `batch.sequence`."""
        out = np.zeros(4)
        cache = np.zeros(self.shape, np.float32)
        one = lambda v: np.array([int(v)], np.int64)  # noqa: E731
        for i in range(len(x["onset"])):
            hidden, onset, cache = self.step.run(None, {
                "bar": x["bar"][i : i + 1].astype(np.float32), "is_bar": x["is_bar"][i : i + 1],
                "note": x["note"][i : i + 1].astype(np.int64), "position": one(i), "cache": cache,
            })
            out[0] += cost(onset[0], x["onset"][i])
            if x["pitch"][i] < 0:
                continue
            pitch = self.pitch.run(None, {
                "hidden": hidden, "onset": one(x["onset"][i]), "condition": x["condition"][i : i + 1].astype(np.float32),
                "root": one(x["root"][i]), "previous": one(x["previous"][i]),
            })[0]
            duration, velocity = self.length.run(None, {
                "hidden": hidden, "onset": one(x["onset"][i]), "pitch": one(x["pitch"][i]), "degree": one(x["degree"][i]),
            })
            out[1] += cost(pitch[0], x["pitch"][i])
            out[2] += cost(duration[0], x["duration"][i])
            out[3] += cost(velocity[0], x["velocity"][i])
        return out


def cost(scores, target):
    scores = scores.astype(np.float64)
    top = scores.max()
    return (top + np.log(np.exp(scores - top).sum()) - scores[target]) / np.log(2)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--corpus", type=Path, default=Path(corpus.DEFAULT_CORPUS))
    p.add_argument("--cache", type=Path)
    p.add_argument("--items", type=int, default=120, help="validation items to measure, drawn by a fixed seed")
    a = p.parse_args()
    train, valid, _ = data.load(a.corpus, a.cache)
    rng = np.random.default_rng(SEED)
    picked = [valid[i] for i in rng.permutation(len(valid))[: a.items]]
    baseline = Ngram((item["part"], tokens(item)) for item in train)
    model = Model()
    params = model.contract["params"]
    rows = {}
    steps = 0
    for item in picked:
        starts = layout(item)[2]
        bars = min(BARS, len(item["length"]) - 1)
        while bars > 1 and starts[bars] > STEPS:
            bars -= 1
        length = int(starts[bars])
        if length > STEPS or bars < 1:
            continue
        x = sequence(item, 0, length, 0)
        stream = tokens(item, 0, bars)
        notes = sum(1 for kind, _ in stream if kind == 1)
        assert notes == int((x["pitch"] >= 0).sum()), "both sides must count the same notes"
        if notes == 0:
            continue
        steps += length
        began_model = time.process_time()
        bits = model.bits(x)
        spent = time.process_time() - began_model
        for group in (T.PARTS[item["part"]], "all"):
            row = rows.setdefault(group, [0, 0, np.zeros(4), np.zeros(4), 0.0])
            row[0] += 1
            row[1] += notes
            row[2] += baseline.bits(item["part"], stream)
            row[3] += bits
            row[4] += spent
    print(f"accompanist, step {params['train_steps']}; bits per note on validation works, beside a 5-gram of {len(train)} training items\n")
    print("| part | items | notes | model | " + " | ".join(KINDS) + " | all | all but velocity |")
    print("|---|---|---|---|" + "---|" * (len(KINDS) + 2))
    for group in [*T.PARTS, "all"]:
        if group not in rows:
            continue
        n, notes, base, mine, _ = rows[group]
        for label, bits in (("5-gram", base), ("accompanist", mine)):
            v = bits / notes
            print(f"| {group} | {n} | {notes} | {label} | " + " | ".join(f"{b:.3f}" for b in v) + f" | {v.sum():.3f} | {v[:3].sum():.3f} |")
        print(f"| {group} | | | difference | " + " | ".join(f"{100 * (m / b - 1):+.0f} %" for m, b in zip(mine, base))
              + f" | {100 * (mine.sum() / base.sum() - 1):+.1f} % | {100 * (mine[:3].sum() / base[:3].sum() - 1):+.1f} % |")
    print(f"\n{1000 * rows['all'][4] / steps:.2f} ms of one core per step (three graphs, in Python)")


if __name__ == "__main__":
    main()
