//! What a receipt is about: that the act, or the one operation of a batch, is the one its leaf names.

use borsh::BorshDeserialize;
use gongxin_crypto::{Digest, merkle};
use gongxin_types::bundle::{Encoded, Path, Subject};
use gongxin_types::record::BatchHead;
use gongxin_types::receipt::{Key, Table};
use gongxin_types::{Access, AccessAuthority, Action, ActionCode, ActionReceipt, Effect, RecordOp, Write, codec};

use super::check_inclusion;
use crate::{Report, TrustedNetwork, jcs};

/// The code of each kind of action, by its first byte.
pub(super) const ACTIONS: [ActionCode; 21] = [
    ActionCode::OrganizationRegister,
    ActionCode::OrganizationAmend,
    ActionCode::OfficerRegister,
    ActionCode::OfficerAmend,
    ActionCode::OfficerDismiss,
    ActionCode::OfficerAddKey,
    ActionCode::OfficerRevokeKey,
    ActionCode::DutyRegister,
    ActionCode::DutyAmend,
    ActionCode::DutyWithdraw,
    ActionCode::ResourcePublish,
    ActionCode::ResourceAmend,
    ActionCode::ResourceWithdraw,
    ActionCode::RecordWrite,
    ActionCode::EvidenceNotarise,
    ActionCode::GrantIssue,
    ActionCode::GrantRevoke,
    ActionCode::GatewayRegister,
    ActionCode::GatewayAmend,
    ActionCode::GatewayRevoke,
    ActionCode::AccessRead,
];

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
            let head = leaf.clone().and_then(|leaf| check_batch(batch, leaf, network));
            report.push("action", head.as_ref().map(describe_batch).map_err(String::clone));
            report.push("operation", head.and_then(|head| check_operation(operation, operation_path, &head, network)));
            let found = leaf.and_then(|leaf| match (write, write_path) {
                (Some(write), Some(path)) => check_write(write, path, operation_path.index, leaf, network),
                (None, None) => check_no_write(leaf),
                _ => Err("a write without its path, or a path without its write".into()),
            });
            report.push("write", found);
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
    kind.and_then(|kind| ACTIONS.get(kind)).copied().ok_or_else(|| "the act is of no kind known here".into())
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

fn check_batch(batch: &Encoded, leaf: &ActionReceipt, network: &TrustedNetwork) -> Result<BatchHead, String> {
    if leaf.action != ActionCode::RecordWrite {
        return Err(format!("the leaf tells of `{}`, not of a batch of records", leaf.action.code()));
    }
    let head: BatchHead = decode("batch head", batch)?;
    same("batch", &network.suite.tagged("gongxin-batch-1", &[&batch.0]), &leaf.action_digest)?;
    Ok(head)
}

fn describe_batch(head: &BatchHead) -> String {
    let BatchHead { resource, legal_basis, effective, count, .. } = head;
    format!("the batch has the digest that the leaf names: {count} operations on `{resource}`, effective {effective}, on the basis `{legal_basis}`")
}

fn check_operation(
    operation: &Encoded,
    path: &Path,
    head: &BatchHead,
    network: &TrustedNetwork,
) -> Result<String, String> {
    let decoded: RecordOp = decode("operation", operation)?;
    if path.size != u64::from(head.count) {
        return Err(format!("the path is of a tree of {} entries, the batch has {}", path.size, head.count));
    }
    check_inclusion(network.suite, &merkle::leaf_hash(network.suite, &operation.0), path, &head.operations_root)?;
    let verb = match decoded {
        RecordOp::Create { .. } => "create".to_owned(),
        RecordOp::Update { expected_version, .. } => format!("update version {expected_version} of"),
        RecordOp::Delete { expected_version, .. } => format!("delete version {expected_version} of"),
    };
    let (number, record) = (path.index.saturating_add(1), decoded.record());
    Ok(format!("operation {number} of {} is: {verb} record `{record}`", head.count))
}

fn check_write(
    write: &Encoded,
    path: &Path,
    index: u64,
    leaf: &ActionReceipt,
    network: &TrustedNetwork,
) -> Result<String, String> {
    if leaf.decision.effect == Effect::Deny {
        return Err("the batch was denied, but the receipt shows a write".into());
    }
    let Write { key: Key { table, key }, .. } = decode("write", write)?;
    if path.index != index || path.size != u64::from(leaf.writes) {
        return Err("the write is not that of this operation".into());
    }
    check_inclusion(network.suite, &merkle::leaf_hash(network.suite, &write.0), path, &leaf.writes_root)?;
    let key: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    let table = match table {
        Table::Objects => "objects",
        Table::Lists => "lists",
    };
    Ok(format!("it wrote entry `{key}` of the state's {table}, under the writes root of the leaf"))
}

fn check_no_write(leaf: &ActionReceipt) -> Result<String, String> {
    match leaf.decision.effect {
        Effect::Deny => Ok("the batch was denied: it wrote nothing".into()),
        Effect::Allow => Err("the batch was allowed, but the receipt shows no write".into()),
    }
}

fn same(what: &str, found: &Digest, named: &Digest) -> Result<(), String> {
    if found == named {
        Ok(())
    } else {
        Err(format!("the {what} has digest `{found}`, the leaf names `{named}`"))
    }
}

fn decode<T: BorshDeserialize>(expected: &'static str, bytes: &Encoded) -> Result<T, String> {
    codec::decode(expected, &bytes.0).map_err(|error| jcs::shorten(&error.to_string()))
}
