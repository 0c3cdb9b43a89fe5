//! The credits as HTML.

use super::Credits;
use super::svg::escape;
use std::fmt::Write;

/// The section's inside.
pub fn html(credits: &Credits) -> String {
    let mut s = format!("<p class=\"statement\">{}</p>", escape(&credits.statement));
    if !credits.lines.is_empty() {
        s.push_str("<dl class=\"lines\">");
        for line in &credits.lines {
            let _ = write!(
                s,
                "<dt>{}</dt><dd><span class=\"nature n-{}\">{}</span> {}</dd>",
                escape(&line.role),
                line.nature.split(' ').next().unwrap_or_default(),
                escape(line.nature),
                escape(&line.what)
            );
        }
        s.push_str("</dl>");
    }
    if !credits.models.is_empty() {
        s.push_str("<h3>Models and what they learned from</h3><ul class=\"models\">");
        for model in &credits.models {
            let _ = write!(s, "<li><b>{}</b> {}", escape(&model.name), escape(&model.card));
            for source in &model.sources {
                let _ = write!(s, "<br><small>{}</small>", escape(source));
            }
            s.push_str("</li>");
        }
        s.push_str("</ul>");
    }
    if !credits.influences.is_empty() {
        s.push_str("<h3>Nearest training works</h3><table class=\"near\"><tbody>");
        for (title, composer, licence, share) in &credits.influences {
            let _ = write!(
                s,
                "<tr><td>{}</td><td>{}</td><td>{}</td><td class=\"num\"><span class=\"bar\"><i style=\"width:{:.0}%\"></i></span> {:.1} %</td></tr>",
                escape(title),
                escape(composer),
                escape(licence),
                share * 100.0,
                share * 100.0
            );
        }
        s.push_str("</tbody></table>");
    }
    s
}
