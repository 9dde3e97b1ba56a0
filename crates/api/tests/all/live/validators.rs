//! Validators change under a gateway: it follows the new ones, serves the network file with the change, and proves across it.

use gongxin_test_support::cast::{DEPARTMENTS, bytes};
use gongxin_types::proposal::{Choice, Matter, NewProposal, NewVote};
use gongxin_types::{Action, Evidence, Height, Network, ProposalId, Role};
use gongxin_verify::{bundle, jcs, network};

use super::stage::{CASE_OFFICER, READER, Stage, Who};

const BUREAU: &str = "data-bureau";

fn head(organization: &'static str) -> Who {
    (organization, Role::Authority)
}

/// The data bureau's validator joins by a vote of three members. The gateway lists it with the block since which it serves; the
/// network file it serves continues that of genesis; a receipt of the new epoch verifies with either.
#[tokio::test]
async fn a_gateway_follows_the_next_validators() {
    let stage = Stage::open().await;
    let names: Vec<&str> = DEPARTMENTS.iter().copied().chain([BUREAU]).collect();
    let matter = stage.ledger.look(|sandbox| Matter::ValidatorSet(sandbox.validators.next(&names)));
    let (closes, suite) = stage.ledger.look(|sandbox| (sandbox.now().plus_millis(86_400_000), sandbox.suite));
    let id = ProposalId::new(bytes(1, "proposal", "a fifth"));
    let legal_basis = "sharing-regulation".parse().unwrap();
    let new = NewProposal { version: 1, id, legal_basis, matter: matter.clone(), closes, effective: Height::GENESIS };
    let vote = || Action::CastVote(NewVote { proposal: id, matter: matter.digest(suite), choice: Choice::For });
    let mut acts = vec![stage.signed(head(DEPARTMENTS[0]), Action::OpenProposal(new))];
    acts.extend(DEPARTMENTS[..3].iter().map(|name| stage.signed(head(name), vote())));
    stage.ledger.block(acts);
    let last = stage.ledger.block(vec![]);
    assert!(last.header.ends_epoch());
    let evidence = Action::NotariseEvidence(Evidence {
        digest: suite.hash(&[b"a document"]),
        media_type: "application/pdf".parse().unwrap(),
        legal_basis: "sharing-regulation".parse().unwrap(),
    });
    let notarised = stage.signed((READER, Role::CaseOfficer), evidence);
    let transaction = notarised.id(suite);
    let block = stage.ledger.block(vec![notarised]);
    assert_eq!(block.header.epoch, 1);
    stage.sees(block.header.height).await;

    let shown = stage.get("/api/v1/validators", CASE_OFFICER).await;
    assert_eq!((&shown["epoch"], &shown["quorum"]), (&1.into(), &4.into()));
    let validators = shown["validators"].as_array().unwrap();
    assert_eq!(validators.len(), 5);
    for one in validators {
        let first = if one["name"] == BUREAU { block.header.height.get() } else { 1 };
        assert_eq!((&one["since"], &one["since_epoch"]), (&first.into(), &u64::from(one["name"] == BUREAU).into()));
    }

    let served = jcs::to_bytes(&stage.get("/api/v1/network", CASE_OFFICER).await).unwrap();
    let file: Network = jcs::read(&served).expect("the file as it is to be saved");
    let old = stage.ledger.look(|sandbox| Network::of(&sandbox.genesis.head));
    let newer = network::trust(&old).unwrap().continued_by(&file).expect("it continues that of genesis");
    assert_eq!((newer.newest_epoch(), file.epochs.len()), (1, 1));
    let receipt = stage.get(&format!("/api/v1/receipts/{transaction}/0"), (READER, Role::CaseOfficer)).await;
    assert_eq!(receipt["epochs"].as_array().unwrap().len(), 1);
    for file in [&old, &file] {
        let report = bundle::verify(&jcs::to_bytes(&receipt).unwrap(), &bundle::network_to_bytes(file));
        assert!(report.ok, "{report:?}");
    }
}
