"""What the accompanist reads and writes: bars, notes, and their numbers.

One step of the model is either a BAR (its condition vector) or one note. Times lie on a grid of 24 per
quarter note, counted from the bar line. `models/src/accompanist/features.rs` computes the same numbers;
`goldens/features.json` holds both to it.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common.chords import NO_CHORD, NQ, TONES  # noqa: E402

FEATURE_VERSION = 1
GRID = 24  # positions per quarter
TICKS_PER_GRID = 960 // GRID
MAX_BAR = 192  # longest bar: eight quarters
END = MAX_BAR  # onset class: the bar is over
ONSETS = MAX_BAR + 1
LOW, HIGH = 21, 108
PITCHES = HIGH - LOW + 1
DURATIONS = [1, 2, 3, 4, 6, 8, 9, 12, 16, 18, 24, 30, 32, 36, 48, 60, 72, 84, 96, 120, 144, 192]
VELOCITIES = 8  # classes of 16

SLOTS, SLOT = 16, 12  # the condition is given per eighth note
SLOT_WIDTH = 52
PARTS = ["keys", "bass", "strings"]
SOURCES = ["lieder", "polish_vocal_keyboard", "mutopia", "polish_keyboard", "string_quartets", "polish_choral", "openhymnal"]
RBF = [0.0, 0.25, 0.5, 0.75, 1.0]
BAR_WIDTH = SLOTS * SLOT_WIDTH + 36 + 5 + len(PARTS) + len(SOURCES) + 2 * (len(RBF) + 1) + 2

# What each part may play: the same ranges as `continuo_core::Part::range`.
RANGE = {"keys": (21, 96), "bass": (28, 55), "strings": (36, 93)}


def _chord_table() -> np.ndarray:
    table = np.zeros((NO_CHORD + 1, 24), np.float32)
    for root in range(12):
        for q, tones in enumerate(TONES):
            for tone in tones:
                table[root * NQ + q, (root + tone) % 12] = 1.0
            table[root * NQ + q, 12 + root] = 1.0
    return table


CHORD_TABLE = _chord_table()
PC = np.concatenate([np.eye(12, dtype=np.float32), np.zeros((1, 12), np.float32)])  # row 12: none
DURATION_OF = np.array([int(np.argmin([abs(math.log(max(d, 1) / c)) for c in DURATIONS])) for d in range(MAX_BAR + 1)])


def duration_class(grid: int) -> int:
    """The class whose length is nearest in ratio (the shorter on a tie)."""
    return int(DURATION_OF[min(max(grid, 0), MAX_BAR)])


def slot_vectors(chord, bass, pitch, attacks, valid) -> np.ndarray:
    """Condition per slot, [..., SLOTS, SLOT_WIDTH].

    chord: state per slot (NO_CHORD for none); bass: pitch class or -1; pitch: melody pitch sounding at the slot's
    start or -1; attacks: melody onsets in the slot; valid: 1 where the slot lies inside the bar.
    """
    chord, bass, pitch = (np.asarray(a, np.int64) for a in (chord, bass, pitch))
    valid = np.asarray(valid, np.float32)[..., None]
    sounding = (pitch >= 0).astype(np.float32)[..., None]
    out = np.concatenate(
        [
            CHORD_TABLE[chord],
            PC[np.where(bass >= 0, bass, 12)],
            PC[np.where(pitch >= 0, pitch % 12, 12)],
            sounding * ((pitch[..., None] - 67) / 12).astype(np.float32),
            sounding,
            np.minimum(np.asarray(attacks, np.float32), 4)[..., None] / 2,
            valid,
        ],
        -1,
    )
    return out * valid


def rbf(q) -> np.ndarray:
    """A control in 0..1 as bumps, and a flag; not-a-number (unknown) gives zeros."""
    q = np.asarray(q, np.float32)[..., None]
    known = np.isfinite(q)
    bumps = np.exp(-(((np.where(known, q, 0.0) - np.array(RBF, np.float32)) / 0.25) ** 2))
    return np.concatenate([bumps * known, known.astype(np.float32)], -1).astype(np.float32)


def bar_vector(slots, next_chord, next_bass, length, num, den, part, source, density, register, first, last):
    """The vector of a BAR step (or of many, with leading axes on every argument).

    slots: [..., SLOTS, SLOT_WIDTH]; next_*: the first slot of the bar after; length: in grid units;
    part and source: indices (source -1: unknown); density and register: 0..1 or NaN; first, last: 0 or 1.
    """
    next_chord, next_bass = np.asarray(next_chord, np.int64), np.asarray(next_bass, np.int64)
    num, den, source = np.asarray(num), np.asarray(den), np.asarray(source, np.int64)
    part_row = np.eye(len(PARTS), dtype=np.float32)[np.asarray(part, np.int64)]
    source_table = np.concatenate([np.eye(len(SOURCES), dtype=np.float32), np.zeros((1, len(SOURCES)), np.float32)])
    scalars = np.stack(
        [
            np.asarray(length, np.float32) / MAX_BAR,
            ((den >= 8) & (num % 3 == 0)).astype(np.float32),
            num.astype(np.float32) / 12,
            (den >= 8).astype(np.float32),
            (den <= 2).astype(np.float32),
        ],
        -1,
    )
    flat = slots.reshape(slots.shape[:-2] + (SLOTS * SLOT_WIDTH,))
    ends = np.stack([np.asarray(first, np.float32), np.asarray(last, np.float32)], -1)
    return np.concatenate(
        [
            flat, CHORD_TABLE[next_chord], PC[np.where(next_bass >= 0, next_bass, 12)], scalars, part_row,
            source_table[source], rbf(density), rbf(register), ends,
        ],
        -1,
    ).astype(np.float32)


def degree(pitch: int, chord: int) -> int:
    """Semitones of a pitch above the chord's root, 12 where there is no chord."""
    return 12 if chord >= NO_CHORD else (pitch - chord // NQ) % 12
