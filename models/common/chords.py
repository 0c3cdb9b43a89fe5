"""Chord symbols as numbers: root 0..11, quality index, bass pitch class."""

from __future__ import annotations

QUALITIES = ["maj", "min", "7", "m7", "maj7", "dim", "dim7", "m7b5", "aug", "sus4"]
TONES = [
    (0, 4, 7), (0, 3, 7), (0, 4, 7, 10), (0, 3, 7, 10), (0, 4, 7, 11),
    (0, 3, 6), (0, 3, 6, 9), (0, 3, 6, 10), (0, 4, 8), (0, 5, 7),
]
NQ = len(QUALITIES)
NO_CHORD = 12 * NQ
STATES = NO_CHORD + 1

# Symbols of the corpus (inferred ones first, then the human ones of the lead sheets) folded into the ten.
SUFFIX = {
    "": 0, "m": 1, "7": 2, "m7": 3, "maj7": 4, "dim": 5, "dim7": 6, "m7b5": 7, "aug": 8, "sus4": 9,
    "6": 0, "9": 2, "m6": 1, "aug7": 2, "7b9": 2, "sus47": 9, "m9": 3, "7b5": 2, "13": 2, "9#11": 2,
    "minor-major": 1, "5": 0, "9#5": 2, "m#5": 1,
}
LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


def pitch_class(text: str) -> int:
    """Pitch class of a note name such as `Bb` or `F#`."""
    p = LETTERS[text[0]]
    for c in text[1:]:
        p += {"#": 1, "b": -1}[c]
    return p % 12


def parse(symbol: str) -> tuple[int, int]:
    """(state, bass pitch class); `N.C.` and unknown qualities give (NO_CHORD, -1); an unreadable bass is the root."""
    if symbol.startswith("N"):
        return NO_CHORD, -1
    head, _, bass = symbol.partition("/")
    cut = 1
    while cut < len(head) and head[cut] in "#b" and head[cut:] not in SUFFIX:
        cut += 1
    root, suffix = pitch_class(head[:cut]), head[cut:]
    if suffix not in SUFFIX:
        return NO_CHORD, -1
    named = bass[:1] in LETTERS and all(c in "#b" for c in bass[1:])
    return root * NQ + SUFFIX[suffix], pitch_class(bass) if bass and named else root


def beat_chords(work: dict, beats: list, tpq: int) -> list[tuple[int, int]]:
    """(state, bass) for each beat: the chord that lasts longest in it; (-1, -1) before the first."""
    spans = []
    symbols = work["chords"]
    end_all = beats[-1][0] + beats[-1][1] if beats else 0
    for i, (on, symbol) in enumerate(symbols):
        end = round(symbols[i + 1][0] * tpq) if i + 1 < len(symbols) else end_all
        spans.append((round(on * tpq), end, parse(symbol)))
    out, k = [], 0
    for t, length, _, _ in beats:
        while k + 1 < len(spans) and spans[k][1] <= t:
            k += 1
        best, best_len, j = (-1, -1), 0, k
        while j < len(spans) and spans[j][0] < t + length:
            overlap = min(spans[j][1], t + length) - max(spans[j][0], t)
            if overlap > best_len:
                best, best_len = spans[j][2], overlap
            j += 1
        out.append(best)
    return out
