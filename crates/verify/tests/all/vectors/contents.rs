//! Leaves, acts, operations and readings that do not say what they must, though all hashes and votes are right.

use gongxin_crypto::{Digest, merkle};
use gongxin_types::bundle::{Encoded, Path, Subject};
use gongxin_types::{ActionCode as C, ActionReceipt, Bundle, Effect, ReceiptLeaf, Refusal, codec, genesis};

use super::Theme;
use crate::fixture::{Act, allow, bytes, encoded, list, text};

mod operations;
mod readings;

pub(super) fn make(theme: &mut Theme) {
    make_leaves(theme);
    make_actions(theme);
    operations::make(theme);
    readings::make(theme);
}

/// A receipt whose block holds exactly this leaf, certified.
fn around(theme: &Theme, leaf: Vec<u8>, subject: Subject) -> Bundle {
    let world = &theme.world;
    let header = world.header(42, merkle::leaf_hash(world.suite, &leaf));
    let mut receipt = theme.plain();
    receipt.subject = subject;
    receipt.leaf = Encoded(leaf);
    receipt.path = Path { index: 0, size: 1, hashes: list(vec![]) };
    receipt.headers = list(vec![encoded(&header)]);
    receipt.certificate = world.certify(&header, &[0, 1, 2]);
    receipt
}

fn make_leaves(theme: &mut Theme) {
    let network = theme.world.file();
    let subject = theme.plain().subject;
    let leaf = theme.plain().leaf.0;
    let receipt = around(theme, leaf.clone(), subject.clone());
    theme.accept("leaf-alone", "the same leaf as the only one of a tree: the path is empty", &receipt, &network);
    let decision = find(&leaf, b"officers-notarise") - 4;
    let sender_kind = find(&leaf, b"civil-affairs") + 13;
    let cases: [(&str, &str, &dyn Fn(&mut Vec<u8>)); 16] = [
        ("leaf-trailing-byte", "a byte behind the leaf", &|leaf| leaf.push(0)),
        ("leaf-truncated", "the last byte of the leaf is missing", &|leaf| leaf.truncate(leaf.len() - 1)),
        ("leaf-empty", "no leaf at all", &Vec::clear),
        ("leaf-of-no-kind", "a leaf of kind 2", &|leaf| leaf[0] = 2),
        ("leaf-version-0", "an encoding that is not known", &|leaf| leaf[1] = 0),
        ("leaf-version-2", "an encoding that is not known", &|leaf| leaf[1] = 2),
        ("leaf-upper-case", "a look-alike in upper case where a name stands", &|leaf| leaf[sender_kind - 13] = b'C'),
        ("leaf-double-hyphen", "two hyphens in a name", &|leaf| leaf[sender_kind - 9] = b'-'),
        ("leaf-not-utf-8", "a byte that is no text", &|leaf| leaf[sender_kind - 2] = 0xff),
        ("leaf-name-too-long", "a name of 65 bytes", &|leaf| {
            leaf[sender_kind - 17] = 65;
            leaf.splice(sender_kind..sender_kind, [b'a'; 52]);
        }),
        ("leaf-actor-of-no-kind", "an actor of kind 2", &|leaf| leaf[sender_kind] = 2),
        ("leaf-key-of-no-algorithm", "a key of algorithm 0", &|leaf| leaf[sender_kind + 17] = 0),
        ("leaf-key-too-short", "a key of 31 bytes", &|leaf| {
            leaf[sender_kind + 18] = 31;
            leaf.remove(sender_kind + 19);
        }),
        ("leaf-effect-2", "neither allow nor deny", &|leaf| leaf[decision - 5] = 2),
        ("leaf-policies-33", "a policy more than a receipt may name", &|leaf| {
            leaf[decision - 4] = 33;
            let policy = leaf[decision..decision + 21].to_vec();
            leaf.splice(decision..decision, policy.repeat(32));
        }),
        ("leaf-refusal-tag-2", "an option that is neither absent nor present", &|leaf| leaf[decision + 21] = 2),
    ];
    for (name, why, change) in cases {
        let mut changed = leaf.clone();
        change(&mut changed);
        let receipt = around(theme, changed, subject.clone());
        theme.refuse(name, why, &receipt, &network);
    }
    make_uncompared(theme, &leaf, &subject);
    theme.change("leaf-decision-changed", "the leaf of a refusal, turned into that of a permission", |receipt| {
        receipt.leaf.0[decision - 5] ^= 1;
    });
    theme.change("receipt-of-another-network", "the receipt names another network", |receipt| {
        receipt.network = genesis::validators_root(gongxin_crypto::Suite::Intl, &[]);
    });
}

/// Leaves that say what the ledger never says, but nothing that this page compares.
fn make_uncompared(theme: &mut Theme, leaf: &[u8], subject: &Subject) {
    let network = theme.world.file();
    let read = || match codec::decode("receipt leaf", leaf).expect("a leaf") {
        ReceiptLeaf::Action(receipt) => receipt,
        ReceiptLeaf::Block(_) => panic!("the block's own"),
    };
    let digest = |length: usize| Digest::new(&vec![7; length]).expect("1 to 64 bytes");
    let cases: [(&str, &str, &dyn Fn(&mut ActionReceipt)); 6] = [
        ("leaf-allowed-with-refusal", "allowed, and yet with a refusal: the effect counts", &|leaf| {
            leaf.decision.refusal = Some(Refusal::Withheld)
        }),
        ("leaf-denied-without-refusal", "denied, and no reason given: the effect counts", &|leaf| {
            leaf.decision.effect = Effect::Deny
        }),
        ("leaf-no-policies", "allowed by no policy", &|leaf| leaf.decision.policies = list(vec![])),
        ("leaf-policy-twice", "a policy named twice, behind one that comes later", &|leaf| {
            leaf.decision.policies = list(["b", "a", "a"].map(text).to_vec());
        }),
        ("leaf-digests-of-other-lengths", "digests of other lengths where nothing is compared with them", &|leaf| {
            (leaf.transaction, leaf.requests_digest) = (gongxin_types::TransactionId(digest(1)), digest(31));
        }),
        ("leaf-long-writes-root", "a root of 64 bytes over writes that the receipt does not show", &|leaf| {
            leaf.writes_root = digest(64)
        }),
    ];
    for (name, why, change) in cases {
        let mut changed = read();
        change(&mut changed);
        let receipt = around(theme, codec::encode(&ReceiptLeaf::Action(changed)), subject.clone());
        theme.accept(name, why, &receipt, &network);
    }
}

/// A receipt of this act, alone in its block.
fn of_act(theme: &Theme, act: &Act, action: Vec<u8>) -> Bundle {
    let leaf = codec::encode(&ReceiptLeaf::Action(act.result.receipt.clone()));
    around(theme, leaf, Subject::Action { action: Encoded(action) })
}

fn make_actions(theme: &mut Theme) {
    let (world, network) = (theme.world.clone(), theme.world.file());
    let (evidence, grant) = (world.evidence(), world.grant());
    let bytes_of = |act: &Act| codec::encode(&act.action);
    let receipt = of_act(theme, &evidence, bytes_of(&grant));
    theme.refuse("action-of-another-kind", "the act of another receipt", &receipt, &network);
    let mut changed = bytes_of(&evidence);
    changed[10] ^= 1;
    let receipt = of_act(theme, &evidence, changed);
    theme.refuse("action-changed", "one bit of the act changed", &receipt, &network);
    for (name, why, action) in [
        ("action-empty", "no bytes of an act", vec![]),
        ("action-of-no-kind", "an act of kind 34", vec![34]),
        ("action-kind-255", "an act of kind 255", vec![255, 0]),
    ] {
        let mut act = world.evidence();
        act.result.receipt.action_digest = world.suite.tagged("gongxin-action-1", &[&action]);
        let receipt = of_act(theme, &act, action);
        theme.refuse(name, why, &receipt, &network);
    }
    let mut mislabelled = world.evidence();
    mislabelled.result.receipt.action = C::GrantIssue;
    let receipt = of_act(theme, &mislabelled, bytes_of(&evidence));
    theme.refuse("action-mislabelled", "the leaf calls the act by another name", &receipt, &network);
    let batch = world.batch(2, allow(&["steward-writes-own-records"]));
    let mut whole = world.batch(2, allow(&["steward-writes-own-records"]));
    whole.result.receipt.action_digest = world.suite.tagged("gongxin-action-1", &[&bytes_of(&batch)]);
    let receipt = of_act(theme, &whole, bytes_of(&batch));
    theme.refuse("batch-as-action", "a batch has receipts for its operations only", &receipt, &network);
    for kind in 0..24_u8 {
        // A batch, and a reading, of which more is asked.
        if kind != 13 && kind != 20 {
            let action = [&[kind][..], &bytes("the rest of the act is hashed, not read")].concat();
            let mut act = world.evidence();
            act.result.receipt.action = CODES[usize::from(kind)];
            act.result.receipt.action_digest = world.suite.tagged("gongxin-action-1", &[&action]);
            let receipt = of_act(theme, &act, action);
            theme.accept(
                &format!("action-kind-{kind}"),
                "an act of this kind: its first byte says which",
                &receipt,
                &network,
            );
        }
    }
}

/// The codes of the kinds of acts, in the order of their first bytes, as docs/spec/receipt.md lists them.
const CODES: [C; 36] = [
    C::OrganizationRegister,
    C::OrganizationAmend,
    C::OfficerRegister,
    C::OfficerAmend,
    C::OfficerDismiss,
    C::OfficerAddKey,
    C::OfficerRevokeKey,
    C::DutyRegister,
    C::DutyAmend,
    C::DutyWithdraw,
    C::ResourcePublish,
    C::ResourceAmend,
    C::ResourceWithdraw,
    C::RecordWrite,
    C::EvidenceNotarise,
    C::GrantIssue,
    C::GrantRevoke,
    C::GatewayRegister,
    C::GatewayAmend,
    C::GatewayRevoke,
    C::AccessRead,
    C::ProposalOpen,
    C::ProposalVote,
    C::ProposalWithdraw,
    C::ObligationExtend,
    C::ObligationFulfil,
    C::ObligationOpen,
    C::ObligationResume,
    C::ObligationSuspend,
    C::ObligationWithdraw,
    C::OfficerRevokeKeys,
    C::PendingApprove,
    C::PendingOpen,
    C::PendingWithdraw,
    C::AlertRaise,
    C::AlertEnd,
];

fn find(bytes: &[u8], part: &[u8]) -> usize {
    bytes.windows(part.len()).position(|window| window == part).expect("it is there")
}
