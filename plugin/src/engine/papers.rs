//! A model's papers as the record and `continuo models` show them: its card in a sentence, its sources, its training
//! works.

use super::EngineError;
use continuo_models::Contract;
use continuo_provenance::record::{DataSource, ModelRecord};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// One training work, a row of `DATA.csv`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Work {
    /// Identity in the corpus.
    pub id: String,
    /// Title.
    pub title: String,
    /// Composer.
    pub composer: String,
    /// Collection.
    pub source: String,
    /// Licence.
    pub licence: String,
}

/// A model's papers.
#[derive(Clone, Debug)]
pub struct Papers {
    /// The contract.
    pub contract: Contract,
    /// The whole card, Markdown.
    pub card: String,
    /// The training works.
    pub works: Vec<Work>,
}

impl Papers {
    /// Reads the papers in a model's folder; the contract's hashes are checked.
    ///
    /// # Errors
    /// One sentence when a paper is missing or damaged.
    pub fn read(folder: &Path) -> Result<Papers, EngineError> {
        let contract = Contract::load(folder).map_err(|e| EngineError::Model(e.to_string()))?;
        let text = |name: &str| {
            let path = folder.join(name);
            std::fs::read_to_string(&path).map_err(|e| {
                EngineError::Model(format!("cannot read '{}': {e}; install Continuo again", path.display()))
            })
        };
        let works = works(&text("DATA.csv")?).ok_or_else(|| {
            EngineError::Model(format!(
                "'{}' is no data sheet; install Continuo again",
                folder.join("DATA.csv").display()
            ))
        })?;
        Ok(Papers { contract, card: text("CARD.md")?, works })
    }

    /// The model as a record describes it.
    pub fn record(&self) -> ModelRecord {
        let model = self.contract.model_ref();
        ModelRecord {
            name: model.name,
            version: model.version,
            sha256: model.sha256,
            card: first_sentence(&self.card),
            sources: sources(&self.works),
        }
    }
}

/// The folders in `models` that hold a model, sorted by name.
pub fn folders(models: &Path) -> Vec<PathBuf> {
    let Ok(entries) = models.read_dir() else { return Vec::new() };
    let mut folders: Vec<PathBuf> =
        entries.flatten().map(|e| e.path()).filter(|p| p.join("contract.toml").is_file()).collect();
    folders.sort();
    folders
}

/// Works by collection and licence, the largest first. Who typeset a work stands after a semicolon and is left to the data
/// sheet: a record names collections.
fn sources(works: &[Work]) -> Vec<DataSource> {
    let mut counts: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for work in works {
        let collection = work.source.split(';').next().unwrap_or_default().trim();
        *counts.entry((collection, &work.licence)).or_default() += 1;
    }
    let mut sources: Vec<DataSource> = counts
        .into_iter()
        .map(|((name, licence), works)| DataSource {
            name: name.to_owned(),
            licence: licence.to_owned(),
            works,
            attribution: "Every work, its composer and its editor are named in the model's data sheet.".to_owned(),
        })
        .collect();
    sources.sort_by(|a, b| {
        b.works.cmp(&a.works).then_with(|| a.name.cmp(&b.name)).then_with(|| a.licence.cmp(&b.licence))
    });
    sources
}

/// The first sentence of a card's first paragraph of prose, without the label "What it does" that cards begin with.
fn first_sentence(card: &str) -> String {
    let mut paragraph = String::new();
    let mut inside_list = false;
    for line in card.lines().map(str::trim_end) {
        let text = line.trim_start();
        let listed = ["- ", "* ", "|", "#", ">", "```", "!["].iter().any(|mark| text.starts_with(mark));
        // Lines that go on from a list are indented.
        inside_list = listed || (inside_list && line.starts_with(' '));
        match (!text.is_empty() && !inside_list, paragraph.is_empty()) {
            (true, true) => paragraph.push_str(text),
            (true, false) => {
                paragraph.push(' ');
                paragraph.push_str(text);
            }
            (false, false) => break,
            (false, true) => {}
        }
    }
    let plain = paragraph.replace(['`', '*'], "");
    let said = ["What it does. ", "What it does: ", "What it is. "]
        .iter()
        .find_map(|label| plain.strip_prefix(label))
        .unwrap_or(&plain);
    let end = said.find(". ").map_or(said.len(), |at| at + 1);
    let mut chars = said[..end].chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Rows of `DATA.csv`; `None` when a column is missing or a row is short.
fn works(text: &str) -> Option<Vec<Work>> {
    let mut rows = csv(text).into_iter();
    let head = rows.next()?;
    let column = |name: &str| head.iter().position(|h| h == name);
    let columns = [column("id")?, column("title")?, column("composer")?, column("source")?, column("licence")?];
    // A sheet may hold validation works too, and says so; they were not trained on.
    let used = column("use");
    let trained = |row: &Vec<String>| used.and_then(|u| row.get(u)).is_none_or(|word| word == "train");
    rows.filter(trained)
        .map(|row| {
            let cell = |index: usize| row.get(columns[index]).cloned();
            Some(Work { id: cell(0)?, title: cell(1)?, composer: cell(2)?, source: cell(3)?, licence: cell(4)? })
        })
        .collect()
}

/// Cells of a CSV text (RFC 4180).
fn csv(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            c => cell.push(c),
        }
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell);
        rows.push(row);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_sheets_are_read_with_their_quotes() {
        let text = "id,title,composer,source,licence\na,\"Kyrie, \"\"short\"\"\",Bach,hymnal; typeset by X,CC0-1.0\nb,Gloria,,hymnal,CC0-1.0\nc,Credo,X,other,Public domain\n";
        let works = works(text).unwrap();
        assert_eq!(works[0].title, "Kyrie, \"short\"");
        let sources = sources(&works);
        assert_eq!(
            sources.iter().map(|s| (s.name.as_str(), s.works)).collect::<Vec<_>>(),
            [("hymnal", 2), ("other", 1)]
        );
        let split = "id,title,composer,source,licence,use\na,t,c,s,l,train\nb,t,c,s,l,validation\n";
        assert_eq!(super::works(split).unwrap().len(), 1);
        assert!(super::works("id,title\n").is_none());
        assert!(super::works("id,title,composer,source,licence\na,b\n").is_none());
    }

    #[test]
    fn a_card_is_told_by_its_first_sentence() {
        let card = "# harmony\n\n| a | b |\n|---|---|\n\nChooses `chords`\nfor a melody. It is small.\n";
        assert_eq!(first_sentence(card), "Chooses chords for a melody.");
        assert_eq!(first_sentence("# only a head"), "");
        assert_eq!(
            first_sentence("# a\n\n**What it does.** Plays one part, with\ncontrols. More."),
            "Plays one part, with controls."
        );
        assert_eq!(first_sentence("- a list\n  that goes on\n\nWhat it does: listens to a mix."), "Listens to a mix.");
    }
}
