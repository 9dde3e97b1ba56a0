//! The verifier, which knows no engine, accepts every block with genesis alone.

use gongxin_types::genesis::validators_root;
use gongxin_types::proposal::Matter;
use gongxin_types::{Action, EpochChange, FinalizedBlock, Genesis, Height, ValidatorSet};
use gongxin_verify::network::TrustedNetwork;
use gongxin_verify::{block, headers};

use crate::report::Violation;
use crate::witness::Witness;

/// Heights follow each other, blocks name their parents, contents hash to headers, certificates hold.
pub(super) fn every_block(genesis: &Genesis, witness: &Witness) -> Result<(), Violation> {
    let mut network = TrustedNetwork::from_head(&genesis.head);
    let sets = proposed(witness);
    let mut parent = gongxin_test_support::sandbox::genesis_header(genesis).digest();
    let mut expected = Height::GENESIS.next();
    for (height, found) in &witness.blocks {
        if *height != expected {
            return Err(Violation::Gap { height: expected });
        }
        let failed = |reason: String| Violation::Unverified { height: *height, reason };
        if found.header.parent != parent {
            return Err(failed("it does not name the block before it".to_owned()));
        }
        block::check(&network, found).map_err(|error| failed(error.to_string()))?;
        for transaction in &found.transactions {
            let id = transaction.id(genesis.head.suite);
            let message = gongxin_types::Transaction::message(&id);
            if genesis.head.suite.verify(&transaction.body.sender.key, &message, &transaction.signature).is_err() {
                return Err(failed(format!("the signature of transaction {id} is wrong")));
            }
        }
        if let Some(certificate) = &found.certificate {
            let headers = std::slice::from_ref(&found.header);
            headers::check_chain(headers, certificate, &network).map_err(|error| failed(error.to_string()))?;
        }
        if found.header.ends_epoch() {
            let change =
                change(genesis, found, &sets).ok_or_else(|| failed("it announces unknown validators".into()))?;
            network.follow(&change).map_err(|error| failed(error.to_string()))?;
        }
        parent = found.header.digest();
        expected = expected.next();
    }
    Ok(())
}

/// Every set that anybody proposed.
fn proposed(witness: &Witness) -> Vec<&ValidatorSet> {
    let transactions = witness.blocks.values().flat_map(|block| &block.transactions);
    let actions = transactions.flat_map(|transaction| transaction.body.actions.iter());
    actions
        .filter_map(|action| match action {
            Action::OpenProposal(new) => match &new.matter {
                Matter::ValidatorSet(set) => Some(set),
                _ => None,
            },
            _ => None,
        })
        .collect()
}

/// The change that the last block of an epoch makes: it is certified itself, and announces a set that was proposed.
fn change(genesis: &Genesis, block: &FinalizedBlock, sets: &[&ValidatorSet]) -> Option<EpochChange> {
    let root = |set: &ValidatorSet| validators_root(genesis.head.suite, &set.validators);
    let set = sets.iter().find(|set| root(set) == block.header.next_validators_root)?;
    let certificate = block.certificate.clone()?;
    Some(EpochChange { header: block.header.clone(), certificate, validators: set.validators.clone() })
}
