//! Credits out of a record: who did what, which models, what they learned from, and a share sheet in which only humans are
//! paid. AI stands in the disclosure line and never among the payees.

use crate::record::{DataSource, HumanContribution, Influence, UseRecordDocument};
use serde::Serialize;

/// A human and what is theirs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Payee {
    /// Name, or the role where the user typed no name.
    pub name: String,
    /// Role.
    pub role: String,
    /// What was done.
    pub what: String,
    /// Share, hundredths of a percent; all sum to 10,000.
    pub share_hundredths: u32,
}

/// A model with its sources.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModelCredit {
    /// Name and version.
    pub model: String,
    /// SHA-256.
    pub sha256: String,
    /// Its card in a sentence.
    pub card: String,
    /// What it learned from.
    pub sources: Vec<DataSource>,
}

/// The credits of one render.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Credits {
    /// Id of the record.
    pub record_id: String,
    /// AI use in a sentence or two.
    pub disclosure: String,
    /// Humans, with shares that sum to 100 %.
    pub payees: Vec<Payee>,
    /// True when the shares were agreed; false when they are equal only because nobody set them.
    pub shares_agreed: bool,
    /// Parts, moves and who accepted them, one sentence each.
    pub details: Vec<String>,
    /// Models and their sources.
    pub models: Vec<ModelCredit>,
    /// Training works nearest to the accepted phrases.
    pub influences: Vec<Influence>,
}

/// The credits of a record.
pub fn credits(record: &UseRecordDocument) -> Credits {
    let (payees, shares_agreed) = payees(&record.humans);
    Credits {
        record_id: record.record_id.clone(),
        disclosure: record.statement.clone(),
        payees,
        shares_agreed,
        // Statement, humans and models have places of their own.
        details: record
            .sentences()
            .into_iter()
            .skip(1 + record.humans.len())
            .filter(|line| !line.starts_with("Model "))
            .collect(),
        models: record
            .models
            .iter()
            .map(|m| ModelCredit {
                model: format!("{} {}", m.name, m.version),
                sha256: m.sha256.clone(),
                card: m.card.clone(),
                sources: m.sources.clone(),
            })
            .collect(),
        influences: record.influences.clone(),
    }
}

/// Shares that sum to exactly 10,000 hundredths: what rounding leaves over goes to the largest remainders, first come first.
fn payees(humans: &[HumanContribution]) -> (Vec<Payee>, bool) {
    let agreed = !humans.is_empty() && humans.iter().all(|h| h.share_percent.is_some());
    let equal = 100.0 / humans.len().max(1) as f64;
    let exact: Vec<f64> = humans.iter().map(|h| h.share_percent.filter(|_| agreed).unwrap_or(equal) * 100.0).collect();
    let mut hundredths: Vec<u32> = exact.iter().map(|s| (s + 1e-9).floor().max(0.0) as u32).collect();
    let mut order: Vec<usize> = (0..humans.len()).collect();
    order.sort_by(|&a, &b| exact[b].fract().total_cmp(&exact[a].fract()).then(a.cmp(&b)));
    let left = 10_000u32.saturating_sub(hundredths.iter().sum());
    for &index in order.iter().cycle().take(if order.is_empty() { 0 } else { left as usize }) {
        hundredths[index] += 1;
    }
    let payees = humans
        .iter()
        .zip(hundredths)
        .map(|(h, share_hundredths)| Payee {
            name: h.name.clone().unwrap_or_else(|| h.role.clone()),
            role: h.role.clone(),
            what: h.what.clone(),
            share_hundredths,
        })
        .collect();
    (payees, agreed)
}

/// A cell of a CSV file (RFC 4180). A text that a spreadsheet would take for a formula is kept a text.
fn cell(text: &str) -> String {
    let safe = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() };
    if safe.contains([',', '"', '\n', '\r']) { format!("\"{}\"", safe.replace('"', "\"\"")) } else { safe }
}

impl Credits {
    /// The credits as plain text.
    pub fn text(&self) -> String {
        let mut out = format!("CREDITS (record {})\n\nAI disclosure: {}\n", self.record_id, self.disclosure);
        if !self.payees.is_empty() {
            out.push_str("\nHumans\n");
            for p in &self.payees {
                out.push_str(&format!("  {} ({}): {}\n", p.name, p.role, p.what));
            }
        }
        if !self.details.is_empty() {
            out.push_str("\nWho did what\n");
            self.details.iter().for_each(|d| out.push_str(&format!("  {d}\n")));
        }
        for m in &self.models {
            out.push_str(&format!("\nModel {} (SHA-256 {})\n  {}\n", m.model, m.sha256, m.card));
            for s in &m.sources {
                out.push_str(&format!(
                    "  Learned from {}, {} works, {}. {}\n",
                    s.name, s.works, s.licence, s.attribution
                ));
            }
        }
        if !self.influences.is_empty() {
            out.push_str("\nNearest training works\n");
            for i in &self.influences {
                let share = i.share * 100.0;
                out.push_str(&format!("  {share:.1} %  {} ({}), {}, {}\n", i.title, i.composer, i.source, i.licence));
            }
        }
        out
    }

    /// The share sheet: payees with shares that sum to 100.00, then the disclosure, the influences and the data sources,
    /// which have no share of the money.
    pub fn csv(&self) -> String {
        let mut rows = vec![["kind", "name", "role", "what", "share_percent"].map(str::to_owned)];
        for p in &self.payees {
            let share = format!("{}.{:02}", p.share_hundredths / 100, p.share_hundredths % 100);
            rows.push(["payee".into(), p.name.clone(), p.role.clone(), p.what.clone(), share]);
        }
        if !self.payees.is_empty() && !self.shares_agreed {
            rows.push([
                "note".into(),
                String::new(),
                String::new(),
                "shares are equal because none were set".into(),
                String::new(),
            ]);
        }
        rows.push(["ai-disclosure".into(), String::new(), String::new(), self.disclosure.clone(), String::new()]);
        for i in &self.influences {
            let what = format!(
                "nearest training work, {:.1} % of the influence; {}; {}",
                i.share * 100.0,
                i.source,
                i.licence
            );
            rows.push(["influence".into(), i.title.clone(), i.composer.clone(), what, String::new()]);
        }
        for m in &self.models {
            for s in &m.sources {
                let what = format!("{} works, {}. {}", s.works, s.licence, s.attribution);
                rows.push(["training-data".into(), s.name.clone(), format!("model {}", m.model), what, String::new()]);
            }
        }
        rows.iter().map(|row| row.each_ref().map(|c| cell(c)).join(",") + "\r\n").collect()
    }

    /// The credits as indented JSON.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::RecordBuilder;

    fn human(name: &str, share_percent: Option<f64>) -> HumanContribution {
        HumanContribution { name: Some(name.into()), role: "composer".into(), what: "melody".into(), share_percent }
    }

    #[test]
    fn shares_sum_to_a_hundred_and_no_model_is_paid() {
        for count in 1..=17 {
            let mut builder = RecordBuilder::new();
            for i in 0..count {
                builder = builder.human(human(&format!("N{i}"), None));
            }
            let credits = credits(&builder.build().unwrap());
            assert_eq!(credits.payees.iter().map(|p| p.share_hundredths).sum::<u32>(), 10_000);
            assert!(!credits.shares_agreed);
        }
        let built = RecordBuilder::new().human(human("A", Some(66.67))).human(human("B", Some(33.33))).build().unwrap();
        let csv = credits(&built).csv();
        assert!(
            csv.contains("payee,A,composer,melody,66.67\r\n") && csv.contains("payee,B,composer,melody,33.33\r\n"),
            "{csv}"
        );
        assert!(csv.contains("ai-disclosure,,,No AI was used in this audio.,\r\n"));
        let bad = RecordBuilder::new().human(human("A", Some(50.0))).human(human("B", Some(49.0))).build();
        assert!(bad.unwrap_err().to_string().contains("99.00 %"));
    }

    #[test]
    fn cells_are_quoted_and_formulas_are_texts() {
        assert_eq!(cell("a,b"), "\"a,b\"");
        assert_eq!(cell("say \"x\""), "\"say \"\"x\"\"\"");
        assert_eq!(cell("=1+1"), "'=1+1");
    }
}
