//! Chapter 2, admit a fifth: proposed, voted in, and at work through a gateway of its own. Its validator has a room beside.

use std::fs;
use std::net::SocketAddr;

use gongxin_types::proposal::{Admission, Matter};
use gongxin_types::{Bilingual, Officer, Organization, OrganizationKind, Role, organization::Level};
use serde_json::{Value, json};

use super::people::{newcomer, write};
use super::story::Story;
use super::{vote, words};
use crate::failure::Failure;
use crate::setup::GatewayLayout;

/// The fifth.
pub(super) const FIFTH: &str = "tax";

/// Where the fifth's processes will listen.
#[derive(Clone, Copy)]
pub(super) struct Addresses {
    /// Its validator, for its peers.
    pub(super) p2p: SocketAddr,
    /// Its validator, for clients.
    pub(super) http: SocketAddr,
    /// Its gateway.
    pub(super) gateway: SocketAddr,
}

/// Tells it.
pub(super) async fn tell(story: &mut Story<'_>, addresses: Addresses) -> Result<(), Failure> {
    story.chapter(&words::ADMISSION).await;
    let head = made(story).await?;
    voted_in(story, head).await?;
    at_work(story, addresses).await
}

/// Keys and a description, made by the newcomer alone.
async fn made(story: &mut Story<'_>) -> Result<Officer, Failure> {
    story.step("The tax bureau makes the key of its head 负责人; only the public half will leave the house.").await?;
    let folder = story.directory().join(FIFTH);
    fs::create_dir_all(&folder).map_err(|error| Failure::file(&folder, error))?;
    story.answer(&format!("key passphrase {FIFTH}/passphrase")).await?;
    newcomer(story, FIFTH, "head", Role::Authority).await
}

/// Two votes are not enough, three are.
async fn voted_in(story: &mut Story<'_>, head: Officer) -> Result<(), Failure> {
    story.step("Civil affairs proposes to admit it, and housing reads what it would vote on.").await?;
    let organization = Organization {
        version: 1,
        id: FIFTH.parse().map_err(Failure::usage)?,
        name: Bilingual::new("税务局", "Tax Bureau").map_err(Failure::usage)?,
        kind: OrganizationKind::Department,
        parent: None,
        level: Level::Prefecture,
        division: "310000".parse().map_err(Failure::usage)?,
        expelled: None,
    };
    let file = format!("{FIFTH}/admission.json");
    write(story, &file, &Matter::Admission(Admission { organization, head }))?;
    let proposed = vote::open(story, &format!("--matter {file}"), "civil-affairs/head", "housing/head").await?;
    let read = proposed.words.contains("admits `tax`: 税务局 Tax Bureau");
    story.holds("the proposal is told in words, and the vote names the digest of what was read", read, &Value::Null)?;

    story.step("Two heads vote for it.").await?;
    for office in ["civil-affairs", "housing"] {
        vote::cast(story, &proposed, office).await?;
    }
    let (is_open, votes) = vote::is_open(story, &proposed).await?;
    let unknown = story.watch.ask(&format!("org show {FIFTH} --as housing/head")).await.is_none();
    story.holds(
        "two of four are not enough: the voting goes on, and nobody was admitted",
        is_open && unknown,
        &votes,
    )?;

    story.step("A third votes for it, and from the next block on the tax bureau is a member.").await?;
    let third = vote::cast(story, &proposed, "public-security").await?;
    let height = vote::in_force(story, &proposed).await?;
    let known = story.answer(&format!("org show {FIFTH} --as housing/head")).await?;
    let facts = json!({ "third_vote_in_block": third.height, "member_from_block": height });
    let is_member = known.get("id").is_some_and(|id| id == FIFTH) && height > third.height;
    story.holds("the member stands on the ledger from the block after its last vote", is_member, &facts)
}

/// Officers, a gateway, and a first act through it.
async fn at_work(story: &mut Story<'_>, addresses: Addresses) -> Result<(), Failure> {
    story.step("Its head appoints an operator 运维人员 and a clerk; a neighbour's gateway hands that in.").await?;
    let bureau = story.layout.gateways.iter().find(|one| one.organization.as_str() == "data-bureau");
    let through = bureau.map(|one| one.http.clone()).ok_or_else(|| Failure::usage("no gateway of the data bureau"))?;
    for (label, role) in [("operator", Role::Operator), ("clerk", Role::CaseOfficer)] {
        let officer = newcomer(story, FIFTH, label, role).await?;
        let file = format!("{FIFTH}/{label}.json");
        write(story, &file, &officer)?;
        let line = format!("officer register {file} --as {FIFTH}/head --gateway {through}");
        story.act(&format!("{FIFTH}-{label}"), &line).await?;
    }

    story.step("The operator makes a gateway of its own, registers it, and starts it.").await?;
    let (folder, address, validator) = (format!("{FIFTH}/gateway"), addresses.gateway, addresses.http);
    story
        .answer(&format!(
            "gateway new --organization {FIFTH} --dir {folder} --like civil-affairs/gateway/gateway.toml --http {address} --own-validator http://{validator}"
        ))
        .await?;
    let register = format!("gateway register {folder}/gateway.json --as {FIFTH}/operator --gateway {through}");
    story.act("gateway", &register).await?;
    let place = GatewayLayout {
        organization: FIFTH.parse().map_err(Failure::usage)?,
        http: format!("http://{address}"),
        config: format!("{folder}/gateway.toml").into(),
    };
    story.typed(&format!("gateway --config {}", place.config.display()));
    let directory = story.directory().to_owned();
    story.children.gateway(&directory, &place)?;
    story.started(&format!("gateway {FIFTH}"), &place.http);
    story.layout.gateways.push(place);
    story.layout.write(&directory)?;
    let talk = story.talk();
    story.children.wait_ready(talk).await?;
    let proven = story.notarise("first-act", &format!("{FIFTH}/clerk")).await?;
    let facts = json!({ "block": proven.height });
    story.holds("its clerk acts through its own gateway, like everybody's", proven.allowed(), &facts)
}
