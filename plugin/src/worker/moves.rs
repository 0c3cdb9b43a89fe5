//! The moves on offer and what became of them.

use crate::session::AcceptedMove;
use continuo_core::mastering::{EQ_BANDS, MasterSettings, Move, MoveKind};
use continuo_core::{Accepted, Gesture, Suggestion, SuggestionId};
use continuo_gui::data::{MoveStatus, MoveView};
use std::sync::Arc;

/// One move.
#[derive(Debug)]
struct Offered {
    id: SuggestionId,
    content: Arc<Move>,
    /// Gone once the human said yes.
    suggestion: Option<Suggestion<Arc<Move>>>,
    status: MoveStatus,
    share: f64,
}

/// The list of moves, in the chain's order.
#[derive(Debug, Default)]
pub struct Moves {
    list: Vec<Offered>,
}

/// Where in the chain a move acts, for the order of the list.
fn place(what: &MoveKind) -> usize {
    match what {
        MoveKind::InputGain => 0,
        MoveKind::HighPass => 1,
        MoveKind::Eq { band, .. } => 2 + band,
        MoveKind::Dynamics { band, .. } => 2 + EQ_BANDS + band,
        MoveKind::Width { band } => 12 + EQ_BANDS + band,
        MoveKind::Saturation => 30,
        MoveKind::Drive => 31,
        MoveKind::Ceiling => 32,
    }
}

impl Moves {
    /// Replaces what is still on offer or turned down by a new analysis; what was accepted stays.
    pub fn renew(&mut self, moves: Vec<Move>, mut next_id: impl FnMut() -> SuggestionId) {
        self.list.retain(|m| matches!(m.status, MoveStatus::Accepted | MoveStatus::Edited));
        for content in moves {
            if self.list.iter().any(|m| m.content.id == content.id && m.content.amount == content.amount) {
                continue;
            }
            let (id, content) = (next_id(), Arc::new(content));
            let suggestion = Suggestion::offer(id, vec![content.origin.clone()], 0, Arc::clone(&content));
            self.list.push(Offered {
                id,
                content,
                suggestion: Some(suggestion),
                status: MoveStatus::Offered,
                share: 1.0,
            });
        }
        self.list.sort_by_key(|m| place(&m.content.what));
    }

    /// What a project had accepted.
    pub fn restore(accepted: &[AcceptedMove]) -> Self {
        let list = accepted.iter().map(|a| Offered {
            id: a.record.id(),
            content: Arc::new(a.suggested.clone()),
            suggestion: None,
            status: MoveStatus::Accepted,
            share: a.share,
        });
        Self { list: list.collect() }
    }

    fn find(&mut self, id: SuggestionId) -> Option<&mut Offered> {
        self.list.iter_mut().find(|m| m.id == id)
    }

    /// Moves waiting for the human.
    pub fn open(&self) -> impl Iterator<Item = (SuggestionId, &Arc<Move>, f64)> {
        self.list.iter().filter(|m| m.status == MoveStatus::Offered).map(|m| (m.id, &m.content, m.share))
    }

    /// Accepted moves with their shares.
    pub fn accepted(&self) -> impl Iterator<Item = (SuggestionId, &Arc<Move>, f64)> {
        let yes = |m: &&Offered| matches!(m.status, MoveStatus::Accepted | MoveStatus::Edited);
        self.list.iter().filter(yes).map(|m| (m.id, &m.content, m.share))
    }

    /// The human's yes; gives the accepted move, its share, and its name.
    pub fn accept(&mut self, id: SuggestionId, gesture: Gesture) -> Option<(Accepted<Arc<Move>>, Arc<Move>, f64)> {
        let offered = self.find(id)?;
        let suggestion = offered.suggestion.take()?;
        offered.status = MoveStatus::Accepted;
        Some((suggestion.accept(gesture), Arc::clone(&offered.content), offered.share))
    }

    /// The human's no. Gives the move and whether it had been accepted.
    pub fn reject(&mut self, id: SuggestionId) -> Option<(Arc<Move>, bool)> {
        let offered = self.find(id)?;
        let was = match offered.status {
            MoveStatus::Rejected => return None,
            MoveStatus::Offered => false,
            MoveStatus::Accepted | MoveStatus::Edited => true,
        };
        offered.status = MoveStatus::Rejected;
        Some((Arc::clone(&offered.content), was))
    }

    /// Puts a move back on offer, as a new suggestion.
    pub fn offer_again(&mut self, id: SuggestionId, new: SuggestionId) {
        if let Some(offered) = self.find(id) {
            offered.id = new;
            offered.status = MoveStatus::Offered;
            let origins = vec![offered.content.origin.clone()];
            offered.suggestion = Some(Suggestion::offer(new, origins, 0, Arc::clone(&offered.content)));
        }
    }

    /// Sets how much of a move; gives the move when it is in force.
    pub fn set_share(&mut self, id: SuggestionId, share: f64) -> Option<Arc<Move>> {
        let offered = self.find(id)?;
        offered.share = if share.is_finite() { share.clamp(0.0, 2.0) } else { 1.0 };
        matches!(offered.status, MoveStatus::Accepted | MoveStatus::Edited).then(|| Arc::clone(&offered.content))
    }

    /// Compares accepted moves with the settings in use; gives those that the human has changed by hand since.
    pub fn find_edits(&mut self, settings: &MasterSettings) -> Vec<(SuggestionId, String)> {
        let mut edits = Vec::new();
        for offered in self.list.iter_mut().filter(|m| m.status == MoveStatus::Accepted) {
            let mut expected = *settings;
            offered.content.apply(&mut expected, offered.share);
            if !close(&expected, settings) {
                offered.status = MoveStatus::Edited;
                edits.push((offered.id, format!("{} changed by hand", offered.content.id)));
            }
        }
        edits
    }

    /// For the screen.
    pub fn views(&self) -> Vec<MoveView> {
        let view = |m: &Offered| MoveView {
            id: m.id,
            content: Arc::clone(&m.content),
            status: m.status,
            share: m.share as f32,
        };
        self.list.iter().map(view).collect()
    }

    /// How many moves have this status.
    pub fn count(&self, status: MoveStatus) -> u32 {
        u32::try_from(self.list.iter().filter(|m| m.status == status).count()).unwrap_or(u32::MAX)
    }
}

/// Equal as far as host parameters, stored as singles, can tell.
fn close(a: &MasterSettings, b: &MasterSettings) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-3 * (1.0 + a.abs().max(b.abs()));
    let eq = a.eq.iter().zip(&b.eq).all(|(x, y)| {
        near(x.gain_db, y.gain_db)
            && (near(x.gain_db, 0.0) || (x.shape == y.shape && near(x.hz, y.hz) && near(x.q, y.q)))
    });
    let dynamics = a
        .dynamics
        .iter()
        .zip(&b.dynamics)
        .all(|(x, y)| near(x.ratio, y.ratio) && (near(x.ratio, 1.0) || near(x.threshold_db, y.threshold_db)));
    eq && dynamics
        && a.width.iter().zip(&b.width).all(|(x, y)| near(*x, *y))
        && near(a.highpass_hz, b.highpass_hz)
        && near(a.saturation_db, b.saturation_db)
        && near(a.drive_db, b.drive_db)
        && near(a.input_gain_db, b.input_gain_db)
        && near(a.ceiling_dbtp, b.ceiling_dbtp)
}

#[cfg(test)]
mod tests {
    use super::*;
    use continuo_core::mastering::{EqShape, MoveUnit};
    use continuo_core::{GestureKind, Origin};

    fn presence(amount: f64) -> Move {
        Move {
            id: "eq.presence".into(),
            what: MoveKind::Eq { band: 5, shape: EqShape::Bell, hz: 3000.0, q: 0.9 },
            amount,
            unit: MoveUnit::Decibels,
            low: amount - 1.0,
            high: amount + 1.0,
            confidence: 0.8,
            reason: "test".into(),
            origin: Origin::rule("test"),
        }
    }

    #[test]
    fn a_hand_edit_of_an_accepted_move_is_noticed_once() {
        let mut moves = Moves::default();
        moves.renew(vec![presence(-2.0)], || SuggestionId(1));
        let gesture = Gesture { kind: GestureKind::Editor, at_unix_ms: None };
        let (accepted, content, share) = moves.accept(SuggestionId(1), gesture).unwrap();
        assert!(moves.accept(SuggestionId(1), gesture).is_none(), "one yes, one effect");
        let mut settings = MasterSettings::default();
        accepted.split().0.content().apply(&mut settings, share);
        assert_eq!(content.amount, -2.0);
        assert!(moves.find_edits(&settings).is_empty());
        settings.eq[5].gain_db = -1.0;
        assert_eq!(moves.find_edits(&settings).len(), 1);
        assert!(moves.find_edits(&settings).is_empty());
        assert_eq!(moves.views()[0].status, MoveStatus::Edited);
    }

    #[test]
    fn a_new_analysis_keeps_what_was_accepted() {
        let mut moves = Moves::default();
        moves.renew(vec![presence(-2.0)], || SuggestionId(1));
        moves.accept(SuggestionId(1), Gesture { kind: GestureKind::Editor, at_unix_ms: None });
        moves.renew(vec![presence(1.0)], || SuggestionId(2));
        assert_eq!(moves.accepted().count(), 1);
        assert_eq!(moves.open().count(), 1);
    }
}
