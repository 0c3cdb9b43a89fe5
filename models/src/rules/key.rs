//! Which key a melody is in.

use continuo_core::{ChordSpan, Key, Mode, Note, PitchClass, Song};

/// How well each pitch class fits a major key on C: the probe-tone ratings of Krumhansl and Kessler (1982).
const MAJOR: [f64; 12] = [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88];
/// The same for a minor key on C.
const MINOR: [f64; 12] = [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17];

/// A weight for every pitch class.
pub type Histogram = [f64; 12];

/// How long each pitch class sounds in a melody, in quarter notes; the last note counts double, because melodies end
/// at home far more often than not.
pub fn of_melody(melody: &[Note]) -> Histogram {
    let mut histogram = [0.0; 12];
    for note in melody {
        histogram[usize::from(note.pitch) % 12] += note.len.as_quarters();
    }
    if let Some(last) = melody.iter().max_by_key(|n| (n.end(), n.pitch)) {
        histogram[usize::from(last.pitch) % 12] += last.len.as_quarters().min(4.0);
    }
    histogram
}

/// How long each pitch class sounds in a chord progression, in quarter notes.
pub fn of_chords(chords: &[ChordSpan]) -> Histogram {
    let mut histogram = [0.0; 12];
    for span in chords {
        for tone in span.chord.iter().flat_map(|c| c.tones()) {
            histogram[tone.index()] += span.len.as_quarters();
        }
    }
    histogram
}

/// All 24 keys, best first, with the correlation (-1 to 1) of the histogram and the key's profile; the order is the
/// same for equal scores. `None` when the histogram is flat, as in silence.
pub fn rank(histogram: &Histogram) -> Option<Vec<(Key, f64)>> {
    let mut ranked = Vec::with_capacity(24);
    for (mode, profile) in [(Mode::Major, MAJOR), (Mode::Minor, MINOR)] {
        for tonic in 0..12 {
            let turned: Vec<f64> = (0..12).map(|i| profile[(i + 12 - tonic) % 12]).collect();
            ranked.push((Key { tonic: PitchClass::of(tonic as i32), mode }, correlation(histogram, &turned)?));
        }
    }
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    Some(ranked)
}

/// The key of a song: the one it states, else the best fit to its melody and locked chords, else C major.
pub fn of_song(song: &Song) -> Key {
    if let Some(key) = song.key {
        return key;
    }
    let (melody, chords) = (of_melody(&song.melody), of_chords(&song.locked_chords));
    let mut histogram = [0.0; 12];
    for (i, slot) in histogram.iter_mut().enumerate() {
        *slot = melody[i] + chords[i];
    }
    match rank(&histogram) {
        Some(ranked) => ranked[0].0,
        None => Key { tonic: PitchClass::of(0), mode: Mode::Major },
    }
}

/// Pearson's correlation; `None` where one side does not vary.
fn correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let (ma, mb) = (mean(a), mean(b));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        ab += (x - ma) * (y - mb);
        aa += (x - ma).powi(2);
        bb += (y - mb).powi(2);
    }
    let scale = (aa * bb).sqrt();
    (scale.is_finite() && scale > 1e-12).then(|| ab / scale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use continuo_core::{Tick, Ticks};

    fn melody(pitches: &[u8]) -> Vec<Note> {
        let one = Ticks::quarters(1.0);
        pitches
            .iter()
            .enumerate()
            .map(|(i, &pitch)| Note { at: Tick(i as i64 * one.0), len: one, pitch, velocity: 80 })
            .collect()
    }

    #[test]
    fn scales_are_recognised_in_every_transposition() {
        for shift in 0..12u8 {
            // "Ode to Joy" and the opening of "Greensleeves", both in the public domain.
            let ode: Vec<u8> = [64, 64, 65, 67, 67, 65, 64, 62, 60, 60, 62, 64, 62, 60, 60].map(|p| p + shift).to_vec();
            let green: Vec<u8> =
                [57, 60, 62, 64, 65, 64, 62, 59, 55, 57, 59, 60, 57, 57, 56, 57].map(|p| p + shift).to_vec();
            let key = |notes| rank(&of_melody(&melody(notes))).unwrap()[0].0;
            assert_eq!(key(&ode), Key { tonic: PitchClass::of(i32::from(shift)), mode: Mode::Major });
            assert_eq!(key(&green), Key { tonic: PitchClass::of(9 + i32::from(shift)), mode: Mode::Minor });
        }
    }

    #[test]
    fn silence_has_no_key_and_a_stated_key_wins() {
        assert_eq!(rank(&of_melody(&[])), None);
        let stated = Key { tonic: PitchClass::of(6), mode: Mode::Minor };
        let song = Song { melody: melody(&[60, 64, 67]), key: Some(stated), ..Song::default() };
        assert_eq!(of_song(&song), stated);
    }
}
