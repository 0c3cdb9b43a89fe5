//! Mastering a whole recording: measure, apply what was accepted, land on the loudness asked for, hold the ceiling.

use super::measure::{Measurement, measure};
use super::{EngineError, Progress, arrange};
use crate::files::audio::resample::true_peak;
use continuo_core::mastering::{MasterSettings, Move, MoveKind, Target};
use continuo_core::{Frames, Origin, SampleRate, Suggestion, SuggestionId, UseRecord};
use continuo_dsp::MasterChain;
use continuo_models::mastering::{Measured, level_moves};
use continuo_provenance::MoveUse;

/// How near to the loudness asked for the master must come, LU. Meters of different makers agree to 0.1 LU.
pub const TOLERANCE_LU: f64 = 0.05;
/// Room left under the ceiling, dB, beneath the larger of two readings of the peak: our meter's and a common one's.
const METERS_DIFFER_DB: f64 = 0.02;
/// When a decibel more into the limiter brings less than this, LU, pushing on would only do damage.
const LEAST_SLOPE: f64 = 0.2;
/// Most runs of the chain on the way there.
const MAX_PASSES: usize = 12;
/// Frames processed at a time.
const BLOCK: usize = 4_096;
/// Limit of each of the chain's two gains, dB (see [`MasterSettings`]).
const MOST_DB: f64 = 24.0;
/// First suggestion number of mastering moves; takes count from 1 and are at most a few.
const FIRST_ID: u64 = 1_000;

/// Which of the offered moves the user accepts.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice {
    /// Every one.
    All,
    /// None.
    None,
    /// Those with these ids.
    Ids(Vec<String>),
}

impl Choice {
    fn takes(&self, id: &str) -> bool {
        match self {
            Choice::All => true,
            Choice::None => false,
            Choice::Ids(ids) => ids.iter().any(|i| i == id),
        }
    }
}

/// A finished master.
#[derive(Clone, Debug)]
pub struct Mastered {
    /// Left and right.
    pub channels: [Vec<f32>; 2],
    /// Frames per second.
    pub rate: SampleRate,
    /// What came in, measured.
    pub before: Measurement,
    /// What came out, measured.
    pub after: Measurement,
    /// The chain's settings.
    pub settings: MasterSettings,
    /// Every move offered, the computed ones for level and ceiling last, and whether it was accepted.
    pub offered: Vec<(Move, bool)>,
    /// What was accepted, as applied, with the records of it.
    pub uses: Vec<(MoveUse, UseRecord)>,
    /// What could not be done, in plain sentences.
    pub notices: Vec<String>,
}

/// Masters a recording. `moves` are the ones on offer for tone, width, dynamics and the like; level and ceiling follow
/// from `target` and are computed here. The user's word for them is the run itself (`--for`).
///
/// # Errors
/// When `choice` names a move that is not on offer.
pub fn master(
    channels: [&[f32]; 2],
    rate: SampleRate,
    moves: &[Move],
    choice: &Choice,
    target: Target,
    progress: Progress<'_>,
) -> Result<Mastered, EngineError> {
    check_choice(moves, choice)?;
    let before = measure(channels, rate);
    let mut settings =
        MasterSettings { ceiling_dbtp: target.ceiling_dbtp - METERS_DIFFER_DB, ..MasterSettings::default() };
    let (mut offered, mut uses, mut notices) = (Vec::new(), Vec::new(), Vec::new());
    for offer in moves {
        let accepted = choice.takes(&offer.id);
        if accepted {
            offer.apply(&mut settings, 1.0);
            uses.push(used(offer, offer.amount, uses.len()));
        }
        offered.push((offer.clone(), accepted));
    }
    // The level is computed from what the accepted moves leave.
    let open = MasterSettings { limiter_on: false, ..settings };
    progress("mastering", 0.0);
    let toned =
        if uses.is_empty() { before.clone() } else { measure_pair(&process(channels, rate, &open, &mut |_| {}), rate) };
    let computed = level_moves(
        &Measured { integrated_lufs: toned.integrated_lufs, true_peak_dbtp: toned.true_peak_dbtp },
        &target,
    );
    let landed = land(channels, rate, settings, target, toned.integrated_lufs, progress);
    for offer in &computed {
        let amount = match offer.what {
            MoveKind::Drive | MoveKind::InputGain => landed.level_db,
            _ => offer.amount,
        };
        uses.push(used(offer, amount, uses.len()));
        offered.push((offer.clone(), true));
    }
    let miss = landed.after.integrated_lufs - target.loudness_lufs;
    if !before.integrated_lufs.is_finite() {
        notices.push(
            "The recording is too short or too quiet to measure its loudness; its level is left as it is.".into(),
        );
    } else if miss.abs() > 2.0 * TOLERANCE_LU {
        notices.push(format!(
            "The master reaches {:.1} LUFS and not {:.1}: under a ceiling of {:.1} dBTP this recording cannot be made louder without damage.",
            landed.after.integrated_lufs, target.loudness_lufs, target.ceiling_dbtp
        ));
    }
    Ok(Mastered {
        channels: landed.channels,
        rate,
        before,
        after: landed.after,
        settings: landed.settings,
        offered,
        uses,
        notices,
    })
}

fn check_choice(moves: &[Move], choice: &Choice) -> Result<(), EngineError> {
    if let Choice::Ids(ids) = choice
        && let Some(unknown) = ids.iter().find(|id| !moves.iter().any(|m| m.id == **id))
    {
        let known: Vec<&str> = moves.iter().map(|m| m.id.as_str()).collect();
        let known = if known.is_empty() { "none".into() } else { known.join(", ") };
        return Err(EngineError::Other(format!(
            "there is no move '{unknown}' on offer for this recording; on offer: {known}"
        )));
    }
    Ok(())
}

fn used(offer: &Move, amount: f64, index: usize) -> (MoveUse, UseRecord) {
    let origins: Vec<Origin> = vec![offer.origin.clone()];
    let suggestion = Suggestion::offer(SuggestionId(FIRST_ID + index as u64), origins, 0, offer.clone());
    let (effect, record) = suggestion.accept(arrange::command_line()).split();
    (MoveUse { suggested: effect.into_content(), amount, human_edits: Vec::new() }, record)
}

struct Landed {
    channels: [Vec<f32>; 2],
    after: Measurement,
    settings: MasterSettings,
    level_db: f64,
}

/// Runs the chain until the loudness is the one asked for: after each run the level moves by what is missing, divided by
/// how much the last move brought (the limiter gives back less than it is given). The ceiling comes down by what the
/// meter still finds above it.
fn land(
    channels: [&[f32]; 2],
    rate: SampleRate,
    settings: MasterSettings,
    target: Target,
    start_lufs: f64,
    progress: Progress<'_>,
) -> Landed {
    let measurable = start_lufs.is_finite();
    let mut level = if measurable { target.loudness_lufs - start_lufs } else { 0.0 };
    let mut settings = settings;
    let mut last: Option<(f64, f64)> = None;
    let mut pass = 0;
    loop {
        level = level.clamp(-MOST_DB, 2.0 * MOST_DB);
        set_level(&mut settings, level);
        let from = pass as f32 / (pass + 2) as f32;
        let to = (pass + 1) as f32 / (pass + 3) as f32;
        let out = process(channels, rate, &settings, &mut |share| progress("mastering", from + (to - from) * share));
        let after = measure_pair(&out, rate);
        pass += 1;
        let sharpest = out.iter().map(|c| true_peak(c)).fold(0.0, f64::max);
        let peak_dbtp = after.true_peak_dbtp.max(20.0 * sharpest.log10());
        let after = Measurement { true_peak_dbtp: peak_dbtp, ..after };
        let over = peak_dbtp - (target.ceiling_dbtp - METERS_DIFFER_DB);
        let miss = target.loudness_lufs - after.integrated_lufs;
        let near = !measurable || miss.abs() <= TOLERANCE_LU;
        let stuck =
            last.is_some_and(|(l, lufs)| level - l > 0.3 && (after.integrated_lufs - lufs) / (level - l) < LEAST_SLOPE);
        if (near && over <= 0.0) || pass >= MAX_PASSES || stuck && over <= 0.0 {
            progress("mastering", 1.0);
            return Landed { channels: out, after, settings, level_db: level };
        }
        if over > 0.0 {
            settings.ceiling_dbtp -= over + 0.005;
        }
        if !near && !stuck {
            let slope = last.map_or(1.0, |(l, lufs)| {
                let moved = level - l;
                if moved.abs() < 1e-3 { 1.0 } else { ((after.integrated_lufs - lufs) / moved).clamp(0.2, 1.2) }
            });
            last = Some((level, after.integrated_lufs));
            level += (miss / slope).clamp(-6.0, 6.0);
        }
    }
}

/// Gain down goes before the chain; gain up goes into the limiter, and before the chain only what the limiter's gain
/// cannot give.
fn set_level(settings: &mut MasterSettings, level_db: f64) {
    settings.drive_db = level_db.clamp(0.0, MOST_DB);
    settings.input_gain_db = (level_db - settings.drive_db).clamp(-MOST_DB, MOST_DB);
}

/// The recording through the chain, as long as it was, its latency taken out.
pub fn process(
    channels: [&[f32]; 2],
    rate: SampleRate,
    settings: &MasterSettings,
    progress: &mut dyn FnMut(f32),
) -> [Vec<f32>; 2] {
    let frames = channels[0].len().min(channels[1].len());
    let mut chain = MasterChain::new(rate, Frames(BLOCK as u64));
    chain.set(settings);
    let latency = chain.latency().0 as usize;
    let mut out = channels.map(|c| {
        let mut padded = Vec::with_capacity(frames + latency);
        padded.extend_from_slice(&c[..frames]);
        padded.resize(frames + latency, 0.0);
        padded
    });
    let [left, right] = &mut out;
    for (index, (l, r)) in left.chunks_mut(BLOCK).zip(right.chunks_mut(BLOCK)).enumerate() {
        chain.process(l, r);
        progress((index * BLOCK) as f32 / (frames + latency).max(1) as f32);
    }
    for channel in &mut out {
        channel.drain(..latency);
    }
    out
}

fn measure_pair(channels: &[Vec<f32>; 2], rate: SampleRate) -> Measurement {
    measure([&channels[0], &channels[1]], rate)
}
