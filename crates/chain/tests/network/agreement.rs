//! Agreement: blocks become final everywhere, with proofs; a validator that fails, or is wiped, comes back.

use gongxin_chain::{
    StateProof, SubmissionState, SubmitError, SyncMode, TransactionState, ValidatorConfig, WaitOutcome,
};
use gongxin_crypto::Suite;
use gongxin_types::receipt::{Key, Table};
use gongxin_types::{Height, Time};
use gongxin_verify::state_proof::{StateProofError, check_against};

use crate::town::{PATIENCE, Town, now, reach, stop, until};

/// Four validators agree on blocks; a document notarised at one is final at all, the same answer comes again for the
/// same bytes, and what may not stand in a block is refused with a reason.
#[tokio::test]
async fn documents_become_final_everywhere() {
    let town = Town::new();
    let nodes = town.open();
    let (id, bytes) = town.evidence(1, "land deed");
    let submitted = nodes[0].submit(bytes.clone()).await.unwrap();
    assert_eq!((submitted.id, submitted.state), (id, SubmissionState::Accepted));
    let WaitOutcome::Final(position) = nodes[0].wait_final(id, PATIENCE).await else { panic!("not final") };
    let mut headers = Vec::new();
    for node in &nodes {
        headers.push(reach(node, position.height.get()).await.header.digest());
        assert_eq!(node.transaction(id), TransactionState::Final(position));
    }
    assert!(headers.iter().all(|header| *header == headers[0]));

    let again = nodes[2].submit(bytes.clone()).await.unwrap();
    assert_eq!(again.state, SubmissionState::AlreadyFinal(position));
    // What is final is public; where it stands is told to whoever signed it, because the search reads files.
    let mut unsigned = bytes.to_vec();
    *unsigned.last_mut().unwrap() ^= 1;
    let answer = nodes[2].submit(unsigned).await;
    assert_eq!(answer, Err(SubmitError::Invalid { reason: "a signature in it is wrong".into() }));
    let (_, other) = town.evidence(1, "another deed");
    assert_eq!(nodes[1].submit(other).await, Err(SubmitError::Conflict));

    let mut torn = bytes.clone();
    torn.pop();
    let mut forged = town.evidence(2, "forged deed").1;
    *forged.last_mut().unwrap() ^= 1;
    let (_, late) = town.sign(town.body(3, "late deed", Time::from_millis(1)));
    let (_, early) = town.sign(town.body(4, "early deed", now().plus_millis(3_600_000)));
    let mut elsewhere = town.body(5, "foreign deed", now().plus_millis(300_000));
    elsewhere.network = Suite::Intl.hash(&[b"another network"]);
    for bytes in [torn, forged, late, early, town.sign(elsewhere).1, Vec::new()] {
        assert!(matches!(nodes[3].submit(bytes).await, Err(SubmitError::Invalid { .. })));
    }
    stop(&nodes).await;
}

/// What the verifier, which knows no engine, says of a proof.
fn second_opinion(proof: &StateProof) -> Result<(), StateProofError> {
    let root = proof.header.state[proof.key.table as usize].root;
    check_against(&root, &proof.key, proof.page.as_ref(), &proof.proof)
}

/// A page of the state is proven against a certified header, and that nobody read a record is proven too.
#[tokio::test]
async fn presence_and_absence_are_proven() {
    let town = Town::new();
    let nodes = town.open();
    let (id, bytes) = town.evidence(1, "land deed");
    nodes[0].submit(bytes).await.unwrap();
    let WaitOutcome::Final(position) = nodes[0].wait_final(id, PATIENCE).await else { panic!("not final") };
    let block = reach(&nodes[0], position.height.get()).await;
    let written = block.receipts.transactions[0].actions[0].writes[0];
    let proof = nodes[0].state_proof(written.key).await.unwrap();
    assert!(proof.page == written.page && proof.holds());
    assert_eq!(second_opinion(&proof), Ok(()));
    let certified = proof.headers.last().unwrap_or(&proof.header);
    assert_eq!(proof.certificate.header, certified.digest());
    assert!(proof.certificate.votes.len() >= 3);

    let nobody = Key { table: Table::Lists, key: [5; 32] };
    let mut absence = nodes[1].state_proof(nobody).await.unwrap();
    assert!(absence.page.is_none() && absence.holds());
    assert_eq!(second_opinion(&absence), Ok(()));
    absence.key.table = Table::Objects;
    assert!(!absence.holds() && second_opinion(&absence).is_err());
    stop(&nodes).await;
}

/// One validator fails and the others go on; it comes back and catches up. Its directory is wiped: it follows first and
/// votes again only after the others have moved on. A follower never votes.
#[tokio::test]
async fn a_validator_fails_returns_and_is_wiped() {
    let town = Town::new();
    let mut nodes = town.open();
    reach(&nodes[0], 3).await;
    let last = nodes.pop().unwrap();
    last.stop().await;
    let (id, bytes) = town.evidence(1, "land deed");
    nodes[0].submit(bytes).await.unwrap();
    assert!(matches!(nodes[0].wait_final(id, PATIENCE).await, WaitOutcome::Final(_)));

    let back = gongxin_chain::start(town.config(3)).unwrap();
    assert!(matches!(back.wait_final(id, PATIENCE).await, WaitOutcome::Final(_)));
    until(&back, |node| node.status().voting).await;
    back.stop().await;

    std::fs::remove_dir_all(town.path(3)).unwrap();
    let wiped = gongxin_chain::start(town.config(3)).unwrap();
    assert!(!wiped.status().voting);
    until(&wiped, |node| node.status().voting).await;

    let follower = gongxin_chain::start(ValidatorConfig { sync: SyncMode::State, ..town.config(4) }).unwrap();
    until(&follower, |node| node.archive_range().is_some_and(|(first, _)| first == Height::new(1))).await;
    assert!(!follower.status().voting);
    nodes.extend([wiped, follower]);
    stop(&nodes).await;
}

/// State comes out of the archive alone, with the same receipts and the same roots.
#[tokio::test]
async fn state_is_rebuilt_from_the_archive() {
    let town = Town::new();
    let nodes = town.open();
    for sequence in 1..=20 {
        let (id, bytes) = town.evidence(sequence, &format!("deed {sequence}"));
        nodes[0].submit(bytes).await.unwrap();
        assert!(matches!(nodes[0].wait_final(id, PATIENCE).await, WaitOutcome::Final(_)));
    }
    stop(&nodes).await;
    let (path, genesis) = (town.path(0), town.genesis.clone());
    let into = town.directory.path().join("rebuilt");
    let rebuilt = tokio::task::spawn_blocking(move || gongxin_chain::rebuild(&path, &genesis, &into)).await.unwrap();
    let rebuilt = rebuilt.unwrap();
    assert_eq!((rebuilt.transactions, rebuilt.other_roots_from), (20, None));
}
