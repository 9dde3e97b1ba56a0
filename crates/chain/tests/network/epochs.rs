//! Epochs: members vote who validates, while the network goes on.

use std::time::Duration;

use gongxin_chain::{Handle, Peer, Role, SyncMode, ValidatorConfig, consensus_public_key};
use gongxin_crypto::Suite;
use gongxin_test_support::world::list;
use gongxin_types::genesis::ConsensusKey;
use gongxin_types::proposal::{Choice, Matter, NewProposal, NewVote};
use gongxin_types::{Action, FinalizedBlock, Height, ProposalId, Validator, ValidatorSet};
use gongxin_verify::{TrustedNetwork, headers};

use crate::town::{Town, finish, now, reach, stop, until};

/// Seed of the fifth node, which follows until it is voted in.
const FIFTH: [u8; 32] = [99; 32];

fn fifth() -> Validator {
    let key = ConsensusKey(consensus_public_key(&FIFTH));
    Validator { name: "fifth".parse().unwrap(), organization: "data-bureau".parse().unwrap(), key }
}

/// A node's configuration, with the right to vote where it serves.
fn config(town: &Town, node: usize) -> ValidatorConfig {
    ValidatorConfig { role: Role::Validator, ..town.config(node) }
}

/// The validators of genesis without some of them, and with others.
fn set(town: &Town, epoch: u64, without: &[usize], with: Option<Validator>) -> ValidatorSet {
    let genesis = town.genesis.head.validators.iter().enumerate();
    let stay = genesis.filter(|(place, _)| !without.contains(place)).map(|(_, validator)| validator.clone());
    let mut validators: Vec<Validator> = stay.chain(with).collect();
    validators.sort_by_key(|validator| validator.key);
    ValidatorSet { version: 1, epoch, validators: list(validators) }
}

/// These organizations want it, and the next block is the last of the old validators.
async fn vote(town: &Town, node: &Handle, sequence: u64, set: &ValidatorSet, voters: &[&str]) {
    let matter = Matter::ValidatorSet(set.clone());
    let (proposal, digest) = (ProposalId::new([set.epoch as u8; 16]), matter.digest(Suite::Intl));
    let new = NewProposal {
        version: 1,
        id: proposal,
        legal_basis: "sharing-regulation".parse().unwrap(),
        matter,
        closes: now().plus_millis(86_400_000),
        effective: Height::GENESIS,
    };
    finish(node, town.decree(voters[0], sequence, Action::OpenProposal(new))).await;
    for organization in voters {
        let ballot = NewVote { proposal, matter: digest, choice: Choice::For };
        finish(node, town.decree(organization, sequence + 1, Action::CastVote(ballot))).await;
    }
}

fn serves(epoch: u64) -> impl Fn(&Handle) -> bool {
    move |node| (node.status().epoch, node.status().voting) == (epoch, true)
}

fn follows(epoch: u64) -> impl Fn(&Handle) -> bool {
    move |node| (node.status().epoch, node.status().voting) == (epoch, false)
}

/// Every block of a node is its parent's child, of the epoch its parent announces, and certified by that epoch's
/// validators, followed from genesis on by the changes the node knows.
async fn check_chain(town: &Town, node: &Handle, to: u64) -> Vec<FinalizedBlock> {
    let mut network = TrustedNetwork::from_head(&town.genesis.head);
    for change in node.epoch_changes() {
        network.follow(&change).unwrap();
    }
    let mut blocks: Vec<FinalizedBlock> = Vec::new();
    for height in 1..=to {
        let block = (*reach(node, height).await).clone();
        let links: Vec<_> = blocks.last().into_iter().chain([&block]).map(|block| block.header.clone()).collect();
        headers::check_links(&links, &network).unwrap();
        if let Some(certificate) = &block.certificate {
            headers::check_certified(&links, certificate, &network).unwrap();
        }
        assert!(!block.header.ends_epoch() || block.certificate.is_some());
        blocks.push(block);
    }
    blocks
}

/// Four vote a fifth in, which has followed them; one of the first goes down, and the network needs the fifth's vote.
/// They vote that one out; it comes back, sees what it missed and follows. One that serves starts again and votes on.
#[tokio::test]
async fn a_fifth_joins_and_one_is_voted_out() {
    let town = Town::new();
    let mut nodes = town.open();
    nodes.push(town.first_start(config(&town, 4)));
    until(&nodes[4], |node| node.status().height >= Height::new(2)).await;
    assert!(follows(0)(&nodes[4]));

    let five = set(&town, 1, &[], Some(fifth()));
    vote(&town, &nodes[0], 1, &five, &["civil-affairs", "public-security", "social-security"]).await;
    for node in &nodes {
        until(node, serves(1)).await;
    }
    let last = town.genesis.head.validators.iter().position(|one| one.organization.as_str() == "housing").unwrap();
    nodes[last].stop().await;
    let others: Vec<usize> = (0..5).filter(|node| *node != last).collect();
    finish(&nodes[others[0]], town.evidence(1, "deed of five")).await;

    let four = set(&town, 2, &[last], Some(fifth()));
    let voters = ["data-bureau", "civil-affairs", "public-security", "social-security"];
    vote(&town, &nodes[others[0]], 10, &four, &voters).await;
    for node in &others {
        until(&nodes[*node], serves(2)).await;
    }
    let height = finish(&nodes[others[1]], town.evidence(2, "deed of four")).await;

    nodes[last] = gongxin_chain::start(config(&town, last)).unwrap();
    until(&nodes[last], follows(2)).await;
    let again = others[2];
    nodes[again].stop().await;
    nodes[again] = gongxin_chain::start(config(&town, again)).unwrap();
    until(&nodes[again], serves(2)).await;
    let end = finish(&nodes[again], town.evidence(3, "last deed")).await;
    assert!(end > height);
    let chain = check_chain(&town, &nodes[0], end.get()).await;
    for node in &nodes[1..] {
        assert_eq!(chain.last().unwrap().header, check_chain(&town, node, end.get()).await.last().unwrap().header);
    }
    assert_eq!(chain.iter().filter(|block| block.header.ends_epoch()).count(), 2);
    stop(&nodes).await;
}

/// Who comes to a network in a later epoch with nothing but genesis learns from its peers who validates, and believes
/// only what those before have signed: by replaying, and by fetching the state. A validator that was wiped votes again.
#[tokio::test]
async fn newcomers_and_the_wiped_find_the_epoch() {
    let town = Town::new();
    let mut nodes = town.open();
    let voters = ["civil-affairs", "public-security", "social-security"];
    vote(&town, &nodes[0], 1, &set(&town, 1, &[], Some(fifth())), &voters).await;
    for node in &nodes {
        until(node, serves(1)).await;
    }
    // Voted in before it was ever seen: four of five are a quorum.
    finish(&nodes[1], town.evidence(1, "deed of an absent fifth")).await;
    nodes.push(town.first_start(ValidatorConfig { sync: SyncMode::State, ..config(&town, 4) }));
    until(&nodes[4], serves(1)).await;
    finish(&nodes[4], town.evidence(2, "deed at the fifth")).await;

    nodes[2].stop().await;
    std::fs::remove_dir_all(town.path(2)).unwrap();
    nodes[2] = gongxin_chain::start(config(&town, 2)).unwrap();
    until(&nodes[2], serves(1)).await;
    let end = finish(&nodes[2], town.evidence(3, "deed at the wiped")).await;
    check_chain(&town, &nodes[2], end.get()).await;
    stop(&nodes).await;
}

/// A validator of a later epoch has lost its archive, and no block was archived since a state sync when it stops: it finds
/// its epoch all the same, by what its engine has processed.
#[tokio::test]
async fn a_lost_archive_does_not_hide_the_epoch() {
    let town = Town::new();
    let mut nodes = town.open();
    let voters = ["civil-affairs", "public-security", "social-security"];
    vote(&town, &nodes[0], 1, &set(&town, 1, &[], Some(fifth())), &voters).await;
    for node in &nodes {
        until(node, serves(1)).await;
    }
    finish(&nodes[1], town.evidence(1, "deed of the new epoch")).await;
    nodes[2].stop().await;
    std::fs::remove_dir_all(town.path(2).join("blocks")).unwrap();
    nodes[2] = gongxin_chain::start(config(&town, 2)).unwrap();
    until(&nodes[2], serves(1)).await;
    let end = finish(&nodes[2], town.evidence(2, "deed without an archive")).await;
    until(&nodes[2], |node| node.archive_range().is_some_and(|(first, _)| first == Height::new(1))).await;
    check_chain(&town, &nodes[2], end.get()).await;
    stop(&nodes).await;
}

/// A peer that is named while a node runs is let in.
#[tokio::test]
async fn a_peer_is_let_in_while_a_node_runs() {
    let town = Town::new();
    let unknown = |node: usize| ValidatorConfig { followers: Vec::new(), ..config(&town, node) };
    let mut nodes: Vec<Handle> = (0..4).map(|node| town.first_start(unknown(node))).collect();
    nodes.push(town.first_start(config(&town, 4)));
    reach(&nodes[0], 3).await;
    let heard = tokio::time::timeout(Duration::from_secs(2), reach(&nodes[4], 1)).await;
    assert!(heard.is_err(), "a stranger was let in");
    let peers: Vec<Peer> = town.config(0).peers.into_iter().chain(town.config(0).followers).collect();
    nodes[..4].iter().for_each(|node| node.set_peers(peers.clone()));
    reach(&nodes[4], 3).await;
    stop(&nodes).await;
}
