//! What a receipt is about: that the act is the one its leaf names, and of a reading that both sides signed it.
//!
//! One operation of a batch is looked at in [`operation`].

use borsh::BorshDeserialize;
use gongxin_crypto::Digest;
use gongxin_types::bundle::{Encoded, Subject};
use gongxin_types::{Access, AccessAuthority, Action, ActionCode, ActionReceipt, codec};

use super::operation;
use crate::{Report, TrustedNetwork, jcs};

/// Codes that rules see within another act, of a batch or one that takes two: no act of its own has them.
const WITHIN_OTHERS: [ActionCode; 4] =
    [ActionCode::RecordCreate, ActionCode::RecordUpdate, ActionCode::RecordDelete, ActionCode::OfficerRecover];

/// Adds the steps `action` and, of a reading, `access`; of an operation of a batch, `operation` and `write`.
pub(super) fn check(report: &mut Report, subject: &Subject, leaf: Option<&ActionReceipt>, network: &TrustedNetwork) {
    let leaf = leaf.ok_or_else(|| "without a leaf there is nothing to compare with".to_owned());
    match subject {
        Subject::Action { action } => {
            report.push("action", leaf.and_then(|leaf| check_action(action, leaf, network)));
            if action_code(action) == Ok(ActionCode::AccessRead) {
                report.push("access", check_access(action, network));
            }
        }
        Subject::Operation { batch, operation, operation_path, write, write_path } => {
            let shown = operation::Shown { batch, operation, operation_path, write, write_path };
            shown.check(report, leaf, network);
        }
    }
}

fn check_action(action: &Encoded, leaf: &ActionReceipt, network: &TrustedNetwork) -> Result<String, String> {
    let code = action_code(action)?;
    if code == ActionCode::RecordWrite {
        return Err("a receipt of a batch is about one operation of it".into());
    }
    if code != leaf.action {
        return Err(format!("the act is `{}`, the leaf tells of `{}`", code.code(), leaf.action.code()));
    }
    let digest = network.suite.tagged("gongxin-action-1", &[&action.0]);
    same("act", &digest, &leaf.action_digest)?;
    Ok(format!("the act `{}` has the digest `{digest}` that the leaf names", code.code()))
}

fn action_code(action: &Encoded) -> Result<ActionCode, String> {
    let kind = action.0.first().copied().map(usize::from);
    // Kinds come in the order of their codes.
    let mut kinds = ActionCode::ALL.iter().filter(|code| !WITHIN_OTHERS.contains(code));
    kind.and_then(|kind| kinds.nth(kind)).copied().ok_or_else(|| "the act is of no kind known here".into())
}

fn check_access(action: &Encoded, network: &TrustedNetwork) -> Result<String, String> {
    let access = match decode::<Action>("access", action)? {
        Action::RecordAccess(access) => access,
        _ => return Err("the act is not an access".into()),
    };
    let claim = access.claim(network.network).message();
    let leaf = access.gateway_message(&network.network);
    let signatures = [
        ("reader's officer", network.suite.verify(&access.officer_key, &claim, &access.officer_signature)),
        ("owner's gateway", network.suite.verify(&access.gateway_key, &leaf, &access.gateway_signature)),
    ];
    for (signer, verdict) in signatures {
        verdict.map_err(|error| format!("the signature of the {signer}: {error}"))?;
    }
    Ok(describe_access(&access))
}

fn describe_access(access: &Access) -> String {
    let Access { resource, reader, officer, purpose, legal_basis, gateway, .. } = access;
    let under = match &access.authority {
        AccessAuthority::Grant { grant } => format!("grant `{grant}`"),
        AccessAuthority::Duty { duty } => format!("duty `{duty}`"),
    };
    format!(
        "officer `{officer}` of `{reader}` asked to read `{resource}` for `{purpose}` on the basis `{legal_basis}` under \
         {under}; the officer's signature and that of the owner's gateway `{gateway}` both verify"
    )
}

pub(super) fn same(what: &str, found: &Digest, named: &Digest) -> Result<(), String> {
    if found == named { Ok(()) } else { Err(format!("the {what} has digest `{found}`, the leaf names `{named}`")) }
}

pub(super) fn decode<T: BorshDeserialize>(expected: &'static str, bytes: &Encoded) -> Result<T, String> {
    codec::decode(expected, &bytes.0).map_err(|error| jcs::shorten(&error.to_string()))
}

#[cfg(test)]
mod tests {
    use gongxin_types::{AlertId, GatewayId, ObligationId, OfficerId, PendingId, ProposalId};

    use super::*;

    /// The first byte of an act says its kind; what rules see within other acts has none, and shifts none that come after.
    #[test]
    fn kinds_come_in_the_order_of_their_codes() {
        let acts = [
            Action::DismissOfficer(OfficerId::new([1; 16])),
            Action::RevokeGateway(GatewayId::new([2; 16])),
            Action::WithdrawProposal(ProposalId::new([3; 16])),
            Action::WithdrawObligation(ObligationId::new([4; 16])),
            Action::RevokeOfficerKeys(OfficerId::new([5; 16])),
            Action::WithdrawPending(PendingId::new([6; 16])),
            Action::EndAlert(AlertId::new([7; 16])),
        ];
        for act in acts {
            assert_eq!(action_code(&Encoded(codec::encode(&act))), Ok(act.code()));
        }
    }
}
