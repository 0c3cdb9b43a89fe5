"""Works of the corpus as beat sequences for the harmony model."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import chords, corpus, meter  # noqa: E402
from features import beat_features, transition_class  # noqa: E402

SOURCES = [
    "lieder", "polish_vocal_keyboard", "mutopia", "polish_choral", "openhymnal", "string_quartets", "polish_keyboard",
]
HUMAN = ["openewld_leadsheets", "eval_only/nottingham_trad"]


def melody_of(work):
    """The first melody track's top line, or None."""
    for track in work["tracks"]:
        if track["role"] == "melody" and track["notes"]:
            return meter.skyline(meter.notes_in_ticks(track))
    return None


def key_of(work):
    """The (estimated) key as (tonic, is minor), or None."""
    if not work.get("key"):
        return None
    name, mode = work["key"].split()
    return chords.pitch_class(name), mode == "minor"


def prepare(work):
    """A work as a dict of arrays, or None where it cannot teach anything."""
    melody = melody_of(work)
    if melody is None or not work["chords"]:
        return None
    bars = meter.bars_of(work)
    beats = meter.beats_of(bars)
    labels = chords.beat_chords(work, beats, meter.TPQ)
    start = next((i for i, (s, _) in enumerate(labels) if s >= 0), None)
    if start is None or len(beats) - start < 8:
        return None
    start = next((i for i in range(start, len(beats)) if beats[i][2] == 0), start)
    beats, labels = beats[start:], labels[start:]
    if len(beats) < 8:
        return None
    state = np.array([s if s >= 0 else chords.NO_CHORD for s, _ in labels], np.int16)
    bass = np.array([b for _, b in labels], np.int8)
    changes = int((state[1:] != state[:-1]).sum()) + 1
    n_bars = len({b for _, _, _, b in beats})
    rate = changes / n_bars
    colour = float(np.mean((state < chords.NO_CHORD) & (state % chords.NQ > 1)))
    pcs, sc = beat_features(melody, beats, bars, end_known=True)
    return {
        "id": work["id"], "pcs": pcs.astype(np.float16), "scalars": sc.astype(np.float16), "state": state,
        "bass": bass, "classes": transition_class(beats).astype(np.int8), "rate": rate, "colour": colour,
        "key": key_of(work), "bar": np.array([b for _, _, _, b in beats], np.int32),
        "melody": melody, "beats": beats, "bars": bars,
    }


def load(folder: Path, cache: Path | None = None):
    """(training works, validation works, {name: human-chord works}), each a list of dicts."""
    if cache and cache.exists():
        with open(cache, "rb") as f:
            return pickle.load(f)
    keys = corpus.group_keys(folder, SOURCES)
    train, valid = [], []
    for name in SOURCES:
        for work in corpus.read_file(folder, name):
            item = prepare(work)
            if item is not None:
                item["source"] = name
                (valid if corpus.is_validation(keys[work["id"]]) else train).append(item)
    corpus.check_training([w["id"] for w in train], corpus.read_manifest(folder))
    for w in train:
        del w["melody"], w["beats"], w["bars"]
    human = {}
    for name in HUMAN:
        items = [prepare(w) for w in corpus.read_file(folder, name)]
        human[name] = [i for i in items if i is not None]
    if cache:
        cache.parent.mkdir(parents=True, exist_ok=True)
        with open(cache, "wb") as f:
            pickle.dump((train, valid, human), f)
    return train, valid, human
