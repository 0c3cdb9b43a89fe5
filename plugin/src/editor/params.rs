//! Host parameters by id, for screens that know only words.

use continuo_gui::data::{ParamEdit, ParamView};
use nice_plug::context::gui::GuiContext;
use nice_plug::prelude::{ParamPtr, Params};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Every parameter of a list, found by id.
pub struct ParamTable {
    by_id: BTreeMap<String, ParamPtr>,
    // The pointers above point into this.
    _params: Arc<dyn Params>,
}

// The pointers are only used through the parameters' own atomic interfaces, and live as long as the list they point
// into, which this table holds.
#[allow(unsafe_code, reason = "the framework offers parameters by id only as pointers")]
unsafe impl Send for ParamTable {}

#[allow(
    unsafe_code,
    reason = "the framework offers parameters by id only as pointers; the list is kept alive beside them"
)]
impl ParamTable {
    /// A table over `params`.
    pub fn new(params: Arc<dyn Params>) -> Self {
        let by_id = params.param_map().into_iter().map(|(id, ptr, _)| (id, ptr)).collect();
        Self { by_id, _params: params }
    }

    /// The parameter as a screen sees it; an unknown id gives an empty one.
    pub fn view(&self, id: &str) -> ParamView {
        let Some(ptr) = self.by_id.get(id) else { return ParamView::default() };
        // SAFETY: the list is alive, see `_params`.
        unsafe {
            let normalized = ptr.unmodulated_normalized_value();
            let text = ptr.normalized_value_to_string(normalized, true);
            let view = ParamView::new(id, ptr.name(), normalized, ptr.default_normalized_value(), text);
            match (ptr, ptr.step_count()) {
                (ParamPtr::EnumParam(_) | ParamPtr::BoolParam(_), Some(steps)) => {
                    let choice = |i: usize| ptr.normalized_value_to_string(i as f32 / steps.max(1) as f32, true);
                    view.with_choices((0..=steps).map(choice))
                }
                _ => view,
            }
        }
    }

    /// Carries out one step of a gesture through the host.
    pub fn edit(&self, id: &str, edit: ParamEdit, gui: &GuiContext) {
        let Some(&ptr) = self.by_id.get(id) else { return };
        // SAFETY: the list is alive, see `_params`; called on the window's thread, as the framework asks.
        unsafe {
            match edit {
                ParamEdit::Begin => gui.raw_begin_set_parameter(ptr),
                ParamEdit::Set(value) if value.is_finite() => {
                    gui.raw_set_parameter_normalized(ptr, value.clamp(0.0, 1.0));
                }
                ParamEdit::SetPlain(value) if value.is_finite() => {
                    gui.raw_set_parameter_normalized(ptr, ptr.preview_normalized(value as f32));
                }
                ParamEdit::Set(_) | ParamEdit::SetPlain(_) => {}
                ParamEdit::End => gui.raw_end_set_parameter(ptr),
            }
        }
    }

    /// Sets a parameter as one whole gesture, unless it has that value already.
    pub fn set_plain(&self, id: &str, value: f64, gui: &GuiContext) {
        let Some(&ptr) = self.by_id.get(id) else { return };
        // SAFETY: as in `edit`.
        unsafe {
            let normalized = ptr.preview_normalized(value as f32);
            if (normalized - ptr.unmodulated_normalized_value()).abs() > f32::EPSILON {
                gui.raw_begin_set_parameter(ptr);
                gui.raw_set_parameter_normalized(ptr, normalized);
                gui.raw_end_set_parameter(ptr);
            }
        }
    }
}
