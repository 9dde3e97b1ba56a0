//! `gongxin record`: rows of a resource: written with commitments, read with evidence.

use clap::{Args, Subcommand};
use gongxin_client::GatewayClient;
use gongxin_types::{
    AccessAuthority, BasisCode, Date, FieldName, Grant, GrantId, OrganizationId, PurposeCode, RecordId, Resource,
    ResourceId, Slug, Time, access::KeyText,
};
use serde_json::Value;

use super::{
    Context, Desk,
    acting::{How, fail, kept, show},
    listing::{self, ListArgs, encoded},
};
use crate::failure::Failure;
use crate::files;
use crate::output::{self, Format};
use crate::reading::{self, Question};
use crate::records::{self, Draft, JsonRow};

const COLUMNS: &[&str] = &["resource", "record", "version", "commitment", "height"];
/// Purpose of an office's own reading of its own register, unless another is named.
const OWN_PURPOSE: &str = "case-handling";

/// Rows of a resource.
#[derive(Subcommand)]
pub(crate) enum RecordCommand {
    /// List what the ledger knows of records: versions and commitments
    List(RecordListArgs),
    /// Show what the ledger knows of one record: `RESOURCE/RECORD`
    Show(listing::ShowArgs),
    /// Create a record
    Create(CreateArgs),
    /// Write a further version of a record
    Update(UpdateArgs),
    /// End a record
    Delete(DeleteArgs),
    /// Read a record by its key; it comes out once the reading is final on the ledger
    Read(ReadArgs),
    /// Read all versions of all records that ever had this key
    History(ReadArgs),
}

/// Which records.
#[derive(Args)]
pub(crate) struct RecordListArgs {
    /// Only of this resource
    #[arg(long)]
    resource: Option<ResourceId>,
    #[command(flatten)]
    list: ListArgs,
}

/// What every writing names.
#[derive(Args)]
pub(crate) struct Writing {
    /// The resource, such as `civil-affairs/divisions`
    resource: ResourceId,
    /// The law it is done under, by its code in the network's list [default: that of the resource's duty]
    #[arg(long)]
    legal_basis: Option<BasisCode>,
    /// The date from which the fact holds
    #[arg(long)]
    effective: Date,
    #[command(flatten)]
    how: How,
}

/// A new record.
#[derive(Args)]
pub(crate) struct CreateArgs {
    #[command(flatten)]
    writing: Writing,
    /// The row, such as '{"code": "310000", "name": "上海市"}'
    #[arg(long, value_parser = parse_row)]
    row: JsonRow,
}

/// A further version.
#[derive(Args)]
pub(crate) struct UpdateArgs {
    #[command(flatten)]
    writing: Writing,
    /// The record, as `record read` shows it
    #[arg(long)]
    record: RecordId,
    /// The version it has now
    #[arg(long)]
    expected_version: u32,
    /// The new row
    #[arg(long, value_parser = parse_row)]
    row: JsonRow,
}

/// The end of a record.
#[derive(Args)]
pub(crate) struct DeleteArgs {
    #[command(flatten)]
    writing: Writing,
    /// The record
    #[arg(long)]
    record: RecordId,
    /// The version it has now
    #[arg(long)]
    expected_version: u32,
}

/// What to read.
#[derive(Args)]
pub(crate) struct ReadArgs {
    /// The resource, such as `civil-affairs/divisions`
    resource: ResourceId,
    /// Key columns, in catalogue order
    #[arg(required = true, value_name = "KEY", id = "record_key")]
    key_columns: Vec<KeyArgument>,
    /// Which fields [default: those of the grant, or all of one's own]
    #[arg(long, value_delimiter = ',')]
    fields: Vec<FieldName>,
    /// The grant to read under [default: one that your organization has]
    #[arg(long)]
    grant: Option<GrantId>,
    /// For what [default: the grant's]
    #[arg(long)]
    purpose: Option<PurposeCode>,
    /// Under which law [default: the grant's]
    #[arg(long)]
    legal_basis: Option<BasisCode>,
    /// The case it is read for; known to both offices, not on the ledger
    #[arg(long)]
    case: Option<Slug>,
    /// Base URL of the owner's gateway [default: the folder's, or that on the ledger]
    #[arg(long, value_name = "URL")]
    owner_gateway: Option<String>,
    #[command(flatten)]
    how: How,
}

/// A key column on the command line.
#[derive(Clone, Debug)]
struct KeyArgument(KeyText);

impl std::str::FromStr for KeyArgument {
    type Err = gongxin_types::text::TextError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        KeyText::new(text).map(Self)
    }
}

fn parse_row(text: &str) -> Result<JsonRow, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

/// Carries the command out.
pub(crate) async fn run(command: RecordCommand, context: &Context) -> Result<(), Failure> {
    match command {
        RecordCommand::List(arguments) => {
            let filter = [("resource", arguments.resource.map(|id| id.to_string()))];
            listing::list(&arguments.list, context, "/api/v1/records", &filter, COLUMNS).await
        }
        RecordCommand::Show(arguments) => listing::show(&arguments, context, "/api/v1/records").await,
        RecordCommand::Create(arguments) => {
            write(&arguments.writing, context, |draft| draft.create(arguments.row.clone()).map(Some)).await
        }
        RecordCommand::Update(arguments) => {
            let (record, version) = (arguments.record, arguments.expected_version);
            write(&arguments.writing, context, |draft| {
                draft.update(record, version, arguments.row.clone()).map(|()| None)
            })
            .await
        }
        RecordCommand::Delete(arguments) => {
            write(&arguments.writing, context, |draft| {
                draft.delete(arguments.record, arguments.expected_version);
                Ok(None)
            })
            .await
        }
        RecordCommand::Read(arguments) => read(&arguments, context, false).await,
        RecordCommand::History(arguments) => read(&arguments, context, true).await,
    }
}

async fn write(
    writing: &Writing,
    context: &Context,
    operate: impl FnOnce(&mut Draft) -> Result<Option<RecordId>, Failure>,
) -> Result<(), Failure> {
    let desk = writing.how.acting.open(context).await?;
    let resource = records::catalogued(&desk, &writing.resource).await?;
    let legal_basis = match &writing.legal_basis {
        Some(code) => code.clone(),
        None => duty_basis(&desk, &resource).await?,
    };
    let mut draft = Draft::new(desk.network.suite, resource);
    let created = operate(&mut draft)?;
    let (action, bodies) = draft.finish(legal_basis, writing.effective)?;
    let transaction = desk.sign(vec![action]).await?;
    let answer = records::write(&desk, &records::call(&transaction, &bodies)).await;
    let mut answer = kept(answer, writing.how.receipt.as_ref())?;
    if let (Some(record), Some(fields)) = (created, answer.as_object_mut()) {
        fields.insert("record".into(), record.to_string().into());
    }
    show(&answer, context, writing.how.receipt.as_ref())
}

async fn duty_basis(desk: &Desk, resource: &Resource) -> Result<BasisCode, Failure> {
    let duty = desk.get(&format!("/api/v1/duties/{}", resource.duty)).await?;
    duty.get("legal_basis").and_then(Value::as_str).unwrap_or_default().parse().map_err(Failure::unreachable)
}

async fn read(arguments: &ReadArgs, context: &Context, history: bool) -> Result<(), Failure> {
    let desk = arguments.how.acting.open(context).await?;
    let question = question(arguments, &desk, history).await?;
    let owner = match &arguments.owner_gateway {
        Some(url) => GatewayClient::new(url, desk.officer, desk.key.clone()).map_err(fail)?,
        None => owner_gateway(&arguments.resource, &desk, context).await?,
    };
    let answer = kept(reading::ask(&desk, &owner, question).await, arguments.how.receipt.as_ref())?;
    let found = !answer.opened.records.is_empty();
    let mut document = if history { answer.history() } else { answer.latest() };
    match (history, context.format) {
        (true, Format::Table) => {
            files::write_receipt(arguments.how.receipt.as_ref(), document.get("receipt"))?;
            let versions = document.get_mut("versions").map(Value::take).unwrap_or_default();
            let columns: Vec<String> = ["life", "effective", "operation"]
                .into_iter()
                .map(str::to_owned)
                .chain(shown_fields(&versions))
                .chain(["version".to_owned(), "legal_basis".to_owned()])
                .collect();
            let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
            output::print(Format::Table, &versions, &columns);
            output::note(&format!("the reading is final at block {}", answer.opened.height));
        }
        _ => show(&document, context, arguments.how.receipt.as_ref())?,
    }
    if !answer.compared && found {
        output::note("your own gateway has not come so far: that these versions are the ledger's is the owner's word");
    }
    if found {
        Ok(())
    } else {
        Err(Failure::refused("nothing was found under this key; that, too, is on the ledger", None))
    }
}

fn shown_fields(versions: &Value) -> Vec<String> {
    let rows = versions.as_array().into_iter().flatten();
    let fields = rows.filter_map(|row| row.get("fields").and_then(Value::as_object)).next();
    fields.into_iter().flat_map(|fields| fields.keys().map(|name| format!("fields.{name}"))).collect()
}

/// Completes what was not said from the grant that fits, or from the duty of one's own office.
async fn question(arguments: &ReadArgs, desk: &Desk, history: bool) -> Result<Question, Failure> {
    let resource = records::catalogued(desk, &arguments.resource).await?;
    let grant = match resource.id.organization == desk.organization {
        true => None,
        false => grant(&arguments.resource, arguments.grant, desk).await?,
    };
    let entitled = entitled(desk, &resource, grant).await?;
    Ok(Question {
        resource: resource.id,
        key: arguments.key_columns.iter().map(|column| column.0.clone()).collect(),
        fields: if arguments.fields.is_empty() { entitled.fields } else { arguments.fields.clone() },
        history,
        purpose: arguments.purpose.clone().unwrap_or(entitled.purpose),
        legal_basis: arguments.legal_basis.clone().unwrap_or(entitled.legal_basis),
        authority: entitled.authority,
        case: arguments.case.clone(),
    })
}

/// The question an officer of this desk would put for one key: under a grant of the office, or under its own duty.
pub(crate) async fn usual_question(desk: &Desk, resource: &ResourceId, key: &str) -> Result<Question, Failure> {
    let resource = records::catalogued(desk, resource).await?;
    let own = resource.id.organization == desk.organization;
    let grant = if own { None } else { grant(&resource.id, None, desk).await? };
    let entitled = entitled(desk, &resource, grant).await?;
    Ok(Question {
        resource: resource.id,
        key: vec![KeyText::new(key).map_err(Failure::usage)?],
        fields: entitled.fields,
        history: false,
        purpose: entitled.purpose,
        legal_basis: entitled.legal_basis,
        authority: entitled.authority,
        case: None,
    })
}

/// What entitles a reader, and what goes with it.
struct Entitled {
    authority: AccessAuthority,
    purpose: PurposeCode,
    legal_basis: BasisCode,
    fields: Vec<FieldName>,
}

/// By a grant or, without one, by the duty the register is kept under: only the owner's own officers may read under that,
/// and the ledger says so to everyone else, with a receipt.
async fn entitled(desk: &Desk, resource: &Resource, grant: Option<Grant>) -> Result<Entitled, Failure> {
    Ok(match grant {
        Some(grant) => Entitled {
            authority: AccessAuthority::Grant { grant: grant.id },
            purpose: grant.purpose,
            legal_basis: grant.legal_basis,
            fields: grant.fields.into_inner(),
        },
        None => Entitled {
            authority: AccessAuthority::Duty { duty: resource.duty.clone() },
            purpose: OWN_PURPOSE.parse().map_err(Failure::usage)?,
            legal_basis: duty_basis(desk, resource).await?,
            fields: resource.fields.iter().map(|field| field.name.clone()).collect(),
        },
    })
}

/// The grant named, or one that the reader's organization has and that has not been revoked.
async fn grant(resource: &ResourceId, named: Option<GrantId>, desk: &Desk) -> Result<Option<Grant>, Failure> {
    let mut cursor = String::new();
    loop {
        let page = desk.get(&format!("/api/v1/grants?limit=200{cursor}")).await?;
        let time: Time =
            page.get("time").and_then(Value::as_str).unwrap_or_default().parse().map_err(Failure::unreachable)?;
        for item in page.get("items").and_then(Value::as_array).into_iter().flatten() {
            let grant: Grant = listing::noun(item.clone()).map_err(Failure::unreachable)?;
            let fits = grant.resource == *resource
                && grant.reader == desk.organization
                && grant.revoked.is_none()
                && grant.until > time;
            if fits && named.is_none_or(|id| id == grant.id) {
                return Ok(Some(grant));
            }
        }
        match page.get("next").and_then(Value::as_str) {
            Some(next) => cursor = format!("&cursor={}", encoded(next)),
            None => break,
        }
    }
    match named {
        Some(id) => {
            Err(Failure::usage(format_args!("grant `{id}` is not one that your organization can use for this now")))
        }
        None => Ok(None),
    }
}

/// The owner's gateway, as the folder knows it, or as registered on the ledger.
pub(crate) async fn owner_gateway(
    resource: &ResourceId,
    desk: &Desk,
    context: &Context,
) -> Result<GatewayClient, Failure> {
    let owner = &resource.organization;
    let url = match context.home.gateway(owner) {
        Some(url) => url,
        None => registered(desk, owner).await?,
    };
    GatewayClient::new(&url, desk.officer, desk.key.clone()).map_err(fail)
}

async fn registered(desk: &Desk, owner: &OrganizationId) -> Result<String, Failure> {
    let page = desk.get("/api/v1/gateways?limit=200").await?;
    let items = page.get("items").and_then(Value::as_array).into_iter().flatten();
    let found = items
        .filter(|item| item.get("organization").and_then(Value::as_str) == Some(owner.as_str()))
        .filter(|item| item.get("revoked").is_none_or(Value::is_null))
        .find_map(|item| item.get("address").and_then(Value::as_str));
    found
        .map(|address| format!("http://{address}"))
        .ok_or_else(|| Failure::unreachable(format_args!("no gateway of `{owner}` is registered")))
}
