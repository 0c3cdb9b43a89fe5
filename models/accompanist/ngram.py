"""The baseline: an interpolated 5-gram over the accompanist's own tokens.

A note is four tokens (onset, pitch, duration, velocity), a bar's end one (END); each kind has a model of its own that sees the
four tokens before, in the part it belongs to. Counts are interpolated down to the uniform distribution by Witten and Bell's
weights (1991). Like the network's training works, it hears the works in their own keys.
"""

from __future__ import annotations

import numpy as np

import tokens as T

ORDER = 5
KINDS = ("onset", "pitch", "duration", "velocity")
SIZES = {"onset": T.ONSETS, "pitch": T.PITCHES, "duration": len(T.DURATIONS), "velocity": T.VELOCITIES}


def tokens(item, first_bar=0, n_bars=None):
    """(kind, value) pairs of an item's bars, by bar."""
    last = len(item["length"]) if n_bars is None else min(len(item["length"]), first_bar + n_bars)
    notes = item["notes"]
    at = np.searchsorted(notes[:, 0], np.arange(first_bar, last + 1))
    out = []
    for k in range(last - first_bar):
        for _, onset, pitch, duration, velocity in notes[at[k] : at[k + 1]]:
            out += [(0, int(onset)), (1, int(pitch) - T.LOW), (2, int(duration)), (3, int(velocity))]
        out.append((0, T.END))
    return out


def packed(part, stream):
    """(contexts of each order [ORDER, n], kinds, values) of one stream, exact in 64 bits."""
    kinds = np.array([k for k, _ in stream], np.uint64)
    values = np.array([v for _, v in stream], np.uint64)
    codes = np.concatenate([np.full(ORDER - 1, 1023, np.uint64), kinds * 256 + values])
    n = len(stream)
    contexts = np.zeros((ORDER, n), np.uint64)
    base = (np.uint64(part) << np.uint64(2)) | kinds
    for order in range(ORDER):
        c = base.copy()
        for back in range(1, order + 1):
            c = (c << np.uint64(10)) | codes[ORDER - 1 - back : ORDER - 1 - back + n]
        contexts[order] = c
    return contexts, kinds.astype(int), values


class Ngram:
    """Counts of all orders as sorted tables."""

    def __init__(self, items):
        rows = [packed(part, stream) for part, stream in items]
        values = np.concatenate([r[2] for r in rows])
        self.tables = []
        for order in range(ORDER):
            keys = (np.concatenate([r[0][order] for r in rows]) << np.uint64(8)) | values
            keys, counts = np.unique(keys, return_counts=True)
            contexts, first = np.unique(keys >> np.uint64(8), return_index=True)
            self.tables.append((keys, counts, contexts, np.add.reduceat(counts, first), np.diff(np.append(first, len(keys)))))

    def bits(self, part, stream):
        """Bits by kind over a stream."""
        contexts, kinds, values = packed(part, stream)
        p = 1.0 / np.array(list(SIZES.values()), float)[kinds]
        for (keys, counts, known, totals, types), context in zip(self.tables, contexts):
            at = np.minimum(np.searchsorted(known, context), len(known) - 1)
            seen = known[at] == context
            key = (context << np.uint64(8)) | values
            k = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
            count = np.where(keys[k] == key, counts[k], 0)
            p = np.where(seen, (count + types[at] * p) / (totals[at] + types[at]), p)
        return np.bincount(kinds, -np.log2(p), minlength=len(KINDS))
