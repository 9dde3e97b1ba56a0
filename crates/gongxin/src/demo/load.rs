//! Loading the register of divisions, year by year, as civil-affairs' steward would: new code → create, changed name →
//! update, vanished code → delete; a code that returns is a new record.
//!
//! What is loaded is kept in a file beside the gateway's configuration: before a batch is sent the file names it with
//! its bytes and bodies, so that after any interruption the same bytes are sent again, and nothing is loaded twice.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use gongxin_client::ClientError;
use gongxin_types::{
    OfficerId, RecordId, Resource, Role, Time, Transaction, json as text, limits::BATCH_OPERATIONS_MAX,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::data::{self, Year};
use super::register;
use super::talk::Talk;
use crate::cli::{Acting, Context, Desk, fail};
use crate::failure::Failure;
use crate::home::Home;
use crate::output::Format;
use crate::records::{self, Draft, JsonRow};
use crate::setup::Layout;

/// How far the loading has come.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Progress {
    /// Years that are done.
    years: usize,
    /// Operations that are done.
    operations: usize,
    /// Code → record that lives now.
    living: BTreeMap<String, Living>,
    /// A batch that was sent, with what will be true once it is final.
    sent: Option<Sent>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Living {
    record: RecordId,
    version: u32,
    name: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    call: Value,
    living: BTreeMap<String, Living>,
    operations: usize,
}

/// Loads what is missing and says when all is in.
pub(crate) async fn run(directory: &Path, layout: &Layout, folder: &Path, talk: &Talk) -> Result<(), Failure> {
    let desk = steward(directory, layout).await?;
    let mut loader = Loader::open(directory, desk)?;
    loader.finish_sent().await?;
    loader.catalogue().await?;
    let years = data::years(folder)?;
    let bar = talk.bar(years.len(), "administrative divisions");
    bar.set_position(u64::try_from(loader.progress.years).unwrap_or(u64::MAX));
    for year in years.iter().skip(loader.progress.years) {
        bar.set_message(format!("{}, {} records live", year.effective.year(), loader.progress.living.len()));
        loader.year(year).await?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    let progress = &loader.progress;
    talk.event(&json!({
        "event": "loaded",
        "resource": register::RESOURCE,
        "years": progress.years,
        "operations": progress.operations,
        "records": progress.living.len(),
    }));
    talk.note(&format!(
        "{} years of administrative divisions are on the ledger: {} operations, {} divisions today",
        progress.years,
        progress.operations,
        progress.living.len()
    ));
    Ok(())
}

/// Civil-affairs' data steward at work.
async fn steward(directory: &Path, layout: &Layout) -> Result<Desk, Failure> {
    let owner = register::word::<gongxin_types::ResourceId>(register::RESOURCE)?.organization;
    let steward = layout
        .officers
        .iter()
        .find(|officer| officer.organization == owner && officer.roles.contains(&Role::DataSteward))
        .ok_or_else(|| Failure::usage(format_args!("no data steward of `{owner}` in this network")))?;
    let id: OfficerId = steward.id;
    let acting = Acting { officer: id.to_string(), key: None, passphrase_file: None, gateway: None, network: None };
    let context = Context { format: Format::Json, home: Home::new(Some(&directory.to_owned())) };
    acting.open(&context).await
}

struct Loader {
    desk: Desk,
    path: PathBuf,
    progress: Progress,
    resource: Option<Resource>,
}

impl Loader {
    fn open(directory: &Path, desk: Desk) -> Result<Self, Failure> {
        let path = directory.join(desk.organization.as_str()).join("gateway").join("loaded.json");
        let progress = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| Failure::file(&path, error))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Progress::default(),
            Err(error) => return Err(Failure::file(&path, error)),
        };
        Ok(Self { desk, path, progress, resource: None })
    }

    /// Replaces the file in one step, so that it is never half-written.
    fn save(&self) -> Result<(), Failure> {
        let draft = self.path.with_extension("new");
        let bytes = serde_json::to_vec(&self.progress).map_err(Failure::usage)?;
        fs::write(&draft, bytes).map_err(|error| Failure::file(&draft, error))?;
        fs::rename(&draft, &self.path).map_err(|error| Failure::file(&self.path, error))
    }

    /// Sends what an interrupted start had sent; what has expired meanwhile is in no block and is made anew.
    async fn finish_sent(&mut self) -> Result<(), Failure> {
        let Some(sent) = self.progress.sent.take() else {
            return Ok(());
        };
        let bytes = sent.call.get("transaction").and_then(Value::as_str).unwrap_or_default();
        let transaction = text::from_base64(bytes)
            .ok()
            .and_then(|bytes| Transaction::from_bytes(&bytes).ok())
            .ok_or_else(|| Failure::file(&self.path, "the batch that was sent cannot be read"))?;
        let id = transaction.id(self.desk.network.suite);
        let known = self.desk.client.transaction(id).await.map_err(fail)?;
        let tip = self.time().await?;
        if known.height.is_some() || transaction.body.valid_until > tip {
            records::write(&self.desk, &sent.call).await?;
            self.progress.living = sent.living;
            self.progress.operations = sent.operations;
        }
        self.save()
    }

    async fn time(&self) -> Result<Time, Failure> {
        let page = self.desk.get("/api/v1/organizations?limit=1").await?;
        page.get("time").and_then(Value::as_str).unwrap_or_default().parse().map_err(Failure::unreachable)
    }

    /// Duty, resource and grant, each where it is missing.
    async fn catalogue(&mut self) -> Result<(), Failure> {
        if self.is_absent(&format!("/api/v1/duties/{}", register::DUTY)).await? {
            self.desk.act(vec![register::duty()?]).await?;
        }
        if self.is_absent(&format!("/api/v1/resources/{}", register::RESOURCE)).await? {
            self.desk.act(vec![register::resource()?]).await?;
        }
        if !self.is_granted().await? {
            let now = self.time().await?;
            self.desk.act(vec![register::grant(now)?]).await?;
        }
        let resource = records::catalogued(&self.desk, &register::word(register::RESOURCE)?).await?;
        self.resource = Some(resource);
        Ok(())
    }

    async fn is_absent(&self, path: &str) -> Result<bool, Failure> {
        match self.desk.client.get(path).await {
            Ok(_) => Ok(false),
            Err(ClientError::Refused(problem)) if problem.status == 404 => Ok(true),
            Err(error) => Err(fail(error)),
        }
    }

    async fn is_granted(&self) -> Result<bool, Failure> {
        let page = self.desk.get("/api/v1/grants?limit=200").await?;
        let mut grants = page.get("items").and_then(Value::as_array).into_iter().flatten();
        let is = |grant: &Value, name: &str, value: &str| grant.get(name).and_then(Value::as_str) == Some(value);
        Ok(grants.any(|grant| is(grant, "resource", register::RESOURCE) && is(grant, "reader", register::READER)))
    }

    /// What changed in a year, in batches.
    async fn year(&mut self, year: &Year) -> Result<(), Failure> {
        let mut changes = self.changes(year);
        while !changes.is_empty() {
            let rest = changes.split_off(changes.len().min(BATCH_OPERATIONS_MAX));
            self.batch(year, &changes).await?;
            changes = rest;
        }
        self.progress.years = self.progress.years.saturating_add(1);
        self.save()
    }

    fn changes(&self, year: &Year) -> Vec<Change> {
        let living = &self.progress.living;
        let gone = living.keys().filter(|code| !year.divisions.contains_key(*code)).cloned().map(Change::Gone);
        let named = year.divisions.iter().filter_map(|(code, name)| match living.get(code) {
            None => Some(Change::New { code: code.clone(), name: name.clone() }),
            Some(now) if now.name != *name => Some(Change::Renamed { code: code.clone(), name: name.clone() }),
            Some(_) => None,
        });
        gone.chain(named).collect()
    }

    async fn batch(&mut self, year: &Year, changes: &[Change]) -> Result<(), Failure> {
        let resource = self.resource.clone().ok_or_else(|| Failure::usage("the register is not in the catalogue"))?;
        let mut draft = Draft::new(self.desk.network.suite, resource);
        let mut living = self.progress.living.clone();
        for change in changes {
            apply(change, &mut draft, &mut living)?;
        }
        let operations = self.progress.operations.saturating_add(draft.len());
        let (action, bodies) = draft.finish(register::word(register::DUTY_BASIS)?, year.effective)?;
        let transaction = self.desk.sign(vec![action]).await?;
        let call = records::call(&transaction, &bodies);
        self.progress.sent = Some(Sent { call: call.clone(), living: living.clone(), operations });
        self.save()?;
        records::write(&self.desk, &call).await?;
        self.progress.living = living;
        self.progress.operations = operations;
        self.progress.sent = None;
        self.save()
    }
}

enum Change {
    New { code: String, name: String },
    Renamed { code: String, name: String },
    Gone(String),
}

fn apply(change: &Change, draft: &mut Draft, living: &mut BTreeMap<String, Living>) -> Result<(), Failure> {
    match change {
        Change::New { code, name } => {
            let record = draft.create(row(code, name))?;
            living.insert(code.clone(), Living { record, version: 1, name: name.clone() });
        }
        Change::Renamed { code, name } => {
            if let Some(now) = living.get_mut(code) {
                draft.update(now.record, now.version, row(code, name))?;
                now.version = now.version.saturating_add(1);
                now.name.clone_from(name);
            }
        }
        Change::Gone(code) => {
            if let Some(now) = living.remove(code) {
                draft.delete(now.record, now.version);
            }
        }
    }
    Ok(())
}

fn row(code: &str, name: &str) -> JsonRow {
    JsonRow::from_iter([("code".to_owned(), code.into()), ("name".to_owned(), name.into())])
}
