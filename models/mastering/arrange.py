"""From a corpus work to a four-stem arrangement with random General MIDI programs.

A stem list is four lists of notes (melody, harmony, bass, drums), each note
(start_s, length_s, pitch, velocity, channel), with programs and reverb sends per channel.
"""

import dataclasses

CLIP_S = 12.2  # notes start within this
SLOT_S = 15.0  # distance of clips in a rendered file; the rest is release and silence

ACOUSTIC_MELODY = (40, 41, 42, 52, 53, 56, 60, 64, 65, 68, 71, 73, 74, 0, 22, 24)
ACOUSTIC_HARMONY = (0, 1, 6, 19, 24, 46, 48, 49, 52, 61, 20, 21)
BAND_MELODY = (0, 4, 11, 22, 25, 26, 27, 29, 30, 53, 54, 56, 62, 65, 66, 73, 80, 81, 82, 85, 87)
BAND_HARMONY = (0, 2, 4, 5, 7, 16, 17, 18, 24, 25, 26, 27, 28, 29, 50, 51, 62, 63, 81, 88, 89, 90)
BAND_BASS = (32, 33, 34, 35, 36, 38, 39)
ACOUSTIC_BASS = (32, 42, 43, 58, 70, 19)
PADS = (48, 49, 50, 89, 90, 94, 95, 91, 52)


@dataclasses.dataclass
class Clip:
    """One arranged clip: notes per stem and the set-up of each MIDI channel."""

    work: str
    drums: str | None
    stems: list
    programs: dict  # channel -> program
    sends: dict  # channel -> reverb send 0..127
    band: bool


def _derive_bass(notes, rng):
    """Lowest note at each onset, moved by octaves into E1..D3."""
    low = {}
    for on, dur, pitch, vel in notes:
        if on not in low or pitch < low[on][1]:
            low[on] = (dur, pitch, vel)
    out, prev = [], -10.0
    for on in sorted(low):
        dur, pitch, vel = low[on]
        if on - prev < 0.45:
            continue
        prev = on
        while pitch > 50:
            pitch -= 12
        while pitch < 28:
            pitch += 12
        out.append((on, max(dur, 0.5), pitch, min(127, vel + rng.integers(0, 20))))
    return out


def arrange(work, drum_works, rng):
    """An arranged clip of `work`, or None when no lively passage of 12 s is found."""
    band = rng.random() < 0.6
    with_drums = band and rng.random() < 0.85 and bool(drum_works)
    bpm = work.get("tempo") or rng.uniform(72, 132)
    bpm = rng.uniform(78, 140) if with_drums else min(max(bpm, 50), 160)
    quarter = 60.0 / bpm
    span = CLIP_S / quarter
    bars = [b for b in work["bars"] if isinstance(b, (int, float))] or [0.0]
    last = max((n[0] for t in work["tracks"] for n in t["notes"]), default=0.0)
    starts = [b for b in bars if b + 0.7 * span <= last] or [0.0]
    for _ in range(6):
        start = float(starts[rng.integers(len(starts))])
        melody, harmony, bass = [], [], []
        for t in work["tracks"]:
            notes = [n for n in t["notes"] if start <= n[0] < start + span]
            {"melody": melody, "bass": bass}.get(t["role"], harmony).extend(notes)
        if len(melody) + len(harmony) + len(bass) >= 14:
            break
    else:
        return None
    if not melody and not harmony:
        return None
    if not bass and rng.random() < (0.9 if band else 0.35):
        bass = _derive_bass(harmony or melody, rng)
    shift = int(rng.integers(-4, 5))
    pick = lambda options: int(options[rng.integers(len(options))])
    programs = {
        0: pick(BAND_MELODY if band else ACOUSTIC_MELODY),
        1: pick(BAND_HARMONY if band else ACOUSTIC_HARMONY),
        2: pick(BAND_BASS if band else ACOUSTIC_BASS),
        3: pick(PADS),
        4: pick(BAND_HARMONY if band else ACOUSTIC_HARMONY),
    }
    sends = {c: int(rng.integers(0, 90)) for c in range(5)} | {2: int(rng.integers(0, 30))}
    sends[9] = int(rng.integers(0, 50))
    human = rng.uniform(0.0, 0.012)

    def place(notes, channel):
        out = []
        for on, dur, pitch, vel in notes:
            at = max(0.0, (on - start) * quarter + rng.uniform(-human, human))
            length = max(0.05, min(dur * quarter, CLIP_S + 0.4 - at))
            loud = int(min(127, max(20, vel + rng.normal(0, 6))))
            pitch = int(pitch) + (shift if channel != 9 else 0)
            if 0 <= pitch < 128 and at < CLIP_S:
                out.append((at, length, pitch, loud, channel))
        return out

    second = place(harmony, 1)
    style = rng.random()
    if harmony and style < 0.35:
        second += place(harmony, 3)  # a pad doubles the chords
    elif harmony and style < 0.6:
        second += place([(o, d, p, v) for o, d, p, v in harmony[::2]], 4)
    drums, drum_id = [], None
    if with_drums:
        d = drum_works[rng.integers(len(drum_works))]
        drum_id = d["id"]
        hits = d["tracks"][0]["notes"]
        length = max(4.0, 4.0 * round(max(n[0] for n in hits) / 4.0))
        at = 0.0
        while at < span:
            drums += [(start + at + n[0], 0.2, n[2], n[3]) for n in hits if at + n[0] < span]
            at += length
        drums = place(drums, 9)
    return Clip(
        work["id"], drum_id, [place(melody, 0), second, place(bass, 2), drums], programs, sends, band
    )
