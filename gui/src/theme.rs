//! Continuo's look: one calm identity, dark and light.
//!
//! A deep blue-grey ground with warm paper-coloured ink and one brass accent; each part has a hue of its own that stays
//! the same in rolls, cards and strips. Text keeps a contrast of at least 4.5 to 1 on every surface it is written on,
//! graphics 3 to 1 (WCAG 2.2, success criteria 1.4.3 and 1.4.11); a test computes both.

use crate::data::ThemeChoice;
use continuo_core::Part;
use egui::{Color32, CornerRadius, FontData, FontDefinitions, FontFamily, FontId, Stroke, Vec2};
use std::sync::Arc;

/// Corner radius of cards and panels, points.
pub const RADIUS: u8 = 8;
/// Corner radius of buttons and small things, points.
pub const RADIUS_SMALL: u8 = 5;
/// The grid everything is spaced on, points.
pub const GAP: f32 = 8.0;

/// The colours of one theme.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Palette {
    /// Behind everything.
    pub ground: Color32,
    /// Bars at the top and bottom.
    pub panel: Color32,
    /// Cards.
    pub card: Color32,
    /// Things on cards: buttons at rest, wells under sliders.
    pub raised: Color32,
    /// The same, pointed at.
    pub hover: Color32,
    /// Grounds of plots and rolls.
    pub well: Color32,
    /// Hairlines.
    pub line: Color32,
    /// Fainter hairlines inside plots.
    pub grid: Color32,
    /// Text.
    pub ink: Color32,
    /// Second text.
    pub soft: Color32,
    /// Third text: units, hints.
    pub faint: Color32,
    /// What can be acted on now.
    pub accent: Color32,
    /// Text on the accent.
    pub on_accent: Color32,
    /// Accepted, safe.
    pub good: Color32,
    /// Mind this.
    pub warn: Color32,
    /// Wrong, too loud.
    pub bad: Color32,
    /// The human's melody.
    pub melody: Color32,
    /// One hue per part, in the order of [`Part::ALL`].
    pub parts: [Color32; 4],
}

/// The dark theme.
pub const DARK: Palette = Palette {
    ground: Color32::from_rgb(0x15, 0x19, 0x20),
    panel: Color32::from_rgb(0x1a, 0x1f, 0x27),
    card: Color32::from_rgb(0x1f, 0x25, 0x2e),
    raised: Color32::from_rgb(0x2b, 0x32, 0x3d),
    hover: Color32::from_rgb(0x36, 0x3f, 0x4c),
    well: Color32::from_rgb(0x11, 0x15, 0x1b),
    line: Color32::from_rgb(0x33, 0x3b, 0x47),
    grid: Color32::from_rgb(0x22, 0x28, 0x31),
    ink: Color32::from_rgb(0xf0, 0xec, 0xe3),
    soft: Color32::from_rgb(0xc2, 0xc2, 0xbd),
    faint: Color32::from_rgb(0x9b, 0xa1, 0xa8),
    accent: Color32::from_rgb(0xe3, 0xb5, 0x62),
    on_accent: Color32::from_rgb(0x1f, 0x17, 0x06),
    good: Color32::from_rgb(0x7c, 0xcf, 0x9f),
    warn: Color32::from_rgb(0xe8, 0xb0, 0x4f),
    bad: Color32::from_rgb(0xf0, 0x86, 0x78),
    melody: Color32::from_rgb(0xec, 0xd6, 0x9c),
    parts: [
        Color32::from_rgb(0x7d, 0xb4, 0xee),
        Color32::from_rgb(0xb8, 0x9d, 0xf0),
        Color32::from_rgb(0xee, 0x93, 0x7c),
        Color32::from_rgb(0x72, 0xc7, 0xa6),
    ],
};

/// The light theme.
pub const LIGHT: Palette = Palette {
    ground: Color32::from_rgb(0xee, 0xea, 0xe1),
    panel: Color32::from_rgb(0xf7, 0xf4, 0xed),
    card: Color32::from_rgb(0xfd, 0xfb, 0xf7),
    raised: Color32::from_rgb(0xec, 0xe7, 0xdc),
    hover: Color32::from_rgb(0xe1, 0xda, 0xcb),
    well: Color32::from_rgb(0xf8, 0xf5, 0xee),
    line: Color32::from_rgb(0xd3, 0xcb, 0xba),
    grid: Color32::from_rgb(0xe6, 0xe0, 0xd3),
    ink: Color32::from_rgb(0x20, 0x25, 0x2c),
    soft: Color32::from_rgb(0x47, 0x4e, 0x57),
    faint: Color32::from_rgb(0x5a, 0x60, 0x68),
    accent: Color32::from_rgb(0x8c, 0x5a, 0x0a),
    on_accent: Color32::from_rgb(0xff, 0xfa, 0xf0),
    good: Color32::from_rgb(0x1f, 0x73, 0x4a),
    warn: Color32::from_rgb(0x8a, 0x57, 0x00),
    bad: Color32::from_rgb(0xb0, 0x36, 0x2a),
    melody: Color32::from_rgb(0x8f, 0x6a, 0x15),
    parts: [
        Color32::from_rgb(0x24, 0x6f, 0xb5),
        Color32::from_rgb(0x72, 0x51, 0xbd),
        Color32::from_rgb(0xbd, 0x4a, 0x2e),
        Color32::from_rgb(0x17, 0x7a, 0x58),
    ],
};

impl Palette {
    /// The colours of a theme.
    pub fn of(choice: ThemeChoice) -> &'static Palette {
        match choice {
            ThemeChoice::Dark => &DARK,
            ThemeChoice::Light => &LIGHT,
        }
    }

    /// The hue of a part.
    pub fn part(&self, part: Part) -> Color32 {
        self.parts[part.index()]
    }
}

/// `color` with `opacity` 0 to 1 on whatever is under it.
pub fn fade(color: Color32, opacity: f32) -> Color32 {
    color.gamma_multiply(opacity)
}

/// `a` with a `share` 0 to 1 of `b` in it.
pub fn mix(a: Color32, b: Color32, share: f32) -> Color32 {
    a.lerp_to_gamma(b, share)
}

const STRONG: &str = "strong";

/// Text at `size` points.
pub fn text(size: f32) -> FontId {
    FontId::proportional(size)
}

/// Strong text at `size` points.
pub fn strong(size: f32) -> FontId {
    FontId::new(size, FontFamily::Name(STRONG.into()))
}

/// Type sizes, points.
pub mod size {
    /// Big figures.
    pub const FIGURE: f32 = 22.0;
    /// Names of screens.
    pub const TITLE: f32 = 16.0;
    /// Text.
    pub const BODY: f32 = 13.0;
    /// Second text.
    pub const SMALL: f32 = 11.5;
    /// Axis marks and tags.
    pub const TINY: f32 = 10.0;
}

/// Puts our letters and both styles into a fresh context. Doing it again changes nothing.
pub fn install(ctx: &egui::Context) {
    let mark = egui::Id::unique("continuo theme");
    if ctx.data(|d| d.get_temp::<bool>(mark)).unwrap_or(false) {
        return;
    }
    ctx.data_mut(|d| d.insert_temp(mark, true));
    let mut fonts = FontDefinitions::default();
    fonts.font_data.insert("noto".into(), Arc::new(FontData::from_static(ttf_noto_sans::REGULAR)));
    fonts.font_data.insert("noto-bold".into(), Arc::new(FontData::from_static(ttf_noto_sans::BOLD)));
    let family = fonts.families.entry(FontFamily::Proportional).or_default();
    family.insert(0, "noto".into());
    let mut bold = family.clone();
    bold.insert(0, "noto-bold".into());
    fonts.families.insert(FontFamily::Name(STRONG.into()), bold);
    ctx.set_fonts(fonts);
    ctx.style_mut_of(egui::Theme::Dark, |style| dress(style, &DARK));
    ctx.style_mut_of(egui::Theme::Light, |style| dress(style, &LIGHT));
}

/// Makes this frame's theme `choice` and gives its colours.
pub fn begin(ui: &mut egui::Ui, choice: ThemeChoice) -> &'static Palette {
    install(ui.ctx());
    let theme = match choice {
        ThemeChoice::Dark => egui::Theme::Dark,
        ThemeChoice::Light => egui::Theme::Light,
    };
    if ui.ctx().theme() != theme {
        ui.ctx().set_theme(theme);
    }
    let style = ui.ctx().style_of(theme);
    ui.set_style(style);
    Palette::of(choice)
}

fn dress(style: &mut egui::Style, palette: &Palette) {
    use egui::TextStyle;
    style.text_styles = [
        (TextStyle::Heading, strong(size::TITLE)),
        (TextStyle::Body, text(size::BODY)),
        (TextStyle::Button, text(size::BODY)),
        (TextStyle::Small, text(size::SMALL)),
        (TextStyle::Monospace, FontId::monospace(size::BODY)),
    ]
    .into();
    style.spacing.item_spacing = Vec2::splat(GAP);
    style.interaction.selectable_labels = false;
    style.interaction.tooltip_delay = 0.4;
    style.spacing.scroll = egui::style::ScrollStyle::floating();
    let v = &mut style.visuals;
    v.override_text_color = Some(palette.ink);
    v.panel_fill = palette.ground;
    v.window_fill = palette.card;
    v.window_stroke = Stroke::new(1.0, palette.line);
    v.window_corner_radius = CornerRadius::same(RADIUS);
    v.menu_corner_radius = CornerRadius::same(RADIUS);
    v.extreme_bg_color = palette.well;
    v.faint_bg_color = palette.panel;
    v.hyperlink_color = palette.accent;
    v.selection.bg_fill = fade(palette.accent, 0.35);
    v.selection.stroke = Stroke::new(1.0, palette.accent);
    for (widget, fill) in [
        (&mut v.widgets.noninteractive, palette.card),
        (&mut v.widgets.inactive, palette.raised),
        (&mut v.widgets.hovered, palette.hover),
        (&mut v.widgets.active, palette.hover),
        (&mut v.widgets.open, palette.raised),
    ] {
        widget.bg_fill = fill;
        widget.weak_bg_fill = fill;
        widget.bg_stroke = Stroke::new(1.0, palette.line);
        widget.fg_stroke = Stroke::new(1.0, palette.ink);
        widget.corner_radius = CornerRadius::same(RADIUS_SMALL);
        widget.expansion = 0.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Contrast ratio, WCAG 2.2: (lighter + 0.05) / (darker + 0.05) of relative luminances.
    fn contrast(a: Color32, b: Color32) -> f64 {
        let luminance = |c: Color32| {
            let lin = |v: u8| {
                let v = f64::from(v) / 255.0;
                if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * lin(c.r()) + 0.7152 * lin(c.g()) + 0.0722 * lin(c.b())
        };
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn text_and_graphics_can_be_read_on_every_surface() {
        assert!((contrast(Color32::BLACK, Color32::WHITE) - 21.0).abs() < 1e-9);
        for (name, p) in [("dark", DARK), ("light", LIGHT)] {
            for surface in [p.ground, p.panel, p.card, p.raised, p.well] {
                for ink in [p.ink, p.soft, p.faint] {
                    assert!(
                        contrast(ink, surface) >= 4.5,
                        "{name}: {ink:?} on {surface:?}: {}",
                        contrast(ink, surface)
                    );
                }
            }
            for surface in [p.panel, p.card, p.well] {
                for ink in [p.accent, p.good, p.warn, p.bad] {
                    assert!(
                        contrast(ink, surface) >= 4.5,
                        "{name}: {ink:?} on {surface:?}: {}",
                        contrast(ink, surface)
                    );
                }
                for mark in p.parts.iter().chain([&p.melody]) {
                    assert!(contrast(*mark, surface) >= 3.0, "{name}: {mark:?}: {}", contrast(*mark, surface));
                }
            }
            assert!(contrast(p.on_accent, p.accent) >= 4.5, "{name}: on accent");
        }
    }
}
