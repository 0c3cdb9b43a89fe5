"""Goldens of each stage, from seeds alone (no corpus): `python goldens.py` in this folder.

features.json   recipes of synthetic audio and the feature rows they must give
network.json    feature rows in, network outputs and decisions out
"""

import json
import os

import numpy as np

import features as F
from decide import other_moves, tone_gains
from evaluate import load_params, run_onnx

HERE = os.path.dirname(os.path.abspath(__file__))


def recipe_audio(seed, rate, seconds, tilt, side, pulse_hz):
    """Integer noise through a one-pole low-pass, a pulse train and a sine; the Rust test does the same sums."""
    n = int(rate * seconds)
    state = seed
    left, right = np.empty(n), np.empty(n)
    lm = ls = 0.0
    step = int(rate / pulse_hz)
    for i in range(n):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        a = (state >> 8) / 8388608.0 - 1.0
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        b = (state >> 8) / 8388608.0 - 1.0
        lm += tilt * (a - lm)
        ls += tilt * (b - ls)
        burst = 1.0 - 0.8 * (i % step) / step
        tone = 0.05 * np.sin(2.0 * np.pi * 220.0 * i / rate)
        m, s = 0.3 * lm * burst + tone, 0.3 * ls * side
        left[i], right[i] = m + s, m - s
    return left.astype(np.float32), right.astype(np.float32)


RECIPES = (
    {"seed": 1, "rate": 44100, "seconds": 7.0, "tilt": 0.1, "side": 0.4, "pulse_hz": 2.0},
    {"seed": 2, "rate": 48000, "seconds": 4.0, "tilt": 0.02, "side": 0.0, "pulse_hz": 3.5},
    {"seed": 3, "rate": 96000, "seconds": 1.5, "tilt": 0.3, "side": 0.9, "pulse_hz": 1.0},
)


def main():
    os.makedirs(os.path.join(HERE, "goldens"), exist_ok=True)
    cases, rows = [], []
    for r in RECIPES:
        left, right = recipe_audio(**r)
        row = F.vector(F.frames(left, right, r["rate"]))
        rows.append(row)
        cases.append({"recipe": r, "row": [round(float(v), 5) for v in row]})
    with open(os.path.join(HERE, "goldens", "features.json"), "w", encoding="utf-8") as f:
        json.dump(cases, f, indent=0)
    # Network cases: a row near the training mean, with faults of growing size, drawn from a seed.
    import onnx
    from onnx import numpy_helper

    inits = {}
    graph = onnx.load(os.path.join(HERE, "mastering.onnx")).graph
    for i in graph.initializer:
        inits[i.name] = numpy_helper.to_array(i)
    mu = inits.get("mu", inits.get("mu.half")).astype(np.float64)
    sd = inits.get("sd", inits.get("sd.half")).astype(np.float64)
    rng = np.random.default_rng(1)
    xs = []
    for k in range(6):
        x = np.zeros(F.TOTAL)
        x[: F.TOTAL - 1] = mu + 0.4 * sd * rng.standard_normal(F.TOTAL - 1) * (k > 0)
        x[-1] = -20.0
        if k >= 2:
            bump = 4.0 * (k - 1) * np.exp(-0.5 * ((np.arange(30) - 8 - 3 * k) / 1.5) ** 2)
            x[:30] += bump
        if k == 5:
            x[0:3] = x[6:9] + 10.0
        x[:30] = F.renormalise(x[:30], x[F.SLICES["width"]])
        xs.append(x)
    xs = np.array(xs + rows, dtype=np.float32)
    got = run_onnx(os.path.join(HERE, "mastering.onnx"), xs)
    p = load_params()
    out = []
    for i, x in enumerate(xs):
        a = [got[n][i] for n in ("mean", "sigma", "wrong")]
        gains, _ = tone_gains(*a, float(got["distance"][i, 0]), p)
        case = {"row": [float(np.float32(round(float(v), 5))) for v in x]}
        case |= {n: [round(float(v), 5) for v in got[n][i]] for n in got}
        case["gains"] = [float(g) for g in gains]
        case["others"] = {k: [round(float(v), 4) for v in vals] for k, vals in other_moves(*a, float(got["distance"][i, 0]), p).items()}
        out.append(case)
        print(i, case["gains"], case["others"], "distance", case["distance"])
    with open(os.path.join(HERE, "goldens", "network.json"), "w", encoding="utf-8") as f:
        json.dump(out, f, indent=0)


if __name__ == "__main__":
    main()
