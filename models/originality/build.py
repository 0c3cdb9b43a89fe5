"""Builds the index of the training works that every offered phrase is compared with.

    python models/originality/build.py [--corpus ../shared/corpus]

Writes `index.bin`, `contract.toml` and `DATA.csv` beside this file. The index holds fingerprints of lines: the top line
of every pitched track of every tier-A work, and the bottom line of its lowest. A line is seen as pitch intervals and ratios of the times
between onsets, so that transposition and tempo do not matter; every run of 8 intervals is hashed, and of every 10
neighbouring hashes the smallest is kept ("winnowing": Schleimer, Wilkerson and Aiken 2003), which finds every shared
run of 17 intervals (18 notes) or more. Runs that are too plain to be anybody's (one interval over and over, two in
turn, hardly any different notes) and runs that occur in more than 12 works are left out.

`models/src/originality/mod.rs` reads the file and hashes in the same way; `goldens.json` holds both to it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import struct
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import corpus  # noqa: E402

FILES = ["lieder", "polish_vocal_keyboard", "polish_keyboard", "polish_choral", "mutopia", "openhymnal", "string_quartets"]
FEATURE_VERSION = 1
RUN = 8  # intervals in a fingerprint
WINDOW = 10  # neighbouring fingerprints of which one is kept
COMMON = 12  # works a fingerprint may be in
MASK = (1 << 64) - 1
MULTIPLIER = 0x9E3779B97F4A7C15  # 2^64 / golden ratio, odd


def lines(notes: list[tuple[int, int]], bottom: bool) -> list[list[tuple[int, int]]]:
    """Top line of (onset, pitch) notes and, when asked for, the bottom line where it is another."""
    top: dict[int, int] = {}
    low: dict[int, int] = {}
    for on, pitch in notes:
        top[on] = max(top.get(on, pitch), pitch)
        low[on] = min(low.get(on, pitch), pitch)
    upper = sorted(top.items())
    lower = sorted(low.items())
    return [upper, lower] if bottom and upper != lower else [upper]


def symbols(line: list[tuple[int, int]]) -> np.ndarray:
    """One number per interval: its semitones (-24..24) and the class of the ratio of times around its first note."""
    on = np.array([n[0] for n in line], np.float64)
    pitch = np.array([n[1] for n in line], np.int64)
    steps = np.clip(np.diff(pitch), -24, 24) + 24
    gaps = np.maximum(np.diff(on), 1.0)
    ratio = np.zeros(len(steps), np.int64)
    if len(gaps) > 1:
        ratio[1:] = np.clip(np.floor(2 * np.log2(gaps[1:] / gaps[:-1]) + 0.5), -6, 6)
    return (steps * 16 + ratio + 8).astype(np.uint64)


def fingerprints(symbol: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(hash of 40 bits, usable) of every run of `RUN` symbols. The first symbol's ratio is left out of its run."""
    count = len(symbol) - RUN + 1
    if count <= 0:
        return np.zeros(0, np.uint64), np.zeros(0, bool)
    windows = np.lib.stride_tricks.sliding_window_view(symbol, RUN)
    steps = (windows // np.uint64(16)).astype(np.int64)
    h = np.zeros(count, np.uint64)
    for k in range(RUN):
        value = windows[:, k] if k else windows[:, k] // np.uint64(16) * np.uint64(16)
        h = (h ^ (value + np.uint64(1))) * np.uint64(MULTIPLIER)
        h ^= h >> np.uint64(29)
    pitches = np.concatenate([np.zeros((count, 1), np.int64), np.cumsum(steps - 24, axis=1)], axis=1)
    pitches.sort(axis=1)
    different = 1 + (np.diff(pitches, axis=1) != 0).sum(axis=1)
    alternating = (steps[:, 2:] == steps[:, :-2]).all(axis=1)
    return h >> np.uint64(24), (different >= 4) & ~alternating


def winnow(hashes: np.ndarray, usable: np.ndarray) -> np.ndarray:
    """Places kept: in every window the last smallest usable hash."""
    value = np.where(usable, hashes, np.uint64(MASK))
    if len(value) < WINDOW:
        value = np.concatenate([value, np.full(WINDOW - len(value), MASK, np.uint64)])
    windows = np.lib.stride_tricks.sliding_window_view(value, WINDOW)[:, ::-1]
    best = windows.argmin(axis=1)
    starts = np.arange(len(windows))
    found = windows[starts, best] != np.uint64(MASK)
    return np.unique((starts + WINDOW - 1 - best)[found])


def main() -> None:
    """Builds everything."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--corpus", type=Path, default=Path(corpus.DEFAULT_CORPUS))
    folder = parser.parse_args().corpus
    here = Path(__file__).resolve().parent
    manifest = corpus.read_manifest(folder)
    works, rows = [], []
    golden = None
    for name in FILES:
        for work in corpus.read_file(folder, name):
            number, place = len(works), 0
            works.append(work["id"])
            tracks = [t for t in work["tracks"] if t["role"] != "drums" and t["notes"]]
            heights = [sum(n[2] for n in t["notes"]) / len(t["notes"]) for t in tracks]
            for track, height in zip(tracks, heights):
                notes = [(round(on * 960), int(pitch)) for on, _, pitch, _ in track["notes"]]
                for line in lines(notes, height == min(heights)):
                    if len(line) <= RUN:
                        continue
                    hashes, usable = fingerprints(symbols(line))
                    for at in winnow(hashes, usable):
                        rows.append((int(hashes[at]), number, place + int(at)))
                    if golden is None and name == "openhymnal":
                        golden = {
                            "notes": line[:40],
                            "hashes": [int(h) for h in fingerprints(symbols(line[:40]))[0]],
                            "usable": [bool(u) for u in fingerprints(symbols(line[:40]))[1]],
                            "work": work["id"],
                        }
                    place += len(line) + 2 * RUN
        print(f"{name}: {len(works)} works, {len(rows)} fingerprints", flush=True)
    corpus.check_training(works, manifest)
    table = np.array(rows, np.uint64)
    del rows
    table = table[np.lexsort((table[:, 2], table[:, 1], table[:, 0]))]
    pairs = np.unique(table[:, :2], axis=0)
    values, counts = np.unique(pairs[:, 0], return_counts=True)
    keep = np.isin(table[:, 0], values[counts <= COMMON])
    table = table[keep]
    print(f"{len(table)} fingerprints kept, {int((counts > COMMON).sum())} hashes too common")
    names = b"".join(
        struct.pack("<H", len(t)) + t
        for i in works
        for t in (s.encode() for s in (i, manifest[i]["title"], manifest[i]["composer"]))
    )
    head = b"CONTORIG" + struct.pack("<5I", FEATURE_VERSION, RUN, WINDOW, len(works), len(table))
    hashes = table[:, 0]
    place = table[:, 2].astype("<u4")
    data = b"".join([
        head, names,
        (hashes >> np.uint64(8)).astype("<u4").tobytes(),
        (hashes & np.uint64(255)).astype("u1").tobytes(),
        table[:, 1].astype("<u2").tobytes(),
        (place & 0xFFFF).astype("<u2").tobytes(),
        (place >> 16).astype("u1").tobytes(),
    ])
    (here / "index.bin").write_bytes(data)
    (here / "goldens.json").write_text(json.dumps(golden) + "\n")
    corpus.write_data_sheet(here / "DATA.csv", works, manifest)
    (here / "contract.toml").write_text(
        f'name = "originality"\nversion = "0.1.0"\nfeature_version = {FEATURE_VERSION}\nort_min = "1.17"\n\n'
        f'[[file]]\npath = "index.bin"\nsha256 = "{hashlib.sha256(data).hexdigest()}"\n\n'
        f"[params]\nrun = {RUN}\nwindow = {WINDOW}\ncommon = {COMMON}\n\n"
        f'[data]\nworks = {len(works)}\nsha256 = "{corpus.data_hash(works, folder, FILES)}"\n'
    )
    print(f"index.bin: {len(data) / 1e6:.2f} MB, {len(works)} works")


if __name__ == "__main__":
    main()
