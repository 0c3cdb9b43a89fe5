//! The song as a piano roll: melody, what was accepted, and the take that is looked at, under bar lines and chords.
//!
//! The wheel scrolls through time (with shift: through pitch) and zooms with the command key; dragging moves the roll; a
//! double click fits everything. While the host plays, the roll turns the page with the playhead.

mod lanes;
mod paint;

use super::button::{self, Face, Look};
use super::icon::Icon;
use crate::data::{SongView, TakeView};
use crate::theme::{Palette, RADIUS};
use continuo_core::{Note, Part, TICKS_PER_QUARTER, Tick};
use egui::{Id, Pos2, Rangef, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

/// How far one may zoom in and out, quarter notes per point.
const ZOOM: std::ops::RangeInclusive<f64> = 0.002..=1.0;
/// The widest view that fits itself, quarter notes per point: a bar of 4/4 is 32 points. Longer songs are shown by pages.
const WIDEST_FIT: f64 = 0.125;
/// Fewest semitones shown, so that a tune of three notes does not become three beams.
const FEWEST_ROWS: f32 = 17.0;

/// How the roll is looked at. Kept by the window, not by the plugin.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Gaze {
    /// Quarter notes at the left edge.
    left: f64,
    /// Quarter notes per point.
    zoom: f64,
    /// Pitch at the bottom edge.
    low: f32,
    /// Semitones shown.
    rows: f32,
    /// True once a human moved it; until then it fits itself.
    held: bool,
}

/// What is shown where.
pub(super) struct Frame {
    /// Bar numbers.
    pub ruler: Rect,
    /// Chord names.
    pub chords: Rect,
    /// Pitched notes.
    pub notes: Rect,
    /// Drums.
    pub drums: Rect,
    /// The keyboard at the left.
    pub keys: Rect,
    gaze: Gaze,
}

impl Frame {
    /// Horizontal place of a tick.
    pub fn x(&self, at: Tick) -> f32 {
        self.notes.left() + ((at.as_quarters() - self.gaze.left) / self.gaze.zoom) as f32
    }

    /// Vertical extent of a pitch.
    pub fn y(&self, pitch: f32) -> Rangef {
        let row = self.notes.height() / self.gaze.rows;
        let bottom = self.notes.bottom() - (pitch - self.gaze.low) * row;
        Rangef::new(bottom - row, bottom)
    }

    /// First and last tick in view.
    pub fn span(&self) -> (Tick, Tick) {
        let right = self.gaze.left + f64::from(self.notes.width()) * self.gaze.zoom;
        (Tick::at_quarters(self.gaze.left), Tick::at_quarters(right))
    }

    /// Lowest and highest pitch in view.
    pub fn pitches(&self) -> (i32, i32) {
        (self.gaze.low.floor() as i32, (self.gaze.low + self.gaze.rows).ceil() as i32)
    }
}

/// The roll in `rect`; gives the response of its ground, which takes keyboard focus.
pub fn piano_roll(ui: &mut Ui, p: &Palette, rect: Rect, song: &SongView, take: Option<&TakeView>) -> Response {
    let id = ui.scope_id().with("piano roll");
    ui.painter().rect(rect, RADIUS, p.well, Stroke::new(1.0, p.line), StrokeKind::Inside);
    let response = ui.interact(rect, id, Sense::click_and_drag());
    let words = describe(song, take);
    response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, &words));
    let areas = areas(rect.shrink(1.0), has_drums(song, take));
    let fit = fitted(&areas, song, take);
    let mut gaze = ui.data(|d| d.get_temp::<Gaze>(id)).filter(|g| g.held).unwrap_or(fit);
    steer(ui, &response, &areas, &mut gaze, &fit, song, take);
    ui.data_mut(|d| d.insert_temp(id, gaze));
    let frame = Frame { gaze, ..areas };
    paint::everything(ui, p, rect, &frame, song, take);
    if gaze.held {
        let place = Rect::from_min_size(pos2(rect.right() - 26.0, frame.chords.bottom() + 4.0), vec2(20.0, 20.0));
        ui.painter().rect_filled(place, 4.0, p.card);
        if button::button(ui, p, place, Face::icon(Icon::Fit, "Fit the whole song"), Look::Quiet, true) {
            ui.data_mut(|d| d.insert_temp(id, Gaze { held: false, ..gaze }));
        }
    }
    response
}

/// The id of the roll that `ui` shows, for keyboard focus.
pub fn id_in(ui: &Ui) -> Id {
    ui.scope_id().with("piano roll")
}

fn describe(song: &SongView, take: Option<&TakeView>) -> String {
    let notes = song.song.melody.len();
    let mut words = format!("Piano roll: {notes} melody notes, {} accepted phrases", song.accepted.len());
    if let Some(take) = take {
        words += &format!(", {} looked at", take.name);
    }
    words
}

fn has_drums(song: &SongView, take: Option<&TakeView>) -> bool {
    let in_take = take.is_some_and(|t| t.content.phrases.iter().any(|f| f.part == Part::Drums));
    in_take || song.accepted.iter().any(|f| f.part == Part::Drums)
}

fn areas(rect: Rect, drums: bool) -> Frame {
    let keys_width = 34.0;
    let drums_height = if drums { (rect.height() * 0.18).clamp(26.0, 56.0) } else { 0.0 };
    let row =
        |top: f32, bottom: f32| Rect::from_min_max(pos2(rect.left() + keys_width, top), pos2(rect.right(), bottom));
    let (ruler, chords) = (rect.top() + 17.0, rect.top() + 37.0);
    Frame {
        ruler: row(rect.top(), ruler),
        chords: row(ruler, chords),
        notes: row(chords, rect.bottom() - drums_height),
        drums: row(rect.bottom() - drums_height, rect.bottom()),
        keys: Rect::from_min_max(
            pos2(rect.left(), chords),
            pos2(rect.left() + keys_width, rect.bottom() - drums_height),
        ),
        gaze: Gaze { left: 0.0, zoom: 0.02, low: 48.0, rows: 36.0, held: false },
    }
}

/// The last bar line of song and take.
fn end(song: &SongView, take: Option<&TakeView>) -> Tick {
    let meters = &song.song.meters;
    let bars = song.accepted.iter().map(|f| f.bars).chain(take.map(|t| t.content.bars)).chain([song.song.bars()]);
    bars.map(|b| b.span(meters).1).max().unwrap_or_default()
}

/// Everything in view, from the first bar of song and take to the last; of a long song the page with the playhead or the
/// take.
fn fitted(areas: &Frame, song: &SongView, take: Option<&TakeView>) -> Gaze {
    let meters = &song.song.meters;
    let end = end(song, take);
    let (mut low, mut high) = (127u8, 0u8);
    let mut see = |note: &Note| {
        low = low.min(note.pitch);
        high = high.max(note.pitch);
    };
    song.song.melody.iter().for_each(&mut see);
    let of_take = take.into_iter().flat_map(|t| t.content.phrases.iter());
    for phrase in song.accepted.iter().chain(of_take) {
        if phrase.part != Part::Drums {
            phrase.notes.iter().for_each(&mut see);
        }
    }
    let quarters = if end.0 <= 0 { 16.0 } else { end.as_quarters() };
    let (low, high) = if low > high { (52.0, 76.0) } else { (f32::from(low) - 1.0, f32::from(high) + 2.0) };
    let rows = (high - low).max(FEWEST_ROWS);
    let width = f64::from(areas.notes.width().max(1.0));
    let zoom = (quarters / width).clamp(*ZOOM.start(), WIDEST_FIT);
    let left = if quarters <= width * zoom * 1.001 {
        0.0
    } else {
        let at = song.playhead.filter(|_| song.playing).or_else(|| take.map(|t| t.content.bars.span(meters).0));
        let page = width * zoom;
        (at.map_or(quarters, Tick::as_quarters).clamp(0.0, quarters - 1e-6) / page).floor() * page
    };
    Gaze { left, zoom, low: low - (rows - (high - low)) / 2.0, rows, held: false }
}

fn steer(
    ui: &Ui,
    response: &Response,
    areas: &Frame,
    gaze: &mut Gaze,
    fit: &Gaze,
    song: &SongView,
    take: Option<&TakeView>,
) {
    let before = *gaze;
    let row = areas.notes.height() / gaze.rows;
    if response.dragged() {
        let moved = response.drag_delta();
        gaze.left -= f64::from(moved.x) * gaze.zoom;
        gaze.low += moved.y / row;
    }
    if let Some(pointer) = response.hover_pos() {
        let (scroll, zoom, shift) = ui.input(|i| (i.smooth_scroll_delta(), i.zoom_delta(), i.modifiers.shift));
        if zoom != 1.0 {
            zoom_at(gaze, areas, pointer, f64::from(zoom));
        } else if scroll != egui::Vec2::ZERO {
            // Shift already turns a wheel sideways; here sideways means through pitch.
            let (time, pitch) = if shift { (0.0, scroll.x + scroll.y) } else { (scroll.x + scroll.y, 0.0) };
            gaze.left -= f64::from(time) * gaze.zoom;
            gaze.low += pitch / row;
        }
    }
    if *gaze != before {
        gaze.held = true;
    }
    if response.double_clicked() {
        *gaze = *fit;
    }
    let quarters_shown = f64::from(areas.notes.width()) * gaze.zoom;
    if let Some(at) = song.playhead.filter(|_| song.playing && gaze.held && !response.dragged()) {
        let at = at.as_quarters();
        if at < gaze.left || at >= gaze.left + quarters_shown {
            gaze.left = at;
        }
    }
    let furthest = end(song, take).as_quarters() - quarters_shown * 0.25;
    gaze.left = gaze.left.clamp(0.0, furthest.max(fit.left).max(0.0));
    gaze.low = gaze.low.clamp(0.0, (128.0 - gaze.rows).max(0.0));
}

fn zoom_at(gaze: &mut Gaze, areas: &Frame, pointer: Pos2, factor: f64) {
    let from_left = f64::from(pointer.x - areas.notes.left());
    let under = gaze.left + from_left * gaze.zoom;
    gaze.zoom = (gaze.zoom / factor).clamp(*ZOOM.start(), *ZOOM.end());
    gaze.left = under - from_left * gaze.zoom;
}

/// Ticks of one quarter, for the finer grid lines.
pub(super) const QUARTER: i64 = TICKS_PER_QUARTER;
