"""Writes the goldens that hold Python and Rust to the same numbers. Run from the repository root:

    python models/harmony/goldens.py

* features.json: notes and bars -> network inputs;
* network.json: network inputs -> outputs, by ONNX Runtime;
* decode.json: scores -> best path, marginals, samples.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE))

from common import contract, meter  # noqa: E402
from features import beat_features, transition_class  # noqa: E402

SEED = 20261122


def numbers(a):
    return [float(f"{x:.7g}") for x in np.asarray(a, np.float64).ravel()]


def case(rng, num, den, n_bars, pickup, key, wishes, ends):
    """A random melody over bars of one metre."""
    full = meter.bar_ticks(num, den)
    start = -(full - pickup) if pickup else 0
    bars = [(start + b * full, full, num, den) for b in range(n_bars)]
    beats = [b for b in meter.beats_of(bars) if b[0] + b[1] > 0]
    if pickup:
        first = beats[0]
        beats[0] = (max(first[0], 0), first[0] + first[1] - max(first[0], 0), first[2], first[3])
    melody, t = [], 0
    while t < bars[-1][0] + full:
        length = int(rng.choice([240, 320, 480, 960, 1440, 1920]))
        if rng.random() > 0.15:
            melody.append((t, max(1, int(length * rng.choice([0.5, 1.0, 1.1]))), int(rng.integers(55, 82)), 80))
        t += length
    rate, colour = wishes if wishes else (None, None)
    pcs, scalars = beat_features(melody, beats, bars, key, rate, colour, ends)
    return {
        "num": num, "den": den, "bars": n_bars, "pickup": pickup, "key": key, "wishes": wishes, "ends": ends,
        "melody": [n[:3] for n in melody], "classes": transition_class(beats).tolist(), "pcs": numbers(pcs),
        "scalars": numbers(scalars),
    }


def forward(emissions, stay, transitions, classes, temperature):
    """Forward probabilities, as `crf.rs` defines them."""
    n, s = emissions.shape
    matrix = np.exp(transitions / temperature)
    alpha = np.zeros((n, s))
    for t in range(n):
        likelihood = np.exp((emissions[t] - emissions[t].max()) / temperature)
        if t == 0:
            a = likelihood
        else:
            m = matrix[classes[t]]
            a = (alpha[t - 1] @ m + alpha[t - 1] * m.diagonal() * (np.exp(stay[t] / temperature) - 1)) * likelihood
        alpha[t] = a / a.sum()
    return alpha


def decode_case(rng, n, s):
    emissions = rng.normal(0, 1.5, (n, s)).astype(np.float32)
    stay = rng.normal(0.5, 0.5, n).astype(np.float32)
    transitions = rng.normal(0, 1, (3, s, s)).astype(np.float32)
    classes = rng.integers(0, 3, n)
    e, st, tr = (a.astype(np.float64) for a in (emissions, stay, transitions))
    step = tr[classes] + st[:, None, None] * np.eye(s)
    score, back = e[0], []
    for t in range(1, n):
        table = score[:, None] + step[t]
        back.append(table.argmax(0))
        score = table.max(0) + e[t]
    best = [int(score.argmax())]
    for b in reversed(back):
        best.insert(0, int(b[best[0]]))
    alpha = forward(e, st, tr, classes, 1.0)
    beta, marginals = np.ones(s), np.zeros((n, s))
    for t in reversed(range(n)):
        marginals[t] = alpha[t] * beta / (alpha[t] * beta).sum()
        beta = np.exp(step[t]) @ (np.exp(e[t]) * beta)
        beta /= beta.sum()
    temperature = 0.8
    alpha = forward(e, st, tr, classes, temperature)
    samples = []
    for _ in range(4):
        uniforms = rng.random(n)
        path = [0] * n
        for k, t in enumerate(reversed(range(n))):
            w = alpha[t] if t == n - 1 else alpha[t] * np.exp(step[t + 1][:, path[t + 1]] / temperature)
            path[t] = int(np.searchsorted(np.cumsum(w), uniforms[k] * w.sum(), side="right"))
        samples.append({"uniforms": numbers(uniforms), "path": path})
    return {
        "states": s, "emissions": numbers(emissions), "stay": numbers(stay), "transitions": numbers(transitions),
        "classes": classes.tolist(), "best": best, "marginals": numbers(marginals), "temperature": temperature,
        "samples": samples,
    }


def main():
    rng = np.random.default_rng(SEED)
    out = HERE / "goldens"
    out.mkdir(exist_ok=True)

    def write(name, value):
        (out / name).write_text(json.dumps(value, separators=(",", ":")) + "\n")

    cases = [
        case(rng, 4, 4, 3, 0, None, (1.0, 0.2), True),
        case(rng, 3, 4, 4, 960, (7, False), (2.0, 0.5), True),
        case(rng, 6, 8, 3, 480, (9, True), None, False),
        case(rng, 7, 8, 2, 0, (2, True), (0.5, 0.0), True),
        case(rng, 2, 2, 3, 0, None, None, True),
    ]
    write("features.json", cases)
    contract.read(HERE)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(HERE / "harmony.onnx"), options)
    first = cases[0]
    n = len(first["classes"])
    pcs = np.array(first["pcs"], np.float32).reshape(1, 12, -1, n)
    scalars = np.array(first["scalars"], np.float32).reshape(1, -1, n)
    results = session.run(None, {"pcs": pcs, "scalars": scalars})
    named = dict(zip([o.name for o in session.get_outputs()], results))
    write("network.json", {
        "emissions": numbers(named["emissions"]), "stay": numbers(named["stay"]), "bass": numbers(named["bass"]),
        # The chain's table is large; every 97th number stands for it.
        "transitions_97": numbers(named["transitions"].ravel()[::97]), "bass_by_chord": numbers(named["bass_by_chord"]),
    })
    write("decode.json", [decode_case(rng, 6, 5), decode_case(rng, 9, 7)])
    print(f"goldens written to {out}")


if __name__ == "__main__":
    main()
