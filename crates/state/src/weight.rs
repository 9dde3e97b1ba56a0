//! Weight: what a transaction may cost a block, in microseconds of one core in the worst case (PROTOCOL 5).

use gongxin_types::{Action, Transaction, codec, proposal::Matter};

use crate::limits;

/// The weight of a transaction. Their sum in a block is bounded by `BLOCK_WEIGHT_MAX`.
pub fn weight(transaction: &Transaction) -> u64 {
    let actions = transaction.body.actions.iter().map(of_action);
    actions.fold(limits::WEIGHT_TRANSACTION, u64::saturating_add)
}

fn of_action(action: &Action) -> u64 {
    let further = match action {
        Action::NotariseEvidence(_) => 0,
        Action::RecordAccess(access) => {
            let further_lists = u64::try_from(access.lists.len()).unwrap_or(u64::MAX).saturating_sub(1);
            limits::WEIGHT_ACCESS.saturating_add(further_lists.saturating_mul(limits::WEIGHT_OPERATION))
        }
        Action::WriteRecords(batch) => {
            let operations = u64::try_from(batch.operations.len()).unwrap_or(u64::MAX);
            operations.saturating_mul(limits::WEIGHT_OPERATION)
        }
        Action::RaiseAlert(new) => {
            let signatures = new.finding.evidence().map_or(0, |evidence| evidence.signatures());
            let signatures = u64::try_from(signatures).unwrap_or(u64::MAX);
            signatures.saturating_mul(limits::WEIGHT_VOTE).saturating_add(by_length(action))
        }
        Action::ApprovePending(_) => limits::WEIGHT_APPROVAL,
        Action::OpenProposal(new) if matches!(new.matter, Matter::PolicySet(_)) => {
            limits::WEIGHT_POLICY_SET.saturating_add(by_length(action))
        }
        Action::OpenObligation(_) | Action::ResumeObligation(_) | Action::ExtendObligation(..) => {
            limits::WEIGHT_TERM.saturating_add(by_length(action))
        }
        noun => by_length(noun),
    };
    limits::WEIGHT_ACTION.saturating_add(further)
}

fn by_length(action: &Action) -> u64 {
    u64::try_from(codec::encode(action).len() / limits::BYTES_PER_WEIGHT).unwrap_or(u64::MAX)
}
