"""Writes the goldens that hold Python and Rust to the same numbers. Run from the repository root:

    python models/accompanist/goldens.py

* features.json: melody, chords and bars -> bar vectors;
* network.json: a few steps of the network with its cache -> its scores, by ONNX Runtime;
* decode.json: scores and what was played -> what is allowed, what is drawn.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import numpy as np
import onnxruntime

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE))

import decode as D  # noqa: E402
import tokens as T  # noqa: E402
from common import chords, contract, meter  # noqa: E402
from data import conditions  # noqa: E402

SEED = 20261122
SYMBOLS = ["C", "Am7/G", "F", "G7", "Bbmaj7", "F#dim7", "Ebaug/G", "N.C.", "Dsus4", "Bm7b5"]


def numbers(a):
    return [float(f"{x:.7g}") for x in np.asarray(a, np.float64).ravel()]


def case(rng, num, den, n_bars, part, source, density, register):
    full = meter.bar_ticks(num, den)
    bars = [(b * full, full, num, den) for b in range(n_bars)]
    total = n_bars * full
    melody, t = [], 0
    while t < total:
        length = int(rng.choice([240, 320, 480, 960, 1920]))
        if rng.random() > 0.2:
            melody.append((t, max(1, int(length * rng.choice([0.5, 1.0]))), int(rng.integers(55, 84)), 80))
        t += length
    starts = [0] + sorted(int(x) * 480 for x in rng.choice(np.arange(1, total // 480), 5, replace=False))
    spans = [(s, SYMBOLS[int(rng.integers(len(SYMBOLS)))]) for s in starts]
    # The last chord ends with the last bar, so that the vector of that bar sees nothing after it.
    parsed = [(s, chords.parse(c)) for s, c in spans]
    c = conditions(bars, melody, parsed)
    chord = np.where(c["chord"] >= 0, c["chord"], chords.NO_CHORD).astype(int)
    slots = T.slot_vectors(chord, c["bass"], c["pitch"], c["attacks"], c["valid"])
    k = np.arange(n_bars)
    following = np.minimum(k + 1, n_bars - 1)
    nan = lambda v: np.full(n_bars, np.nan if v is None else v)  # noqa: E731
    vectors = T.bar_vector(
        slots, np.where(k + 1 < n_bars, chord[following, 0], chords.NO_CHORD),
        np.where(k + 1 < n_bars, c["bass"][following, 0], -1), c["length"], c["num"], c["den"], np.full(n_bars, part),
        np.full(n_bars, -1 if source is None else source), nan(density), nan(register), k == 0, k == n_bars - 1,
    )
    return {
        "num": num, "den": den, "bars": n_bars, "part": part, "source": source, "density": density, "register": register,
        "melody": [m[:3] for m in melody], "chords": spans, "vectors": numbers(vectors),
    }


def network(cases):
    """Two bars with a few notes through the graphs."""
    def session(name):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        return onnxruntime.InferenceSession(str(HERE / name), options)

    step, pitch, length = session("step.onnx"), session("pitch.onnx"), session("length.onnx")
    shape = [d if isinstance(d, int) else 0 for d in step.get_inputs()[4].shape]
    cache = np.zeros(shape, np.float32)
    vectors = np.array(cases[0]["vectors"], np.float32).reshape(-1, T.BAR_WIDTH)
    feed = [None, [0, 39, 0, 10, 4], [12, 43, 4, 10, 5], None, [24, 46, 7, 14, 4]]
    bars = iter(vectors)
    rows, bar = [], vectors[0]
    for i, note in enumerate(feed):
        bar = next(bars) if note is None else np.zeros(T.BAR_WIDTH, np.float32)
        hidden, onset, cache = step.run(None, {
            "bar": bar[None], "is_bar": np.array([[1.0 if note is None else 0.0]], np.float32),
            "note": np.array([note or [0] * 5], np.int64), "position": np.array([i], np.int64), "cache": cache,
        })
        condition = vectors[0][T.SLOT_WIDTH : 2 * T.SLOT_WIDTH]
        p = pitch.run(None, {
            "hidden": hidden, "onset": np.array([12]), "condition": condition[None], "root": np.array([5]),
            "previous": np.array([40]),
        })[0]
        d, v = length.run(None, {"hidden": hidden, "onset": np.array([12]), "pitch": np.array([44]), "degree": np.array([3])})
        rows.append({
            "note": note, "onset": numbers(onset), "pitch": numbers(p), "duration": numbers(d), "velocity": numbers(v),
        })
    return rows


def decisions(rng):
    rows = []
    for _ in range(40):
        part = T.PARTS[int(rng.integers(3))]
        grid = int(rng.choice([36, 72, 84, 96, 144, 192]))
        symbols = [SYMBOLS[int(i)] for i in np.repeat(rng.integers(len(SYMBOLS), size=4), 4)]
        slots = [chords.parse(s) for s in symbols]
        used = -(-grid // T.SLOT)
        slots = [s if i < used else (chords.NO_CHORD, -1) for i, s in enumerate(slots)]
        before = chords.parse(SYMBOLS[int(rng.integers(len(SYMBOLS)))])
        low, high = T.RANGE[part]
        onset = None if rng.random() < 0.3 else int(rng.integers(grid))
        pitch = int(rng.integers(low, high + 1))
        together, notes = int(rng.integers(1, 9)), int(rng.choice([3, 20, 64]))
        if onset is None:
            together, notes, pitch = 0, 0, 0
        earliest = int(rng.choice([0, 0, 12]))
        starts = D.changes(slots, grid, before)
        scores = np.array(numbers(rng.normal(0, 2, T.ONSETS).astype(np.float32)), np.float32)
        pitch_scores = np.array(numbers(rng.normal(0, 2, T.PITCHES).astype(np.float32)), np.float32)
        masked = D.mask_onsets(scores, part, grid, onset, pitch, together, notes, earliest, starts)
        u, w = float(f"{rng.random():.7g}"), float(f"{rng.random():.7g}")
        temperature, nucleus = float(rng.choice([0.75, 1.0, 1.2])), float(rng.choice([0.9, 0.98, 1.0]))
        drawn = D.choose(masked, temperature, nucleus, u)
        at = drawn if drawn is not None and drawn < T.END else int(rng.integers(grid))
        begins, on_beat = bool(rng.random() < 0.5), bool(rng.random() < 0.5)
        chord = slots[min(at // T.SLOT, T.SLOTS - 1)]
        pitched = D.mask_pitches(pitch_scores, part, chord, onset, pitch, at, begins, on_beat)
        rows.append({
            "part": part, "grid": grid, "symbols": symbols[:used], "before": SYMBOLS[0] if before is None else None,
            "before_state": list(before), "onset": onset, "pitch": pitch, "together": together, "notes": notes,
            "earliest": earliest, "changes": starts, "scores": numbers(scores), "pitch_scores": numbers(pitch_scores),
            "uniforms": [u, w], "temperature": temperature, "nucleus": nucleus, "drawn_onset": drawn, "at": at,
            "begins": begins, "on_beat": on_beat, "drawn_pitch": D.choose(pitched, temperature, nucleus, w),
            "allowed_onsets": int(np.isfinite(masked).sum()), "allowed_pitches": int(np.isfinite(pitched).sum()),
        })
        del rows[-1]["before"]
    return rows


def main():
    rng = np.random.default_rng(SEED)
    out = HERE / "goldens"
    out.mkdir(exist_ok=True)

    def write(name, value):
        assert not any(isinstance(x, float) and math.isnan(x) for x in value)
        (out / name).write_text(json.dumps(value, separators=(",", ":")) + "\n")

    cases = [
        case(rng, 4, 4, 3, 0, 0, 0.5, 0.3), case(rng, 3, 4, 2, 1, 4, 0.0, None), case(rng, 6, 8, 2, 2, None, None, 1.0),
        case(rng, 7, 8, 2, 0, 2, 0.83, 0.4), case(rng, 2, 2, 2, 2, 6, 0.2, 0.9),
    ]
    write("features.json", cases)
    contract.read(HERE)
    write("network.json", network(cases))
    write("decode.json", decisions(rng))
    print(f"goldens written to {out}")


if __name__ == "__main__":
    main()
