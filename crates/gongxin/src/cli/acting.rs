//! Acting for someone: an officer, the key, the gateway asked, and the transaction that carries an act.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use gongxin_client::{ClientError, GatewayClient, wire::Wait};
use gongxin_crypto::{SecretKey, key_file, random};
use gongxin_types::{
    Action, Atomicity, Body, List, Network, NetworkHead, OfficerId, OrganizationId, Time, Transaction, codec,
    limits::LANES_MAX,
    transaction::{Actor as Acts, Sender},
};
use serde_json::Value;

use super::Context;
use crate::failure::{self, Failure};
use crate::{files, output, setup::keys};

/// How long a transaction of the tool may wait to be included.
const VALID_FOR_MS: u64 = 120_000;
/// One sequence number lasts so long: 512 of them, the replay window, are ten seconds in which calls may overtake each other.
const SEQUENCE_MS: u64 = 20;

/// Who acts, and where.
#[derive(Args, Clone, Debug)]
pub(crate) struct Acting {
    /// The officer who acts: an identifier, or `organization/label` of a network's folder
    #[arg(long = "as", value_name = "OFFICER", required = true)]
    pub(crate) officer: String,
    /// The officer's encrypted key [default: the folder's]
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// File with the key's passphrase [default: the folder's]
    #[arg(long, env = "GONGXIN_PASSPHRASE_FILE", value_name = "FILE", hide_env_values = true)]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Base URL of the gateway to ask [default: that of the officer's organization]
    #[arg(long, env = "GONGXIN_GATEWAY", value_name = "URL")]
    pub(crate) gateway: Option<String>,
    /// The network's file [default: the folder's]
    #[arg(long, env = "GONGXIN_NETWORK", value_name = "FILE", hide_env_values = true)]
    pub(crate) network: Option<PathBuf>,
}

/// Who acts, where, and where the receipt goes.
#[derive(Args, Clone, Debug)]
pub(crate) struct How {
    #[command(flatten)]
    pub(crate) acting: Acting,
    /// Write the receipt here
    #[arg(long, value_name = "FILE")]
    pub(crate) receipt: Option<PathBuf>,
}

/// An act on a noun from a file.
#[derive(Args)]
pub(crate) struct FromFile {
    /// JSON file of the noun
    file: PathBuf,
    #[command(flatten)]
    pub(crate) how: How,
}

impl FromFile {
    /// The noun; what `show` printed may be handed back.
    pub(crate) fn noun<T: serde::de::DeserializeOwned>(&self) -> Result<T, Failure> {
        super::listing::noun(files::noun(&self.file)?).map_err(|error| Failure::file(&self.file, error))
    }
}

/// An act on a noun by its identifier.
#[derive(Args)]
pub(crate) struct ById<T: Clone + Send + Sync + std::str::FromStr + 'static>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    /// Its identifier
    pub(crate) id: T,
    #[command(flatten)]
    pub(crate) how: How,
}

/// Carries one action out and shows what became of it.
pub(crate) async fn act(action: Action, how: &How, context: &Context) -> Result<(), Failure> {
    let desk = how.acting.open(context).await?;
    let done = kept(desk.act(vec![action]).await, how.receipt.as_ref())?;
    done.show(context, how.receipt.as_ref())
}

/// An officer at work.
pub(crate) struct Desk {
    /// The gateway asked.
    pub(crate) client: GatewayClient,
    /// The officer.
    pub(crate) officer: OfficerId,
    /// For whom.
    pub(crate) organization: OrganizationId,
    /// The officer's key.
    pub(crate) key: SecretKey,
    /// The network.
    pub(crate) network: NetworkHead,
    /// Its file: whose votes count.
    pub(crate) network_file: Network,
}

impl Acting {
    /// An officer of a network's folder, with the folder's keys, gateway and network.
    pub(crate) fn of(officer: &str) -> Self {
        Self { officer: officer.to_owned(), key: None, passphrase_file: None, gateway: None, network: None }
    }

    /// Opens the key and finds the gateway.
    pub(crate) async fn open(&self, context: &Context) -> Result<Desk, Failure> {
        let known = context.home.officer(&self.officer)?;
        let (network_file, _) = files::network_file(&context.home.network_file(self.network.as_ref()))?;
        let network = network_file.head.clone();
        let path =
            self.key.clone().or(known.key).ok_or_else(|| Failure::usage("whose key? name the file with `--key`"))?;
        let passphrase = keys::passphrase(self.passphrase_file.as_ref().or(known.passphrase_file.as_ref()))?;
        let key =
            key_file::read_signing_key(&path, &passphrase).map_err(|error| Failure::usage(failure::chain(&error)))?;
        let gateway =
            self.gateway.clone().or_else(|| known.organization.as_ref().and_then(|id| context.home.gateway(id)));
        let gateway = gateway.ok_or_else(|| Failure::usage("which gateway? name its URL with `--gateway`"))?;
        let client = GatewayClient::new(&gateway, known.id, key.clone()).map_err(fail)?;
        let organization = match known.organization {
            Some(organization) => organization,
            None => own_organization(&client, known.id).await?,
        };
        Ok(Desk { client, officer: known.id, organization, key, network, network_file })
    }
}

async fn own_organization(client: &GatewayClient, officer: OfficerId) -> Result<OrganizationId, Failure> {
    let path = format!("/api/v1/officers/{officer}");
    let document: Value = client.get(&path).await.and_then(|answer| answer.json()).map_err(fail)?;
    let text = document.get("organization").and_then(Value::as_str).unwrap_or_default();
    text.parse().map_err(Failure::unreachable)
}

/// What became of an act.
pub(crate) struct Done {
    /// The gateway's answer: id, status, height, receipt.
    pub(crate) answer: Value,
}

impl Desk {
    /// A JSON document of the gateway.
    pub(crate) async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.client.get(path).await.and_then(|answer| answer.json()).map_err(fail)
    }

    /// Signs these actions as one transaction.
    pub(crate) async fn sign(&self, actions: Vec<Action>) -> Result<Transaction, Failure> {
        let time = self.time().await?;
        self.sign_at(actions, time)
    }

    /// Consensus time, as the gateway knows it.
    pub(crate) async fn time(&self) -> Result<Time, Failure> {
        let tip = self.get("/api/v1/organizations?limit=1").await?;
        tip.get("time").and_then(Value::as_str).unwrap_or_default().parse().map_err(Failure::unreachable)
    }

    /// Signs these actions as one transaction, valid for two minutes of consensus time from `time`.
    pub(crate) fn sign_at(&self, actions: Vec<Action>, time: Time) -> Result<Transaction, Failure> {
        let [high, low] = random::array::<2>().map_err(Failure::usage)?;
        let lane = u16::from_be_bytes([high, low]) % LANES_MAX;
        self.sign_as(actions, time.plus_millis(VALID_FOR_MS), lane, sequence()?)
    }

    /// Signs these actions as one transaction with this lane and sequence.
    pub(crate) fn sign_as(
        &self,
        actions: Vec<Action>,
        valid_until: Time,
        lane: u16,
        sequence: u64,
    ) -> Result<Transaction, Failure> {
        let sender = Sender {
            organization: self.organization.clone(),
            actor: Acts::Officer(self.officer),
            key: self.key.public(),
        };
        signed(&self.network, &self.key, sender, Slot { valid_until, lane, sequence }, actions)
    }

    /// Acts, and waits until the act is final.
    pub(crate) async fn act(&self, actions: Vec<Action>) -> Result<Done, Failure> {
        let transaction = self.sign(actions).await?;
        let answer = self.client.submit(codec::encode(&transaction), Wait::Final).await.map_err(fail)?;
        if answer.height.is_none() {
            return Err(not_final(&answer.id));
        }
        Ok(Done { answer: serde_json::to_value(answer).map_err(Failure::usage)? })
    }
}

/// Where a transaction of a sender stands: until when it may be included, and what tells it from the sender's others.
pub(crate) struct Slot {
    pub(crate) valid_until: Time,
    pub(crate) lane: u16,
    pub(crate) sequence: u64,
}

/// These actions as one transaction, all or nothing, signed with the sender's key.
pub(crate) fn signed(
    network: &NetworkHead,
    key: &SecretKey,
    sender: Sender,
    slot: Slot,
    actions: Vec<Action>,
) -> Result<Transaction, Failure> {
    let Slot { valid_until, lane, sequence } = slot;
    let body = Body {
        version: 1,
        network: network.id(),
        sender,
        lane,
        sequence,
        valid_until,
        atomicity: Atomicity::AllOrNothing,
        actions: List::new(actions).map_err(Failure::usage)?,
    };
    let signature = key.sign(&Transaction::message(&body.id(network.suite)));
    Ok(Transaction { body, signature })
}

impl Done {
    /// Writes the receipt where it was asked for and prints the rest.
    pub(crate) fn show(&self, context: &Context, receipt: Option<&PathBuf>) -> Result<(), Failure> {
        show(&self.answer, context, receipt)
    }
}

/// A refusal is proven too: its receipt goes where a receipt was asked for.
pub(crate) fn kept<T>(result: Result<T, Failure>, receipt: Option<&PathBuf>) -> Result<T, Failure> {
    if let Err(failure) = &result {
        files::write_receipt(receipt, failure.details().and_then(|details| details.get("receipt")))?;
    }
    result
}

/// Writes the receipt of an answer where it was asked for and prints the rest.
pub(crate) fn show(answer: &Value, context: &Context, receipt: Option<&PathBuf>) -> Result<(), Failure> {
    let mut answer = answer.clone();
    files::write_receipt(receipt, answer.get("receipt"))?;
    if context.format == output::Format::Table {
        // A receipt is for machines; on a screen it is named by the file it went to.
        if let Some(slot) = answer.get_mut("receipt") {
            *slot = receipt.map_or_else(|| "(with --receipt FILE)".into(), |path| path.display().to_string().into());
        }
    }
    output::print(context.format, &answer, &[]);
    Ok(())
}

/// An act that the network has taken, and of which nobody knows yet what becomes of it.
pub(crate) fn not_final(id: &impl std::fmt::Display) -> Failure {
    Failure::unreachable(format_args!(
        "transaction `{id}` is not final yet; the network may be halted: ask again later"
    ))
}

/// A number that grows by one every 20 ms: parallel calls differ by their random lane.
pub(crate) fn sequence() -> Result<u64, Failure> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(Failure::usage)?.as_millis();
    u64::try_from(now).map(|now| now / SEQUENCE_MS).map_err(Failure::usage)
}

/// A client's error as the end of a command: refused, unusable, or unreachable.
pub(crate) fn fail(error: ClientError) -> Failure {
    match error {
        ClientError::Refused(problem) => {
            let document = serde_json::to_value(&*problem).ok();
            match problem.status {
                401 | 403 | 404 | 409 | 410 | 422 => Failure::refused(&problem.message, document),
                _ => Failure::usage(&problem.message),
            }
        }
        other => Failure::unreachable(failure::chain(&other)),
    }
}
