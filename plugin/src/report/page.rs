//! The page around the pictures.

use super::svg::escape;
use super::{Mastering, Report, credits, curves, roll};
use continuo_core::Part;
use continuo_core::Tick;
use std::fmt::Write;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The whole file.
pub fn html(report: &Report<'_>) -> String {
    let title = escape(&report.title);
    let mut s = format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title} – Continuo</title><style>{STYLE}</style></head><body><main>"
    );
    let _ = write!(
        s,
        "<header><p class=\"mark\">Continuo</p><button id=\"theme\" type=\"button\" aria-label=\"Light or dark\">◐</button><h1>{title}</h1>"
    );
    if !report.facts.is_empty() {
        s.push_str("<dl class=\"facts\">");
        for (word, value) in &report.facts {
            let _ = write!(s, "<div><dt>{}</dt><dd>{}</dd></div>", escape(word), escape(value));
        }
        s.push_str("</dl>");
    }
    s.push_str("</header>");
    players(&mut s, report);
    if let Some(music) = &report.music {
        let drawn = roll::draw(music);
        s.push_str("<section><h2>The arrangement</h2><p class=\"legend\" id=\"voices\">");
        let voices = std::iter::once("melody").chain(
            Part::ALL
                .into_iter()
                .filter(|p| music.parts.iter().any(|(q, notes)| p == q && !notes.is_empty()))
                .map(Part::id),
        );
        for voice in voices {
            let _ = write!(
                s,
                "<label><input type=\"checkbox\" checked data-voice=\"{voice}\"><i class=\"v-{voice}\"></i>{voice}</label>"
            );
        }
        let _ = write!(
            s,
            "</p><div class=\"score\">{}<div class=\"scroll\" tabindex=\"0\">{}</div></div></section>",
            drawn.names, drawn.notes
        );
    }
    if let Some(mastering) = &report.mastering {
        master(&mut s, mastering);
    }
    let _ = write!(s, "<section><h2>Credits</h2>{}</section>", credits::html(&report.credits));
    if !report.notices.is_empty() {
        s.push_str("<section><h2>To know</h2><ul class=\"notices\">");
        for notice in &report.notices {
            let _ = write!(s, "<li>{}</li>", escape(notice));
        }
        s.push_str("</ul></section>");
    }
    s.push_str("</main><footer><dl>");
    for (word, value) in &report.foot {
        let _ = write!(s, "<dt>{}</dt><dd>{}</dd>", escape(word), escape(value));
    }
    let _ = writeln!(s, "</dl></footer><script>const CLOCK={};{SCRIPT}</script></body></html>", clock(report));
    s
}

fn players(s: &mut String, report: &Report<'_>) {
    if report.players.is_empty() {
        return;
    }
    s.push_str("<section class=\"listen\" aria-label=\"Listen\">");
    if report.players.len() > 1 {
        s.push_str("<p class=\"switch\" role=\"group\">");
        for (index, player) in report.players.iter().enumerate() {
            let _ = write!(
                s,
                "<button type=\"button\" data-player=\"{index}\" aria-pressed=\"{}\">{}</button>",
                index == 0,
                escape(&player.label)
            );
        }
        s.push_str(
            "<label class=\"matched\"><input type=\"checkbox\" id=\"matched\" checked>at equal loudness</label></p>",
        );
    }
    for (index, player) in report.players.iter().enumerate() {
        let _ = write!(
            s,
            "<audio controls preload=\"metadata\" data-gain=\"{:.4}\"{} src=\"{}\"></audio>",
            10f64.powf(player.match_db.min(0.0) / 20.0),
            if index == 0 { "" } else { " hidden" },
            escape(&player.source)
        );
    }
    s.push_str("</section>");
}

fn figure(value: f64, digits: usize) -> String {
    if value.is_finite() { format!("{value:.digits$}").replace('-', "−") } else { "silent".into() }
}

fn master(s: &mut String, m: &Mastering<'_>) {
    let _ = write!(
        s,
        "<section><h2>The master</h2><p class=\"aim\">For {}: {} LUFS under {} dBTP.</p><div class=\"tiles\">",
        escape(&m.destination),
        figure(m.target_lufs, 1),
        figure(m.ceiling_dbtp, 1)
    );
    for (name, unit, digits, before, after) in [
        ("Loudness", "LUFS", 1, m.before.integrated_lufs, m.after.integrated_lufs),
        ("True peak", "dBTP", 1, m.before.true_peak_dbtp, m.after.true_peak_dbtp),
        ("Loudness range", "LU", 1, m.before.range_lu, m.after.range_lu),
    ] {
        let _ = write!(
            s,
            "<div class=\"tile\"><span>{name}</span><b>{}</b> <small>{unit}</small><em>was {}</em></div>",
            figure(after, digits),
            figure(before, digits)
        );
    }
    let _ = write!(
        s,
        "</div><div class=\"graphs\"><figure><figcaption>Spectrum at equal loudness, dB over Hz <span class=\"key\"><i class=\"k-before\"></i>before <i class=\"k-after\"></i>after</span></figcaption>{}</figure><figure><figcaption>Short-term loudness, LUFS <span class=\"key\"><i class=\"k-before\"></i>before <i class=\"k-after\"></i>after <i class=\"k-target\"></i>target</span></figcaption>{}</figure></div>",
        curves::spectrum(m),
        curves::loudness(m)
    );
    if !m.moves.is_empty() {
        s.push_str("<h3>Moves</h3><div class=\"wide\"><table class=\"moves\"><thead><tr><th></th><th>Move</th><th class=\"num\">Amount</th><th>Confidence</th><th>Why</th><th>From</th></tr></thead><tbody>");
        for (offered, accepted) in &m.moves {
            let (class, sign, words) =
                if *accepted { ("yes", "✓", "accepted") } else { ("no", "–", "not accepted") };
            let from = match &offered.origin {
                continuo_core::Origin::Trained(model) => format!("model {} {}", model.name, model.version),
                continuo_core::Origin::Algorithmic { rule, .. } => format!("rule {rule}"),
            };
            let _ = write!(
                s,
                "<tr class=\"{class}\"><td title=\"{words}\"><span aria-label=\"{words}\">{sign}</span></td><td><code>{}</code></td><td class=\"num\">{} {}<br><small>{} to {}</small></td><td class=\"sure\"><span class=\"bar\"><i style=\"width:{:.0}%\"></i></span> {:.0} %</td><td>{}</td><td><small>{}</small></td></tr>",
                escape(&offered.id),
                figure(offered.amount, 2),
                offered.unit.symbol(),
                figure(offered.low, 2),
                figure(offered.high, 2),
                offered.confidence * 100.0,
                offered.confidence * 100.0,
                escape(&offered.reason),
                escape(&from)
            );
        }
        s.push_str("</tbody></table></div>");
    }
    s.push_str("</section>");
}

/// The tempo map for the playhead: pixels per quarter, and for each tempo its second, its quarter and its rate.
fn clock(report: &Report<'_>) -> String {
    let Some(music) = &report.music else { return "null".into() };
    let tempo = &music.song.tempo;
    let rows: Vec<String> = tempo
        .changes()
        .iter()
        .map(|&(at, bpm)| format!("[{:.4},{:.4},{:.5}]", tempo.seconds_at(at), Tick::as_quarters(at), bpm / 60.0))
        .collect();
    format!("{{px:{},map:[{}]}}", roll::QUARTER_PX, rows.join(","))
}
