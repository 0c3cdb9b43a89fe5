"""Works of the corpus as (condition, notes) pairs for each part.

* keys: the piano of songs; the rest of a keyboard work below its top line;
* strings: the inner voices of quartets, choirs and hymns;
* bass: the lowest voice of those, and the lowest line of the left hand of songs.
"""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import tokens as T  # noqa: E402
from common import chords, corpus, meter  # noqa: E402

VOICE_GROUPS = {"string_quartets", "polish_choral", "openhymnal"}
BASS_CENTRE = 44  # lines are moved by octaves so that their mean lies within six semitones of this


def _fold(pitch: int, low: int, high: int) -> int:
    while pitch < low:
        pitch += 12
    while pitch > high:
        pitch -= 12
    return pitch


def _bass_line(notes, bars):
    """The lowest line of a left hand: the lowest note of each onset, without the upper chords of an oom-pah."""
    low = {}
    for n in notes:
        if n[0] not in low or n[2] < low[n[0]][2]:
            low[n[0]] = n
    line = [low[k] for k in sorted(low)]
    starts = np.array([b[0] for b in bars])
    of = np.searchsorted(starts, [n[0] for n in line], side="right") - 1
    floor = {}
    for b, n in zip(of, line):
        floor[b] = min(floor.get(b, 127), n[2])
    return [n for b, n in zip(of, line) if n[2] <= floor[b] + 7 and n[2] <= 62]


def _monophonic(line):
    out = []
    for i, (on, dur, pitch, vel) in enumerate(line):
        if i + 1 < len(line):
            dur = min(dur, line[i + 1][0] - on)
        out.append((on, dur, pitch, vel))
    mean = float(np.mean([n[2] for n in out]))
    shift = -12 * round((mean - BASS_CENTRE) / 12)
    return [(a, d, _fold(p + shift, *T.RANGE["bass"]), v) for a, d, p, v in out]


def parts_of(work, source, bars):
    """(melody, {part: notes}) of a work, times in ticks."""
    tracks = [t for t in work["tracks"] if t["notes"]]
    lead = next((t for t in tracks if t["role"] == "melody"), None)
    if lead is None:
        return None, {}
    lead_notes = meter.notes_in_ticks(lead)
    melody = meter.skyline(lead_notes)
    inner = [n for t in tracks if t["role"] == "accompaniment" for n in meter.notes_in_ticks(t)]
    low = [n for t in tracks if t["role"] == "bass" for n in meter.notes_in_ticks(t)]
    style = work.get("style") or ""
    voices = source in VOICE_GROUPS or any(w in style for w in ("SATB", "Choir", "Quartet", "Hymn"))
    out = {}
    if voices:
        out["strings"] = inner
        low_line = sorted(low)
    else:
        rest = []
        if source == "polish_keyboard" or (source == "mutopia" and "Voice" not in style):
            top = {(n[0], n[2]) for n in melody}
            rest = [n for n in lead_notes if (n[0], n[2]) not in top]
        out["keys"] = inner + low + rest
        left = low or [n for t in tracks[-1:] if t["role"] == "accompaniment" for n in meter.notes_in_ticks(t)]
        low_line = _bass_line(sorted(left), bars) if source in ("lieder", "polish_vocal_keyboard") else []
    if len(low_line) >= 16:
        kept = {}
        for n in low_line:
            kept.setdefault(n[0], n)
        out["bass"] = _monophonic([kept[k] for k in sorted(kept)])
    return melody, out


def conditions(bars, melody, spans):
    """Per bar and slot: chord state, bass, melody pitch, melody onsets, and whether the slot is inside the bar.

    bars: (start, full length, num, den) in ticks; melody: one voice; spans: (start, (state, bass)), sorted.
    """
    starts = np.array([b[0] for b in bars])
    lengths = np.array([b[1] // T.TICKS_PER_GRID for b in bars])
    slot_ticks = T.SLOT * T.TICKS_PER_GRID
    at = starts[:, None] + np.arange(T.SLOTS)[None] * slot_ticks
    valid = (np.arange(T.SLOTS)[None] * T.SLOT < lengths[:, None]).astype(np.int8)
    which = np.searchsorted([s[0] for s in spans], at, side="right") - 1
    state = np.array([s[1][0] for s in spans] + [chords.NO_CHORD])[which]
    bass = np.array([s[1][1] for s in spans] + [-1])[which]
    on = np.array([m[0] for m in melody])
    off = np.array([m[0] + m[1] for m in melody])
    pitch = np.array([m[2] for m in melody])
    k = np.searchsorted(on, at, side="right") - 1
    sounding = np.where((k >= 0) & (off[k] > at), pitch[k], -1)
    attacks = np.searchsorted(on, at + slot_ticks) - np.searchsorted(on, at)
    return {
        "length": lengths.astype(np.int16), "num": np.array([b[2] for b in bars], np.int8),
        "den": np.array([b[3] for b in bars], np.int8), "chord": state.astype(np.int8), "bass": bass.astype(np.int8),
        "pitch": sounding.astype(np.int8), "attacks": np.minimum(attacks, 8).astype(np.int8), "valid": valid,
    }


def prepare(work, source):
    """Items of one work: one per part that has enough notes."""
    bars = meter.bars_of(work)
    if not bars or not work["chords"] or any(b[1] // T.TICKS_PER_GRID > T.MAX_BAR or b[1] <= 0 for b in bars):
        return []
    melody, parts = parts_of(work, source, bars)
    if melody is None:
        return []
    n = len(bars)
    starts = np.array([b[0] for b in bars])
    spans = [(round(on * meter.TPQ), chords.parse(s)) for on, s in work["chords"]]
    base = {"id": work["id"], "source": T.SOURCES.index(source)} | conditions(bars, melody, spans)
    lengths = base["length"].astype(int)
    items = []
    for part, notes in parts.items():
        low, high = T.RANGE[part]
        rows = {}
        for a, d, p, v in notes:
            b = int(np.searchsorted(starts, a, side="right")) - 1
            if b < 0 or not low <= p <= high:
                continue
            g = round((a - starts[b]) / T.TICKS_PER_GRID)
            if g >= lengths[b]:
                if b + 1 >= n or starts[b + 1] - starts[b] < bars[b][1]:
                    continue
                b, g = b + 1, 0
            dur = T.duration_class(round(d / T.TICKS_PER_GRID))
            key = (b, g, p)
            rows[key] = max(rows.get(key, (0, 0)), (dur, min(T.VELOCITIES - 1, v // 16)))
        if len(rows) < 24:
            continue
        table = np.array([(b, g, p, *rows[b, g, p]) for b, g, p in sorted(rows)], np.int16)
        count = np.bincount(table[:, 0], minlength=n).astype(float)
        total = np.bincount(table[:, 0], weights=table[:, 2], minlength=n)
        # Density and register of a bar are those of the four bars around it.
        window = lambda x: np.convolve(x, np.ones(4), "full")[2 : 2 + n]  # noqa: E731
        density = window(count) / np.maximum(window(lengths / T.GRID), 1e-6)
        register = window(total) / np.maximum(window(count), 1)
        register[window(count) == 0] = np.nan
        items.append(base | {"part": T.PARTS.index(part), "notes": table, "density": density, "register": register})
    return items


def quantiles(items):
    """Per part, 21 breakpoints of density and register over the bars, the meaning of the two sliders."""
    out = {}
    for i, part in enumerate(T.PARTS):
        mine = [x for x in items if x["part"] == i]
        q = np.linspace(0, 1, 21)
        density = np.concatenate([x["density"] for x in mine])
        register = np.concatenate([x["register"] for x in mine])
        out[part] = {
            "density": np.quantile(density[density > 0], q), "register": np.quantile(register[np.isfinite(register)], q),
        }
    return out


def to_quantile(values, breaks):
    """Place of values among breakpoints, 0..1; unknown stays unknown."""
    return np.where(np.isfinite(values), np.interp(values, breaks, np.linspace(0, 1, len(breaks))), np.nan)


def load(folder: Path, cache: Path | None = None):
    """(training items, validation items, quantile tables)."""
    if cache and cache.exists():
        with open(cache, "rb") as f:
            return pickle.load(f)
    keys = corpus.group_keys(folder, T.SOURCES)
    train, valid = [], []
    for name in T.SOURCES:
        for work in corpus.read_file(folder, name):
            (valid if corpus.is_validation(keys[work["id"]]) else train).extend(prepare(work, name))
    corpus.check_training([w["id"] for w in train], corpus.read_manifest(folder))
    tables = quantiles(train)
    for item in train + valid:
        breaks = tables[T.PARTS[item["part"]]]
        item["density"] = to_quantile(item["density"], breaks["density"]).astype(np.float32)
        item["register"] = to_quantile(item["register"], breaks["register"]).astype(np.float32)
    if cache:
        cache.parent.mkdir(parents=True, exist_ok=True)
        with open(cache, "wb") as f:
            pickle.dump((train, valid, tables), f)
    return train, valid, tables
