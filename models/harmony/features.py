"""Input of the harmony model: one column of numbers per beat.

`models/src/harmony/features.rs` computes the same numbers; `goldens/features.json` holds both to it.
`pcs` is [12, PC_CHANNELS, T] (absolute pitch classes), `scalars` is [SCALARS, T].
"""

from __future__ import annotations

import math

import numpy as np

FEATURE_VERSION = 1
PC_CHANNELS = 7
SCALARS = 17
PHRASE_END_BEATS = 4.0

# pitch-class channels
SOUNDING, AT_ONSET, ATTACKED, AT_END, WINDOW, TONIC_MAJOR, TONIC_MINOR = range(PC_CHANNELS)


def beat_features(melody, beats, bars, key=None, rate=None, colour=None, end_known=True):
    """Features of a run of beats.

    melody: sorted (onset, length, pitch, velocity) in ticks, a single line or chords;
    beats: (start, length, index in bar, bar number); bars: the bar table those numbers point into;
    key: (tonic pitch class, is minor) or None; rate: chord changes per bar or None;
    colour: share of time with chords other than plain triads, or None;
    end_known: whether the last beat is known to be the end of a phrase.
    """
    n = len(beats)
    pcs = np.zeros((12, PC_CHANNELS, n), np.float32)
    sc = np.zeros((SCALARS, n), np.float32)
    per_bar: dict[int, int] = {}
    for _, _, i, b in beats:
        per_bar[b] = max(per_bar.get(b, 0), i + 1)
    first = 0
    last_pitch = None
    for t, (start, length, index, bar) in enumerate(beats):
        end = start + length
        while first < len(melody) and melody[first][0] + 4 * 4 * 960 < start:
            first += 1
        sounding, attacks, pitch_sum, latest = 0, 0, 0.0, None
        j = first
        while j < len(melody) and melody[j][0] < end:
            on, dur, pitch, _ = melody[j]
            overlap = min(on + dur, end) - max(on, start)
            if overlap > 0:
                pc = pitch % 12
                pcs[pc, SOUNDING, t] += overlap / length
                sounding += overlap
                pitch_sum += overlap * pitch
                if on <= start:
                    pcs[pc, AT_ONSET, t] = 1.0
                if on == start:
                    pcs[pc, ATTACKED, t] = 1.0
                if on >= start:
                    attacks += 1
                if latest is None or (on, pitch) >= latest:
                    latest = (on, pitch)
            j += 1
        if latest is not None:
            pcs[latest[1] % 12, AT_END, t] = 1.0
            last_pitch = pitch_sum / sounding
        _, full, num, den = bars[bar]
        sc[0, t] = min(1.0, sounding / length)
        sc[1, t] = math.log2(1 + attacks) / 3
        sc[2, t] = 0.0 if last_pitch is None else (last_pitch - 67) / 12
        phase = (start - bars[bar][0]) / full
        sc[3, t] = math.cos(2 * math.pi * phase)
        sc[4, t] = math.sin(2 * math.pi * phase)
        sc[5, t] = 1.0 if index == 0 else 0.0
        sc[6, t] = 1.0 if index > 0 and phase == 0.5 else 0.0
        m = min(5, per_bar[bar])
        sc[6 + m, t] = 1.0  # 7..=11: beats in the bar, 1..5 or more
        sc[12, t] = 1.0 if den >= 8 else 0.0
        sc[13, t] = math.exp(-(n - 1 - t) / PHRASE_END_BEATS) if end_known else 0.0
        if rate is not None:
            sc[14, t] = math.log2(1 + rate) / 2
            sc[15, t] = colour
            sc[16, t] = 1.0
    hist = pcs[:, SOUNDING, :].sum(axis=1)
    peak = hist.max() if n else 0.0
    if peak > 0:
        pcs[:, WINDOW, :] = (hist / peak)[:, None]
    if key is not None:
        tonic, minor = key
        pcs[tonic, TONIC_MINOR if minor else TONIC_MAJOR, :] = 1.0
    return pcs, sc


def transition_class(beats) -> np.ndarray:
    """How the step *into* each beat is classed: 0 into a downbeat, 1 into a middle beat, 2 other."""
    out = np.zeros(len(beats), np.int64)
    per_bar: dict[int, int] = {}
    for _, _, i, b in beats:
        per_bar[b] = max(per_bar.get(b, 0), i + 1)
    for t, (_, _, i, b) in enumerate(beats):
        out[t] = 0 if i == 0 else (1 if 2 * i == per_bar[b] else 2)
    return out
