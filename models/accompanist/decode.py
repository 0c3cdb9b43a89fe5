"""The decoder's rules on the Python side, for the goldens and for excerpts. See `models/src/accompanist/decode.rs`."""

from __future__ import annotations

import numpy as np

import tokens as T
from common.chords import NO_CHORD, NQ, TONES

MOST_NOTES, MOST_TOGETHER = 64, 8
FOREIGN_ON_BEAT, FOREIGN_OFF_BEAT = 2.5, 0.5
NEVER = -np.inf


def changes(chords, grid, before):
    """Slots of a bar at which a chord begins. chords: (state, bass) per slot."""
    out = []
    for i in range(min(T.SLOTS, -(-grid // T.SLOT))):
        if chords[i][0] != NO_CHORD and chords[i] != (before if i == 0 else chords[i - 1]):
            out.append(i)
    return out


def mask_onsets(scores, part, grid, onset, pitch, together, notes, earliest, starts):
    """onset: of the last note or None; starts: slots at which chords begin."""
    scores = np.array(scores, np.float32)
    if onset is None:
        nxt = earliest
    else:
        full = part == "bass" or together >= MOST_TOGETHER or pitch >= T.RANGE[part][1]
        nxt = onset + int(full)
    full_bar = notes >= MOST_NOTES
    position = np.arange(T.END)
    scores[: T.END][(position < nxt) | (position >= grid) | full_bar] = NEVER
    if part == "bass" and not full_bar:
        due = [s * T.SLOT for s in starts if nxt <= s * T.SLOT < grid and (onset is None or onset < s * T.SLOT)]
        if due:
            scores[due[0] + 1 :] = NEVER
    return scores


def mask_pitches(scores, part, chord, onset_before, pitch_before, onset, begins, on_beat):
    """chord: (state, bass) at the onset."""
    scores = np.array(scores, np.float32)
    state, bass = chord
    low, high = T.RANGE[part]
    tones = set() if state == NO_CHORD else {(state // NQ + t) % 12 for t in TONES[state % NQ]} | {bass}
    for i in range(T.PITCHES):
        pitch = T.LOW + i
        if not low <= pitch <= high or (onset_before == onset and pitch <= pitch_before):
            scores[i] = NEVER
        elif begins and part == "bass" and state != NO_CHORD and pitch % 12 != bass:
            scores[i] = NEVER
        elif tones and pitch % 12 not in tones:
            scores[i] -= FOREIGN_ON_BEAT if on_beat else FOREIGN_OFF_BEAT
    return scores


def choose(scores, temperature, nucleus, uniform):
    """Softmax at a temperature, cut to the nucleus (Holtzman et al. 2020), drawn in order of class; None if nothing is left."""
    scores = np.asarray(scores, np.float64)
    if not np.isfinite(scores).any():
        return None
    weights = np.where(np.isfinite(scores), np.exp((scores - scores[np.isfinite(scores)].max()) / temperature), 0.0)
    total, kept, mass = weights.sum(), [], 0.0
    for i in sorted(range(len(weights)), key=lambda i: (-weights[i], i)):
        if mass >= nucleus * total or weights[i] <= 0:
            break
        kept.append(i)
        mass += weights[i]
    left = uniform * mass
    for i in sorted(kept):
        if left < weights[i]:
            return i
        left -= weights[i]
    return max(kept)
