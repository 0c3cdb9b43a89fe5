//! The moves on offer for a recording; why there are none, when there can be none.

use super::papers::Papers;
use super::{Progress, mind};
use crate::resources::Resources;
use continuo_core::SampleRate;
use continuo_core::mastering::Move;
use continuo_models::mastering::{Features, Mastering};
use continuo_provenance::record::ModelRecord;

/// Frames taken up at a time.
const BLOCK: usize = 65_536;

/// What is on offer.
#[derive(Clone, Debug, Default)]
pub struct Offers {
    /// The trained moves; often none, and that is meant.
    pub moves: Vec<Move>,
    /// The model, as a record describes it.
    pub models: Vec<ModelRecord>,
    /// Why there can be no suggestion; level and ceiling are computed all the same.
    pub unavailable: Option<String>,
}

/// Listens to the recording and asks the model.
pub fn offers(channels: [&[f32]; 2], rate: SampleRate, resources: &Resources, progress: Progress<'_>) -> Offers {
    match trained(channels, rate, resources, progress) {
        Ok((moves, model)) => Offers { moves, models: vec![model], unavailable: None },
        Err(why) => Offers { unavailable: Some(why), ..Offers::default() },
    }
}

fn trained(
    channels: [&[f32]; 2],
    rate: SampleRate,
    resources: &Resources,
    progress: Progress<'_>,
) -> Result<(Vec<Move>, ModelRecord), String> {
    let folder = resources.model("mastering")?;
    let runtime = mind::runtime(resources).map_err(|e| e.to_string())?;
    let mut model = Mastering::load(&runtime, &folder).map_err(|e| e.to_string())?;
    let papers = Papers::read(&folder).map_err(|e| e.to_string())?;
    let mut features = Features::new(rate);
    let frames = channels[0].len().min(channels[1].len());
    for from in (0..frames).step_by(BLOCK) {
        let to = (from + BLOCK).min(frames);
        features.push(&channels[0][from..to], &channels[1][from..to]);
        progress("listening to the mix", to as f32 / frames as f32);
    }
    // Too short or too quiet to have features: then there is nothing to suggest, which is no fault of the model.
    let moves = match features.finish() {
        Some(row) => model.trained_moves(&row).map_err(|e| e.to_string())?,
        None => Vec::new(),
    };
    Ok((moves, papers.record()))
}
