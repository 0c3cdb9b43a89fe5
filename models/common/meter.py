"""Metre as the models see it: integer ticks, bars and beats.

960 ticks are one quarter note, as in the Rust `continuo_core::TICKS_PER_QUARTER`.
The rule of a beat (the same one is in `models/src/harmony/features.rs`):

* x/1 and x/2: a half note; x/4: a quarter note;
* x/8 and x/16 with x a multiple of three: three of the lower unit (3/8 is one beat);
* other x/8: groups of two eighths, the last group taking three when x is odd (7/8 = 2+2+3);
* other x/16: groups of four sixteenths, the rest in the last group.
"""

from __future__ import annotations

TPQ = 960


def bar_ticks(num: int, den: int) -> int:
    """Length of a bar in ticks."""
    return TPQ * 4 * num // den


def beat_lengths(num: int, den: int) -> list[int]:
    """Lengths of the beats of one bar, in ticks; they add up to `bar_ticks`."""
    total = bar_ticks(num, den)
    unit = TPQ * 4 // den
    if den <= 2:
        beat = TPQ * 2
    elif den == 4:
        beat = TPQ
    elif num % 3 == 0:
        beat = 3 * unit
    elif den == 8:
        beat = 2 * unit
    else:
        beat = 4 * unit
    n = max(1, total // beat)
    out = [beat] * n
    out[-1] += total - beat * n
    return out


def bars_of(work: dict) -> list[tuple[int, int, int, int]]:
    """Bars of a work as (start, full length, num, den) in ticks.

    A short first bar is a pickup: its start is moved back so that the bar has its full
    length (the start may then be negative). Other bars of a wrong length keep their start, and
    the next bar cuts them short or leaves a gap.
    """
    q = work["bars"]
    sigs = [(s[0], int(s[1]), int(s[2])) for s in work["time_signatures"]]
    if not sigs:
        return []
    out = []
    k = 0
    for i, start in enumerate(q):
        while k + 1 < len(sigs) and sigs[k + 1][0] <= start + 1e-3:
            k += 1
        num, den = sigs[k][1], sigs[k][2]
        full = bar_ticks(num, den)
        t = round(start * TPQ)
        if i == 0 and len(q) > 1:
            actual = round(q[1] * TPQ) - t
            if 0 < actual < full:
                t -= full - actual
        out.append((t, full, num, den))
    return out


def beats_of(bars: list[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """Beats as (start, length, index in bar, bar number); a bar cut short loses its last beats."""
    out = []
    for b, (start, full, num, den) in enumerate(bars):
        end = start + full
        if b + 1 < len(bars):
            end = min(end, bars[b + 1][0])
        t = start
        for i, length in enumerate(beat_lengths(num, den)):
            if t >= end:
                break
            out.append((t, min(length, end - t), i, b))
            t += length
    return out


def notes_in_ticks(track: dict) -> list[tuple[int, int, int, int]]:
    """Notes of a track as (onset, length, pitch, velocity), sorted, at least one tick long."""
    out = []
    for on, dur, pitch, vel in track["notes"]:
        a = round(on * TPQ)
        out.append((a, max(1, round((on + dur) * TPQ) - a), int(pitch), int(vel)))
    out.sort()
    return out


def skyline(notes: list[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    """The top line: of notes that start together the highest; each cut where the next begins."""
    top: dict[int, tuple[int, int, int, int]] = {}
    for n in notes:
        if n[0] not in top or n[2] > top[n[0]][2]:
            top[n[0]] = n
    line = [top[k] for k in sorted(top)]
    out = []
    for i, (on, dur, pitch, vel) in enumerate(line):
        if i + 1 < len(line):
            dur = min(dur, line[i + 1][0] - on)
        out.append((on, dur, pitch, vel))
    return out
