//! Small words for drawing: escaped text and short numbers.

use std::fmt::Write;

/// Text that is safe between tags and inside quoted attributes.
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // Control characters have no place in HTML.
            c if c.is_control() && c != '\n' => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

/// A coordinate with one decimal, without a needless `.0`.
pub fn n(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0;
    // No "-0".
    format!("{}", rounded + 0.0)
}

/// A path through points, leaving gaps where a value is not finite.
pub fn path(points: impl Iterator<Item = (f64, f64)>) -> String {
    let mut d = String::new();
    let mut pen_down = false;
    for (x, y) in points {
        if x.is_finite() && y.is_finite() {
            let _ = write!(d, "{}{} {}", if pen_down { "L" } else { "M" }, n(x), n(y));
            pen_down = true;
        } else {
            pen_down = false;
        }
    }
    d
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_break_out() {
        assert_eq!(escape("<b a=\"x\">'&\u{7}"), "&lt;b a=&quot;x&quot;&gt;&#39;&amp; ");
    }

    #[test]
    fn numbers_are_short_and_gaps_are_kept() {
        assert_eq!((n(3.0), n(-0.01), n(2.345)), ("3".into(), "0".into(), "2.3".into()));
        let points = [(0.0, 1.0), (1.0, 2.0), (2.0, f64::NEG_INFINITY), (3.0, 0.0)];
        assert_eq!(path(points.into_iter()), "M0 1L1 2M3 0");
    }
}
