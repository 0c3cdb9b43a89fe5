"""Training rows from virtual mixes, development and validation rows from real filtering.

    python dataset.py --work DIR [--rows 14000] [--seed 1]

`--frames` may name several render folders. Writes DIR/train.npz and one DIR/<set>.npz per audio set. A row keeps the 259 features and the
labels of its width, dynamics and rumble faults; equaliser faults of the training rows are added
to the tone figures while training (exact, see test_features.py).
"""

import argparse
import glob
import os
import time

import numpy as np

import audio_mix as A
import features as F
import faults
import mix as M

LABELS = ("width_low", "width_high", "dynamics", "corner", "other", "rumble", "slope")


def labels(fault, crest_change):
    """What would undo the fault: side gains in dB, crest change in dB, log2 of the high-pass corner."""
    corner = np.log2(1.2 * fault.rumble_hz) if fault.rumble_hz else 0.0
    return np.array(
        [
            -fault.width_low_db,
            -fault.width_high_db,
            -crest_change,
            corner,
            float(fault != faults.Fault()),
            float(fault.rumble_hz > 0),
            np.log2(fault.slope),
        ]
    )


def training_rows(work, count, seed, breadth):
    """`count` virtual mixes; most borrow stems from other clips of their kind."""
    rng = np.random.default_rng([seed, 7])
    pool = []
    paths = [p for d in work.split(",") for p in sorted(glob.glob(os.path.join(d, "frames_train_*.npz")))]
    for path in paths:
        z = np.load(path)
        long, short, band = z["long"], z["short"], z["band"]
        for i in range(len(band)):
            pool.append(
                ([F.Frames(long[i, s, :128], short[i, s, :1024]) for s in range(4)], bool(band[i]))
            )
    same = {k: [i for i, (_, b) in enumerate(pool) if b == k] for k in (False, True)}
    x, y, source = [], [], []
    while len(x) < count:
        i = len(x) % len(pool)
        stems, band = list(pool[i][0]), pool[i][1]
        if rng.random() < 0.7:
            for s in range(4):
                if rng.random() < 0.4:
                    stems[s] = pool[same[band][rng.integers(len(same[band]))]][0][s]
        if all(M.k_power(s.long) < 1e-11 for s in stems):
            stems = list(pool[i][0])
        clean = M.virtual(stems, M.draw_mix(rng, band, breadth))
        fault = faults.draw_fault(rng)
        bad = M.fault_virtual(clean, fault, rng)
        change = M.crest_db(bad) - M.crest_db(clean) if fault.slope != 1.0 else 0.0
        row = F.vector(bad)
        if row is None:
            continue
        x.append(row.astype(np.float32))
        y.append(labels(fault, change))
        source.append(i)
    return np.array(x), np.array(y, np.float32), np.array(source)


def audio_rows(path, log, seed):
    """Rows of a development or validation set: per clip untouched, two equaliser faults, one mixed."""
    clips = np.load(path, mmap_mode="r")
    out = {k: [] for k in ("x", "y", "eq", "clip", "kind")}
    for i in range(len(clips)):
        rng = np.random.default_rng([seed, 11, i])
        clean = A.mix_audio(clips[i], M.draw_mix(rng, log[i]["band"]))
        fr = A.frames_of(clean)
        base = M.crest_db(fr)
        cases = [(faults.Fault(), None, "untouched")]
        for _ in range(2):
            cases.append((faults.Fault(), faults.eq_fault(rng, rms=2.1)[1], "eq"))
        other = faults.draw_fault(rng, untouched=0.0)
        cases.append((other, faults.eq_fault(rng)[1] if rng.random() < 0.5 else None, "mixed"))
        for fault, grid, kind in cases:
            got = fr if kind == "untouched" else A.frames_of(A.apply_fault(clean, fault, grid, rng))
            row = F.vector(got)
            if row is None:
                continue
            change = M.crest_db(got) - base if fault.slope != 1.0 else 0.0
            out["x"].append(row)
            out["y"].append(labels(fault, change))
            out["eq"].append(
                np.zeros(F.BANDS) if grid is None else 10 * np.log10(M.band_gain(grid))
            )
            out["clip"].append(i)
            out["kind"].append(kind)
    return {k: np.array(v, dtype=np.float32 if k in "xyeq" else None) for k, v in out.items()}


def main():
    import json

    ap = argparse.ArgumentParser()
    ap.add_argument("--work", required=True)
    ap.add_argument("--frames", help="folders with rendered stems, comma between; default: --work")
    ap.add_argument("--rows", type=int, default=14000)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--breadth", type=float, default=1.0)
    ap.add_argument("--only", default="")
    args = ap.parse_args()
    log = []
    for path in glob.glob(os.path.join(args.work, "clips_*.json")):
        with open(path, encoding="utf-8") as f:
            log += json.load(f)
    for path in sorted(glob.glob(os.path.join(args.work, "audio_*.npy"))):
        name = os.path.basename(path)[6:-4]
        if args.only and args.only not in name:
            continue
        t0 = time.process_time()
        got = audio_rows(path, [c for c in log if c["set"] == name], args.seed)
        np.savez(os.path.join(args.work, name + ".npz"), **got)
        print(f"{name}: {len(got['x'])} rows, CPU {time.process_time() - t0:.0f} s", flush=True)
    if args.only in ("", "train"):
        t0 = time.process_time()
        x, y, source = training_rows(args.frames or args.work, args.rows, args.seed, args.breadth)
        np.savez(os.path.join(args.work, "train.npz"), x=x, y=y, source=source)
        print(f"train: {len(x)} rows, CPU {time.process_time() - t0:.0f} s", flush=True)


if __name__ == "__main__":
    main()
