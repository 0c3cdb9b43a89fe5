"""Measures the harmony model beside its baseline, and prints the card's table. Run from the repository root:

    python models/harmony/evaluate.py [--corpus ../shared/corpus] [--cache RUNS/harmony/works.pkl] [--works N]

The shipped ONNX file is what is measured. "human" works carry chord symbols that people wrote and were never trained on.
No key, rate or colour of the work is given to the model: only its melody and the product's own defaults.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import onnxruntime

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE))

import data  # noqa: E402
from common import contract, corpus  # noqa: E402
from common.chords import NO_CHORD, NQ, TONES  # noqa: E402
from features import SCALARS, SOUNDING, WINDOW  # noqa: E402
from hmm import Hmm, path_log_probability, viterbi  # noqa: E402

SEED = 20261122
LONGEST = 512  # beats of a work that are measured
TRIAD = [0, 1, 0, 1, 0, 2, 2, 2, 3, 4]  # qualities folded to major, minor, diminished, augmented, suspended


def cut(work):
    n = min(LONGEST, len(work["state"]))
    return {k: v[..., :n] if isinstance(v, np.ndarray) else v for k, v in work.items()}


class Model:
    def __init__(self):
        self.contract = contract.read(HERE)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(HERE / "harmony.onnx"), options)

    def parts(self, work, rate=None):
        pcs = work["pcs"].astype(np.float32).copy()
        total = pcs[:, SOUNDING].sum(1)
        pcs[:, WINDOW] = (total / max(total.max(), 1e-6))[:, None]
        sc = work["scalars"].astype(np.float32).copy()
        assert sc.shape[0] == SCALARS
        params = self.contract["params"]
        sc[14], sc[15], sc[16] = np.log2(1 + (rate or params["rate"])) / 2, params["colour"], 1.0
        e, stay, _, transitions, _ = self.session.run(None, {"pcs": pcs[None], "scalars": sc[None]})
        return e[0].astype(float), stay[0].astype(float), transitions.astype(float), work["classes"].astype(int), None


def measure(parts_of, works):
    """Sums over works: agreement with the written chords, and how the melody sits in the chosen ones."""
    beats = root = triad = exact = changes = 0
    nats = inside = sounding = human_inside = bars = human_changes = 0.0
    for w in works:
        e, stay, transitions, classes, first = parts_of(w)
        truth = w["state"].astype(int)
        nats -= path_log_probability(e, stay, transitions, classes, first, truth)
        e = e.copy()
        e[:, NO_CHORD] = -1e9
        path = viterbi(e, stay, transitions, classes, first)
        real = truth < NO_CHORD
        beats += int(real.sum())
        same = real & (truth // NQ == path // NQ)
        root += int(same.sum())
        fold = np.array(TRIAD)
        triad += int((same & (fold[truth % NQ] == fold[path % NQ])).sum())
        exact += int((truth == path)[real].sum())
        weight = np.minimum(w["pcs"][:, SOUNDING].astype(float), 1)
        for t in range(len(truth)):
            sounding += weight[:, t].sum()
            inside += sum(weight[(path[t] // NQ + i) % 12, t] for i in TONES[path[t] % NQ])
            if real[t]:
                human_inside += sum(weight[(truth[t] // NQ + i) % 12, t] for i in TONES[truth[t] % NQ])
        changes += int((path[1:] != path[:-1]).sum())
        human_changes += int((truth[1:] != truth[:-1]).sum())
        bars += len(np.unique(w["bar"]))
    total = sum(len(w["state"]) for w in works)
    return {
        "nats/beat": nats / total, "root %": 100 * root / beats, "root+triad %": 100 * triad / beats,
        "exact %": 100 * exact / beats, "melody in chord %": 100 * inside / sounding,
        "melody in human's chord %": 100 * human_inside / sounding, "changes/bar": changes / bars,
        "human's changes/bar": human_changes / bars,
    }


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--corpus", type=Path, default=Path(corpus.DEFAULT_CORPUS))
    p.add_argument("--cache", type=Path)
    p.add_argument("--works", type=int, default=150, help="validation works to measure, drawn by a fixed seed")
    a = p.parse_args()
    train, valid, human = data.load(a.corpus, a.cache)
    rng = np.random.default_rng(SEED)
    baseline = Hmm(train)
    baseline.tune([cut(train[i]) for i in rng.permutation(len(train))[:60]])
    sets = {"validation works (inferred chords)": [cut(valid[i]) for i in rng.permutation(len(valid))[: a.works]]}
    sets |= {f"{name.split('/')[-1]} (human chords)": [cut(w) for w in works] for name, works in human.items()}
    model = Model()
    params = model.contract["params"]
    print(f"harmony, step {params['train_steps']}; HMM melody exponent {baseline.exponent}, {len(train)} training works for both\n")
    names = list(measure(lambda w: with_stay(baseline, w), next(iter(sets.values()))[:1]))
    print("| works | model | " + " | ".join(names) + " |")
    print("|---|---|" + "---|" * len(names))
    contenders = [
        ("HMM", lambda w: with_stay(baseline, w)), (f"harmony, asked for {params['rate']} (the default)", model.parts),
        ("harmony, asked for 1.0", lambda w: model.parts(w, 1.0)),
    ]
    for name, works in sets.items():
        for label, parts in contenders:
            row = measure(parts, works)
            cells = [f"{row[k]:.3f}" if "nats" in k or "bar" in k else f"{row[k]:.1f}" for k in names]
            print(f"| {name}, {len(works)} | {label} | " + " | ".join(cells) + " |", flush=True)


def with_stay(baseline, work):
    e, transitions, classes, first = baseline.parts(work)
    return e, None, transitions, classes, first


if __name__ == "__main__":
    main()
