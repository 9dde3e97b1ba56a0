//! What the demonstration says while it works: sentences and bars for people, one JSON object per line for programs.

use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::children::Children;
use crate::output::{self, Format};
use crate::setup::{Layout, write::NETWORK};

/// Says it in the format asked for.
pub(crate) struct Talk {
    format: Format,
}

impl Talk {
    /// Speaks in this format.
    pub(crate) fn new(format: Format) -> Self {
        Self { format }
    }

    /// The format.
    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// A sentence for people.
    pub(crate) fn note(&self, sentence: &str) {
        if self.format == Format::Table {
            output::note(sentence);
        }
    }

    /// A line of the story, for people.
    pub(crate) fn say(&self, line: &str) {
        if self.format == Format::Table {
            output::line(line);
        }
    }

    /// A bar over so many steps; it draws nothing for programs.
    pub(crate) fn bar(&self, steps: usize, what: &str) -> ProgressBar {
        let bar = match self.format {
            Format::Table => ProgressBar::new(u64::try_from(steps).unwrap_or(u64::MAX)),
            Format::Json => ProgressBar::hidden(),
        };
        // The template is a constant; a bar without style is still a bar.
        if let Ok(style) = ProgressStyle::with_template("{prefix:>22} {bar:30} {pos}/{len} {wide_msg}") {
            bar.set_style(style);
        }
        bar.set_prefix(what.to_owned());
        bar
    }

    /// One event for programs.
    pub(crate) fn event(&self, event: &serde_json::Value) {
        if self.format == Format::Json {
            output::line(&event.to_string());
        }
    }

    /// Everything answers.
    pub(crate) fn ready(&self, directory: &Path, layout: &Layout, children: &Children) {
        let validators: Vec<_> = layout
            .validators
            .iter()
            .map(|validator| {
                json!({
                    "name": validator.name,
                    "http": validator.http,
                    "metrics": format!("{}/metrics", validator.http),
                    "pid": children.pid(&format!("validator {}", validator.name)),
                })
            })
            .collect();
        let gateways: Vec<_> = layout
            .gateways
            .iter()
            .map(|gateway| {
                json!({
                    "organization": gateway.organization,
                    "http": gateway.http,
                    "pid": children.pid(&format!("gateway {}", gateway.organization)),
                })
            })
            .collect();
        let officers: Vec<_> = layout
            .officers
            .iter()
            .map(|officer| {
                json!({
                    "id": officer.id,
                    "organization": officer.organization,
                    "roles": officer.roles,
                    "key": directory.join(&officer.key),
                    "passphrase_file": directory.join(&officer.passphrase_file),
                })
            })
            .collect();
        self.event(&json!({
            "event": "ready",
            "validators": validators,
            "gateways": gateways,
            "network": directory.join(NETWORK),
            "officers": officers,
        }));
        self.note(&format!("{} validators and {} gateways answer", validators.len(), gateways.len()));
    }
}
