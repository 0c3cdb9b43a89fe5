//! Loudness, ceiling and limiter drive: computed from the measured mix and the target, never learned.

use continuo_core::mastering::{MasterSettings, Move, MoveKind, MoveUnit, Target};
use continuo_core::origin::Origin;

/// What the meters say about the music.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// Integrated loudness, LUFS (ITU-R BS.1770-5, gated).
    pub integrated_lufs: f64,
    /// True peak, dBTP.
    pub true_peak_dbtp: f64,
}

/// Smallest change of level worth a move, dB: under it two meters disagree.
const LEAST_DB: f64 = 0.1;
/// Limits of the chain's gains, dB (see [`MasterSettings`]).
const MOST_DB: f64 = 24.0;

fn computed(id: &str, rule: &str, what: MoveKind, amount: f64, unit: MoveUnit, reason: String) -> Move {
    let amount = (amount * 100.0).round() / 100.0;
    Move {
        id: id.to_owned(),
        what,
        amount,
        unit,
        low: amount,
        high: amount,
        confidence: 1.0,
        reason,
        origin: Origin::rule(rule),
    }
}

/// The moves that bring the music to `target`: gain down, or drive into the limiter, and the ceiling where it differs
/// from the chain's default. Empty when the music is there already, silent (loudness not finite) or the target is no
/// number. Measure again after other moves were accepted: they change the loudness too.
pub fn level_moves(measured: &Measured, target: &Target) -> Vec<Move> {
    let mut moves = Vec::new();
    let (now, peak) = (measured.integrated_lufs, measured.true_peak_dbtp);
    if !now.is_finite() || !target.loudness_lufs.is_finite() || !target.ceiling_dbtp.is_finite() {
        return moves;
    }
    let need = (target.loudness_lufs - now).clamp(-MOST_DB, MOST_DB);
    let over = peak + need - target.ceiling_dbtp;
    let aim = target.loudness_lufs;
    if need <= -LEAST_DB {
        moves.push(computed(
            "level.gain",
            "mastering.level",
            MoveKind::InputGain,
            need,
            MoveUnit::Decibels,
            format!(
                "The mix measures {now:.1} LUFS and the target is {aim:.1} LUFS, so it comes down by {:.1} dB.",
                -need
            ),
        ));
    } else if need >= LEAST_DB {
        let limited = if over > 0.0 {
            format!("the limiter will take up to {over:.1} dB off the highest peaks")
        } else {
            format!("the highest peak stays {:.1} dB under the ceiling", -over)
        };
        moves.push(computed(
            "level.drive",
            "mastering.level",
            MoveKind::Drive,
            need,
            MoveUnit::Decibels,
            format!(
                "The mix measures {now:.1} LUFS and the target is {aim:.1} LUFS: {need:.1} dB of drive; {limited}."
            ),
        ));
    }
    if (target.ceiling_dbtp - MasterSettings::default().ceiling_dbtp).abs() > 1e-9 {
        moves.push(computed(
            "level.ceiling",
            "mastering.level",
            MoveKind::Ceiling,
            target.ceiling_dbtp,
            MoveUnit::TruePeak,
            format!(
                "The mix peaks at {peak:.1} dBTP, {:.1} dBTP at the target loudness; the target keeps it at or under {:.1} dBTP.",
                peak + need,
                target.ceiling_dbtp
            ),
        ));
    }
    moves
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quiet_mix_is_driven_and_a_loud_one_turned_down() {
        let target = Target { loudness_lufs: -14.0, ceiling_dbtp: -1.0 };
        let quiet = level_moves(&Measured { integrated_lufs: -20.5, true_peak_dbtp: -4.0 }, &target);
        assert_eq!(quiet.len(), 1);
        assert!((quiet[0].amount - 6.5).abs() < 1e-9 && quiet[0].what == MoveKind::Drive);
        // -4 + 6.5 is 2.5 dBTP, 3.5 dB over the ceiling of -1.
        assert!(quiet[0].reason.contains("3.5 dB off"), "{}", quiet[0].reason);
        let loud = level_moves(&Measured { integrated_lufs: -8.0, true_peak_dbtp: 0.3 }, &target);
        assert!(loud.len() == 1 && loud[0].what == MoveKind::InputGain && (loud[0].amount + 6.0).abs() < 1e-9);
    }

    #[test]
    fn nothing_is_said_where_nothing_is_to_do() {
        let there = Measured { integrated_lufs: -14.05, true_peak_dbtp: -2.0 };
        assert!(level_moves(&there, &Target::default()).is_empty());
        let silent = Measured { integrated_lufs: f64::NEG_INFINITY, true_peak_dbtp: f64::NEG_INFINITY };
        assert!(level_moves(&silent, &Target::default()).is_empty());
    }

    #[test]
    fn another_ceiling_is_a_move_of_its_own() {
        let target = Target { loudness_lufs: -14.0, ceiling_dbtp: -2.0 };
        let moves = level_moves(&Measured { integrated_lufs: -14.0, true_peak_dbtp: -0.5 }, &target);
        assert!(moves.len() == 1 && moves[0].what == MoveKind::Ceiling && moves[0].amount == -2.0);
    }
}
