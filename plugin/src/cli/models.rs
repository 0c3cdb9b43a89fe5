//! `continuo models`.

use super::help::Topic;
use super::{CliError, say};
use crate::engine::mind;
use crate::engine::papers::{self, Papers};
use crate::resources::Resources;
use lexopt::Arg;
use serde_json::{Value, json};

/// Runs the command with what follows its name.
pub fn run(mut parser: lexopt::Parser) -> Result<(), CliError> {
    let topic = Topic::Models;
    let mut as_json = false;
    while let Some(arg) = parser.next().map_err(|e| CliError::usage(e, topic))? {
        match arg {
            Arg::Long("help") | Arg::Short('h') => return say::text(topic.text()),
            Arg::Long("json") => as_json = true,
            other => return Err(CliError::usage(other.unexpected(), topic)),
        }
    }
    let resources = Resources::find();
    // Any name will do to ask whether there is a folder of models at all.
    let Some(folder) = &resources.models else {
        return Err(CliError::Failed(resources.model("harmony").err().unwrap_or_default()));
    };
    let runtime = mind::runtime(&resources);
    let mut problems: Vec<String> = runtime.as_ref().err().map(ToString::to_string).into_iter().collect();
    let mut models = Vec::new();
    for folder in papers::folders(folder) {
        match Papers::read(&folder) {
            Ok(papers) => models.push(papers),
            Err(error) => problems.push(error.to_string()),
        }
    }
    if as_json {
        let runtime = match &runtime {
            Ok(runtime) => json!({ "found": true, "path": runtime.path(), "version": runtime.version() }),
            Err(error) => json!({ "found": false, "why": error.to_string() }),
        };
        let models: Vec<Value> = models.iter().map(describe).collect();
        let report = json!({
            "continuo": env!("CARGO_PKG_VERSION"), "command": "models", "runtime": runtime, "models": models, "problems": problems,
        });
        say::text(&format!("{report:#}\n"))?;
    } else {
        if let Ok(runtime) = &runtime {
            say::line(format_args!("runtime: ONNX Runtime {} at {}", runtime.version(), runtime.path().display()))?;
        }
        for papers in &models {
            let record = papers.record();
            say::line(format_args!(
                "\n{} {}\n  {}\n  SHA-256 {}",
                record.name, record.version, record.card, record.sha256
            ))?;
            // The index of the works is no model: it remembers them.
            let verb = if record.name == "originality" { "holds" } else { "trained on" };
            say::line(format_args!("  {verb} {} works:", papers.works.len()))?;
            for source in &record.sources {
                say::line(format_args!("    {:>5}  {}, {}", source.works, source.name, source.licence))?;
            }
        }
    }
    match problems.first() {
        None => Ok(()),
        Some(first) => Err(CliError::Failed(first.clone())),
    }
}

fn describe(papers: &Papers) -> Value {
    let record = papers.record();
    let contract = &papers.contract;
    let files: Vec<Value> = contract.file.iter().map(|f| json!({ "path": f.path, "sha256": f.sha256 })).collect();
    json!({
        "name": record.name,
        "version": record.version,
        "sha256": record.sha256,
        "feature_version": contract.feature_version,
        "runtime_needed": contract.ort_min,
        "files": files,
        "card": papers.card,
        "summary": record.card,
        "training": {
            "works": papers.works.len(),
            "sources": record.sources.iter().map(|s| json!({ "name": s.name, "licence": s.licence, "works": s.works })).collect::<Vec<_>>(),
            "list": papers.works,
        },
    })
}
