//! Versions of the rules: programs are replaced one after the other while people send, members vote the next version in, and
//! the one that was left behind ends with words.

use gongxin_chain::{Caps, Handle, ValidatorConfig};
use gongxin_crypto::Suite;
use gongxin_types::proposal::{Choice, Matter, NewProposal, NewVote};
use gongxin_types::{Action, Height, ProposalId};

use crate::town::{Town, finish, now, reach, stop, until};

/// A validator with a program that knows rules up to this version.
fn config(town: &Town, node: usize, newest_version: u16) -> ValidatorConfig {
    let config = town.config(node);
    ValidatorConfig { caps: Caps { newest_version, ..config.caps }, ..config }
}

async fn vote(town: &Town, node: &Handle, version: u16) {
    let matter = Matter::ProtocolVersion(version);
    let (proposal, digest) = (ProposalId::new([7; 16]), matter.digest(Suite::Intl));
    let new = NewProposal {
        version: 1,
        id: proposal,
        legal_basis: "sharing-regulation".parse().unwrap(),
        matter,
        closes: now().plus_millis(86_400_000),
        effective: Height::GENESIS,
    };
    finish(node, town.decree("housing", 1, Action::OpenProposal(new))).await;
    for organization in ["housing", "civil-affairs", "public-security"] {
        let ballot = NewVote { proposal, matter: digest, choice: Choice::For };
        finish(node, town.decree(organization, 2, Action::CastVote(ballot))).await;
    }
}

/// Three of four get the new program in turn, and documents become final all the while. The fourth is forgotten: when the
/// vote takes effect it stops, says which version it lacks, and goes on from there with the new program.
#[tokio::test]
async fn a_rolling_upgrade_leaves_one_behind() {
    let town = Town::new();
    let mut nodes: Vec<Handle> = (0..4).map(|node| town.first_start(config(&town, node, 1))).collect();
    let mut sequence = 0;
    for node in 0..3 {
        nodes[node].stop().await;
        for document in 0..3 {
            sequence += 1;
            finish(&nodes[(node + 1) % 4], town.evidence(sequence, &format!("deed {node} {document}"))).await;
        }
        nodes[node] = gongxin_chain::start(config(&town, node, 2)).unwrap();
        until(&nodes[node], |node| node.status().voting && node.ready().is_ok()).await;
    }
    vote(&town, &nodes[0], 2).await;
    let ended = nodes[3].wait().await.unwrap_err();
    assert!(ended.reason.contains("version 2 of the rules") && ended.reason.contains("start a newer"), "{ended}");

    let height = finish(&nodes[1], town.evidence(sequence + 1, "deed of the second version")).await;
    assert_eq!(reach(&nodes[1], height.get()).await.header.protocol_version, 2);
    assert_eq!(reach(&nodes[1], 1).await.header.protocol_version, 1);
    nodes[3] = gongxin_chain::start(config(&town, 3, 2)).unwrap();
    until(&nodes[3], |node| node.status().voting && node.status().height >= height).await;
    assert_eq!(reach(&nodes[3], height.get()).await.header, reach(&nodes[0], height.get()).await.header);
    stop(&nodes).await;
}
