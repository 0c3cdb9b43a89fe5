//! The data sheets of the trained models: what they learned from may be learned from.

use std::collections::BTreeSet;
use std::path::Path;

const ALLOWED: [&str; 5] = ["CC0-1.0", "CC-BY-4.0", "CC-BY-3.0", "CC-BY-2.5", "Public domain"];
/// Beginnings of the ids of works kept for measuring only: lead sheets, game music, folk tunes.
const MEASURE_ONLY: [&str; 3] = ["ewl-", "fdm-", "not-"];

/// Fields of one line of a CSV file whose quoted fields hold no line breaks.
fn fields(line: &str) -> Vec<String> {
    let (mut out, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => out.push(std::mem::take(&mut field)),
            c => field.push(c),
        }
    }
    out.push(field);
    out
}

#[test]
fn every_training_work_is_named_and_openly_licensed() {
    for model in ["harmony", "accompanist"] {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join(model);
        let text = std::fs::read_to_string(dir.join("DATA.csv")).unwrap();
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("id,title,composer,source,licence"));
        let mut ids = BTreeSet::new();
        for line in lines {
            let row = fields(line);
            assert_eq!(row.len(), 5, "{model}: {line}");
            assert!(ALLOWED.contains(&row[4].as_str()), "{model}: {} is under {}", row[0], row[4]);
            assert!(!MEASURE_ONLY.iter().any(|p| row[0].starts_with(p)), "{model}: {} is for measuring only", row[0]);
            assert!(!row[1].is_empty() && !row[3].is_empty(), "{model}: {line}");
            assert!(ids.insert(row[0].clone()), "{model}: {} is there twice", row[0]);
        }
        let contract = continuo_models::Contract::load(&dir).unwrap();
        assert_eq!(ids.len() as u64, contract.data.works, "{model}: the data sheet and the contract count differently");
    }
}
