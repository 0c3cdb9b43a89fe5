//! The few signs the screens use, drawn with lines so that they are sharp at every scale.

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, pos2, vec2};
use std::f32::consts::TAU;

/// A sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// Triangle: audition.
    Play,
    /// Square: stop.
    Stop,
    /// Tick: accept.
    Check,
    /// Cross: reject.
    Cross,
    /// Round arrow: draw again.
    Again,
    /// Closed padlock.
    Locked,
    /// Open padlock.
    Unlocked,
    /// Arrow back: undo.
    Undo,
    /// Arrow out of a tray: export.
    Export,
    /// Sun and moon: look.
    Theme,
    /// Small triangle pointing down: a list opens.
    Down,
    /// Four corners: fit to view.
    Fit,
}

/// Paints `icon` in the middle of `rect`, `side` points wide.
pub fn paint(painter: &Painter, rect: Rect, side: f32, icon: Icon, color: Color32) {
    let c = rect.center();
    let r = side / 2.0;
    let at = |x: f32, y: f32| pos2(c.x + x * r, c.y + y * r);
    let stroke = Stroke::new((side / 8.0).max(1.25), color);
    let line = |points: Vec<Pos2>| painter.add(Shape::line(points, stroke));
    match icon {
        Icon::Play => {
            let points = vec![at(-0.6, -0.85), at(0.9, 0.0), at(-0.6, 0.85)];
            painter.add(Shape::convex_polygon(points, color, Stroke::NONE));
        }
        Icon::Stop => {
            painter.rect_filled(Rect::from_center_size(c, vec2(side, side) * 0.72), 1.5, color);
        }
        Icon::Check => {
            line(vec![at(-0.8, 0.05), at(-0.25, 0.6), at(0.85, -0.65)]);
        }
        Icon::Cross => {
            line(vec![at(-0.65, -0.65), at(0.65, 0.65)]);
            line(vec![at(-0.65, 0.65), at(0.65, -0.65)]);
        }
        Icon::Again => {
            line(arc(c, r * 0.78, -0.15 * TAU, 0.62 * TAU));
            let tip = c + vec2((-0.15 * TAU).cos(), (-0.15 * TAU).sin()) * r * 0.78;
            let head = vec![tip + vec2(-0.55, -0.1) * r, tip + vec2(0.25, 0.2) * r, tip + vec2(0.2, -0.65) * r];
            painter.add(Shape::convex_polygon(head, color, Stroke::NONE));
        }
        Icon::Locked | Icon::Unlocked => {
            let body = Rect::from_min_max(at(-0.65, -0.1), at(0.65, 0.85));
            painter.rect_filled(body, 1.5, color);
            let lift = if icon == Icon::Locked { 0.0 } else { -0.18 };
            let mut shackle = vec![at(-0.4, -0.1)];
            shackle.extend(arc(at(0.0, -0.4 + lift), r * 0.4, 0.5 * TAU, 0.5 * TAU));
            if icon == Icon::Locked {
                shackle.push(at(0.4, -0.1));
            }
            line(shackle);
        }
        Icon::Undo => {
            let mut path = vec![at(-0.55, -0.35)];
            path.extend(arc(at(0.2, 0.15), r * 0.5, -0.25 * TAU, 0.5 * TAU));
            path.push(at(-0.3, 0.65));
            line(path);
            let head = vec![at(-0.95, -0.35), at(-0.35, -0.85), at(-0.35, 0.15)];
            painter.add(Shape::convex_polygon(head, color, Stroke::NONE));
        }
        Icon::Export => {
            line(vec![at(-0.8, 0.2), at(-0.8, 0.8), at(0.8, 0.8), at(0.8, 0.2)]);
            line(vec![at(0.0, 0.4), at(0.0, -0.5)]);
            let head = vec![at(-0.5, -0.3), at(0.0, -0.9), at(0.5, -0.3)];
            painter.add(Shape::convex_polygon(head, color, Stroke::NONE));
        }
        Icon::Theme => {
            painter.circle_stroke(c, r * 0.72, stroke);
            let mut half = arc(c, r * 0.72, -0.25 * TAU, 0.5 * TAU);
            half.push(at(0.0, -0.72));
            painter.add(Shape::convex_polygon(half, color, Stroke::NONE));
        }
        Icon::Down => {
            line(vec![at(-0.6, -0.3), at(0.0, 0.35), at(0.6, -0.3)]);
        }
        Icon::Fit => {
            for (x, y) in [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)] {
                line(vec![at(0.8 * x, 0.3 * y), at(0.8 * x, 0.8 * y), at(0.3 * x, 0.8 * y)]);
            }
        }
    }
}

fn arc(center: Pos2, radius: f32, from: f32, sweep: f32) -> Vec<Pos2> {
    (0..=16)
        .map(|i| {
            let angle = from + sweep * i as f32 / 16.0;
            center + vec2(angle.cos(), angle.sin()) * radius
        })
        .collect()
}
