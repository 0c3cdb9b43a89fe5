//! What a user asks of a take.

use crate::style::Style;
use serde::{Deserialize, Serialize};

/// The sliders of a take. Every value is 0 to 1 with 0.5 as the middle of the road.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Controls {
    /// How the parts are played.
    pub style: Style,
    /// Notes per beat: 0 few, 1 many.
    pub density: f32,
    /// Temperature of harmony and parts: 0 the likeliest, 1 daring.
    pub adventure: f32,
}

impl Default for Controls {
    fn default() -> Self {
        Self { style: Style::default(), density: 0.5, adventure: 0.3 }
    }
}

impl Controls {
    /// The same controls with every slider inside 0 to 1; not-a-number becomes the default.
    pub fn clean(self) -> Self {
        let fix = |v: f32, d: f32| if v.is_finite() { v.clamp(0.0, 1.0) } else { d };
        let default = Self::default();
        Self {
            style: self.style,
            density: fix(self.density, default.density),
            adventure: fix(self.adventure, default.adventure),
        }
    }
}
