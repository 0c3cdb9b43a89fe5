"""Items as training sequences: crops, transposition, conditions, targets."""

from __future__ import annotations

import numpy as np
import torch

import tokens as T
from common.chords import NO_CHORD, NQ


def layout(item):
    """Per-item step table, made once: (bar of step, note index or -1) and the first step of each bar."""
    if "steps" not in item:
        n = len(item["length"])
        count = np.bincount(item["notes"][:, 0], minlength=n)
        bar_at = np.concatenate([[0], np.cumsum(count + 1)])
        total = int(bar_at[-1])
        note = np.full(total, -1, np.int32)
        bar = np.zeros(total, np.int32)
        for b in range(n):
            bar[bar_at[b] : bar_at[b + 1]] = b
        is_note = np.ones(total, bool)
        is_note[bar_at[:-1]] = False
        note[is_note] = np.arange(len(item["notes"]))
        item["steps"] = (bar, note, bar_at)
    return item["steps"]


def sequence(item, first_bar, length, shift, density=True, register=True, source=True):
    """Arrays of up to `length` steps from `first_bar` on, transposed by `shift` semitones."""
    bar, note, bar_at = layout(item)
    a = int(bar_at[first_bar])
    z = min(a + length, len(bar) - 1)  # the very last step has no target after it
    z = max(z, a + 1)
    n_bars = len(item["length"])
    bar, note = bar[a:z], note[a : z + 1] if z < len(note) else np.append(note[a:z], -1)
    used = np.arange(bar[0], bar[-1] + 1)

    chord = item["chord"].astype(np.int64)
    chord = np.where((chord >= 0) & (chord < NO_CHORD), (chord + shift * NQ) % NO_CHORD, NO_CHORD)
    bass = item["bass"].astype(np.int64)
    bass = np.where(bass >= 0, (bass + shift) % 12, -1)
    pitch = item["pitch"].astype(np.int64)
    pitch = np.where(pitch >= 0, pitch + shift, -1)
    slots = T.slot_vectors(chord[used], bass[used], pitch[used], item["attacks"][used], item["valid"][used])
    following = np.minimum(used + 1, n_bars - 1)
    nan = np.full(len(used), np.nan)
    vectors = T.bar_vector(
        slots, np.where(used + 1 < n_bars, chord[following, 0], NO_CHORD), np.where(used + 1 < n_bars, bass[following, 0], -1),
        item["length"][used], item["num"][used], item["den"][used], np.full(len(used), item["part"]),
        np.full(len(used), item["source"] if source else -1),
        item["density"][used] if density else nan, item["register"][used] if register else nan,
        used == 0, used == n_bars - 1,
    )
    rows = item["notes"].astype(np.int64).copy()
    rows[:, 2] = np.clip(rows[:, 2] + shift, T.LOW, T.HIGH)
    slot_of = np.minimum(rows[:, 1] // T.SLOT, T.SLOTS - 1)
    state = chord[rows[:, 0], slot_of]
    deg = np.where(state >= NO_CHORD, 12, (rows[:, 2] - state // NQ) % 12)
    root = np.where(state >= NO_CHORD, 12, state // NQ)

    n = len(bar)
    here, nxt = note[:n], note[1 : n + 1]
    is_bar = here < 0
    h = np.where(is_bar, 0, here)
    out = {
        "bar": vectors[bar - bar[0]] * is_bar[:, None],
        "is_bar": is_bar.astype(np.float32)[:, None],
        "note": np.stack([rows[h, 1], rows[h, 2] - T.LOW, deg[h], rows[h, 3], rows[h, 4]], 1) * ~is_bar[:, None],
    }
    end = nxt < 0
    k = np.where(end, 0, nxt)
    out["onset"] = np.where(end, T.END, rows[k, 1])
    out["pitch"] = np.where(end, -1, rows[k, 2] - T.LOW)
    out["duration"] = np.where(end, -1, rows[k, 3])
    out["velocity"] = np.where(end, -1, rows[k, 4])
    out["degree"] = np.where(end, 0, deg[k])
    out["root"] = np.where(end, 12, root[k])
    out["condition"] = slots[bar - used[0], np.where(end, 0, slot_of[k])] * ~end[:, None]
    last = np.maximum.accumulate(np.where(is_bar, -1, here))
    out["previous"] = np.where(last >= 0, rows[np.maximum(last, 0), 2] - T.LOW, 60 - T.LOW)
    return out


def collate(rows):
    """Sequences of unlike length as padded tensors, with a mask."""
    n = max(len(r["onset"]) for r in rows)
    out = {}
    for key, first in rows[0].items():
        shape = (len(rows), n) + first.shape[1:]
        kind = np.float32 if first.dtype == np.float32 else np.int64
        a = np.zeros(shape, kind)
        for i, r in enumerate(rows):
            a[i, : len(r[key])] = r[key]
        out[key] = torch.from_numpy(a)
    mask = torch.zeros(len(rows), n)
    for i, r in enumerate(rows):
        mask[i, : len(r["onset"])] = 1
    out["mask"] = mask
    return out


def losses(model, batch):
    """Summed nats per kind and the counts of steps and notes: dict of tensors."""
    F = torch.nn.functional
    x = model.embed(batch["bar"], batch["is_bar"], batch["note"])
    h = model(x)
    mask = batch["mask"] > 0
    onset = F.cross_entropy(model.onset_head(h)[mask].float(), batch["onset"][mask], reduction="sum")
    pick = mask & (batch["onset"] < T.END)
    hn, on, pitch = h[pick], batch["onset"][pick], batch["pitch"][pick]
    logits = model.pitch_logits(hn, on, batch["condition"][pick], batch["root"][pick], batch["previous"][pick])
    p = F.cross_entropy(logits.float(), pitch, reduction="sum")
    dur, vel = model.length_logits(hn, on, pitch, batch["degree"][pick])
    d = F.cross_entropy(dur.float(), batch["duration"][pick], reduction="sum")
    v = F.cross_entropy(vel.float(), batch["velocity"][pick], reduction="sum")
    return {"onset": onset, "pitch": p, "duration": d, "velocity": v, "steps": mask.sum(), "notes": pick.sum()}
