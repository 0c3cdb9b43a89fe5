//! The mix: the parts played by our instruments, with the recording, or with the melody played as a lead.

use super::arrange::Arrangement;
use super::measure::measure;
use super::song::Loaded;
use super::{EngineError, Progress};
use crate::files::audio;
use continuo_core::{Frames, Note, Part, SamplePos, SampleRate, Song};
use continuo_dsp::{MixSettings, NoteEvent, Stereo, render_parts};
use continuo_provenance::Audio;

/// Rate of a mix that has no recording in it, hertz.
const RATE_HZ: f64 = 48_000.0;
/// How long the last notes and the room may ring, seconds.
const TAIL_S: f64 = 3.0;
/// How much louder than the band the melody is, LU. A singer stands about this much in front of a backing.
const LEAD_LU: f64 = 2.0;
/// Most the band is moved for it, dB.
const MOST_DB: f64 = 18.0;
/// The melody's own instrument when it is not a recording.
const LEAD: Part = Part::Keys;

/// A mix before mastering. Samples may lie above full scale; nothing is clipped.
#[derive(Clone, Debug, PartialEq)]
pub struct Mixed {
    /// Left and right.
    pub mix: Stereo,
    /// Frames per second.
    pub rate: SampleRate,
}

impl Mixed {
    /// Both channels.
    pub fn stereo(&self) -> [&[f32]; 2] {
        [&self.mix.left, &self.mix.right]
    }

    /// For writing.
    pub fn audio(&self) -> Audio {
        Audio { channels: vec![self.mix.left.clone(), self.mix.right.clone()], sample_rate: self.rate.hz() as u32 }
    }

    /// Turned down, if it must be, until its peak is at most -1 dBFS.
    pub fn within_full_scale(mut self) -> Self {
        let peak = self.mix.left.iter().chain(&self.mix.right).fold(0.0f32, |p, s| p.max(s.abs()));
        let most = 10f32.powf(-1.0 / 20.0);
        if peak > most {
            scale(&mut self.mix, most / peak);
        }
        self
    }
}

/// Renders the parts and mixes them with the recording or the lead. Second 0 is the song's first tick.
///
/// # Errors
/// When the song is longer than memory allows; its length was checked when it was read.
pub fn mix(loaded: &Loaded, arrangement: &Arrangement, progress: Progress<'_>) -> Result<Mixed, EngineError> {
    let clip = loaded.clip.clone().map(audio::for_chain);
    let rate = match &clip {
        Some(clip) => clip.rate,
        None => SampleRate::new(RATE_HZ).ok_or_else(|| EngineError::Other("no sample rate".into()))?,
    };
    let song = &loaded.song;
    let parts: Vec<(Part, Vec<NoteEvent>)> =
        arrangement.parts().iter().map(|(part, notes)| (*part, events(notes, song, rate))).collect();
    let last = parts.iter().flat_map(|(_, notes)| notes).map(|n| n.off.0).max().unwrap_or(0);
    let last = last.max(rate.frames(song.tempo.seconds_at(song.end())).0);
    let frames = (last + rate.frames(TAIL_S).0).max(clip.as_ref().map_or(0, |c| c.frames() as u64));
    progress("playing", 0.0);
    let mut band = render_parts(&parts, &MixSettings::default(), rate, Frames(frames)).mix;
    progress("playing", 0.7);
    let lead = match &clip {
        Some(clip) => {
            let [left, right] = clip.stereo();
            Stereo { left: left.to_vec(), right: right.to_vec() }
        }
        None => {
            let melody = [(LEAD, events(&song.melody, song, rate))];
            render_parts(&melody, &MixSettings::default(), rate, Frames(frames)).mix
        }
    };
    balance(&mut band, &lead, rate);
    for (sum, lead) in [(&mut band.left, &lead.left), (&mut band.right, &lead.right)] {
        for (s, l) in sum.iter_mut().zip(lead) {
            *s += l;
        }
    }
    progress("playing", 1.0);
    Ok(Mixed { mix: band, rate })
}

/// Notes at their frames: the tempo map's seconds times the rate, rounded.
pub fn events(notes: &[Note], song: &Song, rate: SampleRate) -> Vec<NoteEvent> {
    let frame = |tick| SamplePos(rate.frames(song.tempo.seconds_at(tick)).0);
    notes
        .iter()
        .map(|n| {
            let on = frame(n.at);
            NoteEvent { on, off: SamplePos(frame(n.end()).0.max(on.0 + 1)), pitch: n.pitch, velocity: n.velocity }
        })
        .collect()
}

/// Moves the band to where the lead stands in front of it. What cannot be measured is left as it is.
fn balance(band: &mut Stereo, lead: &Stereo, rate: SampleRate) {
    let lead_lufs = measure([&lead.left, &lead.right], rate).integrated_lufs;
    let band_lufs = measure([&band.left, &band.right], rate).integrated_lufs;
    let move_db = lead_lufs - LEAD_LU - band_lufs;
    if move_db.is_finite() {
        scale(band, 10f64.powf(move_db.clamp(-MOST_DB, MOST_DB) / 20.0) as f32);
    }
}

fn scale(stereo: &mut Stereo, factor: f32) {
    stereo.left.iter_mut().chain(&mut stereo.right).for_each(|s| *s *= factor);
}

#[cfg(test)]
mod tests {
    use super::*;
    use continuo_core::{TempoMap, Tick, Ticks};

    #[test]
    fn notes_stand_on_the_frames_of_the_tempo_map() {
        // Four quarters at 60 a minute, then 120: quarter 5 lies at 4.5 s.
        let song =
            Song { tempo: TempoMap::new(&[(Tick(0), 60.0), (Tick::at_quarters(4.0), 120.0)]), ..Song::default() };
        let note = |quarter, len| Note { at: Tick::at_quarters(quarter), len, pitch: 60, velocity: 90 };
        let rate = SampleRate::new(44_100.0).unwrap();
        let notes = events(&[note(5.0, Ticks::quarters(1.0)), note(0.0, Ticks(0))], &song, rate);
        assert_eq!((notes[0].on.0, notes[0].off.0), (198_450, 220_500));
        assert_eq!((notes[1].on.0, notes[1].off.0), (0, 1));
    }

    #[test]
    fn what_is_too_loud_is_turned_down_and_nothing_else() {
        let rate = SampleRate::new(48_000.0).unwrap();
        let loud = Mixed { mix: Stereo { left: vec![2.0, -1.0], right: vec![0.5, 0.0] }, rate }.within_full_scale();
        assert!((loud.mix.left[0] - 0.891_25).abs() < 1e-4 && (loud.mix.right[0] - 0.222_8).abs() < 1e-4);
        let soft = Mixed { mix: Stereo { left: vec![0.5], right: vec![0.1] }, rate };
        assert_eq!(soft.clone().within_full_scale(), soft);
    }
}
