//! Leaves, acts, operations and readings that do not say what they must, though all hashes and votes are right.

use gongxin_types::bundle::{Encoded, Path, Subject};
use gongxin_types::record::BatchHead;
use gongxin_types::{Access, Action, ReceiptLeaf, codec, genesis};
use gongxin_crypto::{PublicKey, merkle};

use super::Theme;
use crate::fixture::{Act, allow, bytes, encoded, list, short};

pub(super) fn make(theme: &mut Theme) {
    make_leaves(theme);
    make_actions(theme);
    make_operations(theme);
    make_readings(theme);
}

/// A receipt whose block holds exactly this leaf, certified.
fn around(theme: &Theme, leaf: Vec<u8>, subject: Subject) -> gongxin_types::Bundle {
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
    theme.change("leaf-decision-changed", "the leaf of a refusal, turned into that of a permission", |receipt| {
        receipt.leaf.0[decision - 5] ^= 1;
    });
    theme.change("receipt-of-another-network", "the receipt names another network", |receipt| {
        receipt.network = genesis::validators_root(gongxin_crypto::Suite::Intl, &[]);
    });
}

/// A receipt of this act, alone in its block.
fn of_act(theme: &Theme, act: &Act, action: Vec<u8>) -> gongxin_types::Bundle {
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
        ("action-of-no-kind", "an act of kind 21", vec![21]),
        ("action-kind-255", "an act of kind 255", vec![255, 0]),
    ] {
        let mut act = world.evidence();
        act.result.receipt.action_digest = world.suite.tagged("gongxin-action-1", &[&action]);
        let receipt = of_act(theme, &act, action);
        theme.refuse(name, why, &receipt, &network);
    }
    let mut mislabelled = world.evidence();
    mislabelled.result.receipt.action = gongxin_types::ActionCode::GrantIssue;
    let receipt = of_act(theme, &mislabelled, bytes_of(&evidence));
    theme.refuse("action-mislabelled", "the leaf calls the act by another name", &receipt, &network);
    let batch = world.batch(2, allow(&["steward-writes-own-records"]));
    let mut whole = world.batch(2, allow(&["steward-writes-own-records"]));
    whole.result.receipt.action_digest = world.suite.tagged("gongxin-action-1", &[&bytes_of(&batch)]);
    let receipt = of_act(theme, &whole, bytes_of(&batch));
    theme.refuse("batch-as-action", "a batch has receipts for its operations only", &receipt, &network);
    for kind in 0..20_u8 {
        if kind != 13 {
            let action = [&[kind][..], &bytes("the rest of the act is hashed, not read")].concat();
            let mut act = world.evidence();
            act.result.receipt.action = CODES[usize::from(kind)];
            act.result.receipt.action_digest = world.suite.tagged("gongxin-action-1", &[&action]);
            let receipt = of_act(theme, &act, action);
            theme.accept(&format!("action-kind-{kind}"), "an act of this kind: its first byte says which", &receipt, &network);
        }
    }
}

use gongxin_types::ActionCode as C;
/// The codes of the kinds of acts, in the order of their first bytes, as docs/spec/receipt.md lists them.
const CODES: [C; 21] = [
    C::OrganizationRegister, C::OrganizationAmend, C::OfficerRegister, C::OfficerAmend, C::OfficerDismiss, C::OfficerAddKey,
    C::OfficerRevokeKey, C::DutyRegister, C::DutyAmend, C::DutyWithdraw, C::ResourcePublish, C::ResourceAmend,
    C::ResourceWithdraw, C::RecordWrite, C::EvidenceNotarise, C::GrantIssue, C::GrantRevoke, C::GatewayRegister,
    C::GatewayAmend, C::GatewayRevoke, C::AccessRead,
];

fn make_operations(theme: &mut Theme) {
    let (world, network) = (theme.world.clone(), theme.world.file());
    let change = |theme: &mut Theme, act: usize, name: &str, why: &str, change: &dyn Fn(&mut Subject)| {
        let mut receipt = world.operation_bundle(&theme.block, act, 0);
        change(&mut receipt.subject);
        theme.refuse(name, why, &receipt, &network);
    };
    let other = world.operation_bundle(&theme.block, 2, 3).subject;
    let Subject::Operation { operation: op, operation_path: op_path, write: other_write, write_path: other_path, .. } = other else {
        panic!("an operation")
    };
    change(theme, 2, "operation-of-another-place", "another operation of the same batch", &|subject| {
        if let Subject::Operation { operation, .. } = subject { *operation = op.clone() }
    });
    change(theme, 2, "write-of-another-operation", "the write of another operation, with its path", &|subject| {
        if let Subject::Operation { write, write_path, .. } = subject {
            (*write, *write_path) = (other_write.clone(), other_path.clone());
        }
    });
    change(theme, 2, "operation-without-its-write", "the operation of one place, the write of another", &|subject| {
        if let Subject::Operation { operation, operation_path, .. } = subject {
            (*operation, *operation_path) = (op.clone(), op_path.clone());
        }
    });
    change(theme, 2, "write-hidden", "an allowed batch without the operation's write", &|subject| {
        if let Subject::Operation { write, write_path, .. } = subject { (*write, *write_path) = (None, None) }
    });
    change(theme, 2, "write-without-path", "a write without its path", &|subject| {
        if let Subject::Operation { write_path, .. } = subject { *write_path = None }
    });
    change(theme, 2, "path-without-write", "a path without its write", &|subject| {
        if let Subject::Operation { write, .. } = subject { *write = None }
    });
    change(theme, 4, "write-of-a-denied-batch", "a denied batch with a write", &|subject| {
        if let Subject::Operation { write, write_path, .. } = subject {
            (*write, *write_path) = (other_write.clone(), Some(Path { index: 0, size: 0, hashes: list(vec![]) }));
        }
    });
    change(theme, 5, "batch-of-another-act", "the head of another batch", &|subject| {
        if let Subject::Operation { batch, .. } = subject {
            let Action::WriteRecords(other) = world.batch(2, allow(&[])).action else { panic!("a batch") };
            *batch = encoded(&other.head(world.suite));
        }
    });
    make_batch_heads(theme);
    let mut receipt = world.operation_bundle(&theme.block, 2, 0);
    let subject = receipt.subject.clone();
    receipt = theme.plain();
    receipt.subject = subject;
    theme.refuse("operation-of-an-action", "an operation where the leaf is no batch's", &receipt, &network);
}

/// Batch heads, operations and writes whose bytes are wrong although the leaf names their digests.
fn make_batch_heads(theme: &mut Theme) {
    let (world, network) = (theme.world.clone(), theme.world.file());
    let act = world.batch(1, allow(&["steward-writes-own-records"]));
    let Action::WriteRecords(batch) = &act.action else { panic!("a batch") };
    let head = batch.head(world.suite);
    let (operation, write) = (codec::encode(&batch.operations[0]), codec::encode(&act.result.writes[0]));
    let dated = find(&codec::encode(&head), &[0xe8, 0x07, 12, 31]);
    type Change<'a> = &'a dyn Fn(&mut Vec<u8>, &mut Vec<u8>, &mut Vec<u8>);
    let cases: [(&str, &str, bool, Change<'_>); 13] = [
        ("batch-as-it-is", "a batch of one operation", true, &|_, _, _| ()),
        ("batch-trailing-byte", "a byte behind the batch's head", false, &|head, _, _| head.push(0)),
        ("batch-february-30", "a date that does not exist", false, &|head, _, _| head[dated + 2..dated + 4].copy_from_slice(&[2, 30])),
        ("batch-leap-day", "29 February of a leap year", true, &|head, _, _| head[dated + 2..dated + 4].copy_from_slice(&[2, 29])),
        ("batch-no-leap-day", "29 February of 1900", false, &|head, _, _| head[dated..dated + 4].copy_from_slice(&[0x6c, 0x07, 2, 29])),
        ("batch-year-0", "a year before the first", false, &|head, _, _| head[dated..dated + 2].fill(0)),
        ("batch-year-10000", "a year after the last", false, &|head, _, _| head[dated..dated + 2].copy_from_slice(&10_000_u16.to_le_bytes())),
        ("batch-count", "a head that counts more operations than the path's tree has", false, &|head, _, _| head[dated + 4] = 2),
        ("operation-of-no-kind", "an operation of kind 3", false, &|_, operation, _| operation[0] = 3),
        ("operation-trailing-byte", "a byte behind the operation", false, &|_, operation, _| operation.push(0)),
        ("write-table-2", "a write to a table that does not exist", false, &|_, _, write| write[0] = 2),
        ("write-trailing-zero", "a page that ends in a zero that is not written", false, &|_, _, write| {
            write[34] += 1;
            write.push(0);
        }),
        ("write-page-too-long", "a page of 129 bytes", false, &|_, _, write| {
            write[34] = 129;
            write.resize(35 + 129, 1);
        }),
    ];
    for (name, why, is_good, change) in cases {
        let (mut head, mut operation, mut write) = (codec::encode(&head), operation.clone(), write.clone());
        change(&mut head, &mut operation, &mut write);
        if let Ok(mut read) = codec::decode::<BatchHead>("batch head", &head) {
            read.operations_root = merkle::leaf_hash(world.suite, &operation);
            head = codec::encode(&read);
        }
        let mut leaf = act.result.receipt.clone();
        leaf.action_digest = world.suite.tagged("gongxin-batch-1", &[&head]);
        leaf.writes_root = merkle::leaf_hash(world.suite, &write);
        let alone = Path { index: 0, size: 1, hashes: list(vec![]) };
        let subject = Subject::Operation {
            batch: Encoded(head),
            operation: Encoded(operation),
            operation_path: alone.clone(),
            write: Some(Encoded(write)),
            write_path: Some(alone),
        };
        let receipt = around(theme, codec::encode(&ReceiptLeaf::Action(leaf)), subject);
        if is_good { theme.accept(name, why, &receipt, &network) } else { theme.refuse(name, why, &receipt, &network) }
    }
}

fn make_readings(theme: &mut Theme) {
    let (world, network) = (theme.world.clone(), theme.world.file());
    let stranger = world.suite.secret_from_seed(&bytes("a stranger"));
    let cases: [(&str, &str, &dyn Fn(&mut Access)); 8] = [
        ("access-officer-fabricated", "the gateway signed what no officer asked for", &|access| {
            access.officer_signature = stranger.sign(b"");
            let gateway = world.suite.secret_from_seed(&bytes("gateway of civil-affairs"));
            access.gateway_signature = gateway.sign(&access.gateway_message(&world.id()));
        }),
        ("access-gateway-fabricated", "the officer signed, the gateway did not", &|access| {
            access.gateway_signature = stranger.sign(&access.gateway_message(&world.id()));
        }),
        ("access-signatures-exchanged", "the two signatures exchanged", &|access| {
            std::mem::swap(&mut access.officer_signature, &mut access.gateway_signature);
        }),
        ("access-purpose-changed", "another purpose than the officer signed", &|access| access.purpose = crate::fixture::text("audit")),
        ("access-officer-changed", "another officer than the one who signed", &|access| {
            access.officer = gongxin_types::OfficerId::new(short("another officer"));
        }),
        ("access-response-changed", "another response than the gateway signed", &|access| {
            access.outcome = gongxin_types::AccessOutcome::Answered { response_digest: world.suite.hash(&[b"other"]) };
        }),
        ("access-of-another-network", "signed for another network", &|access| {
            let other = world.suite.hash(&[b"another network"]);
            let officer = world.suite.secret_from_seed(&bytes("officer of housing"));
            let gateway = world.suite.secret_from_seed(&bytes("gateway of civil-affairs"));
            access.officer_signature = officer.sign(&access.claim(other).message());
            access.gateway_signature = gateway.sign(&access.gateway_message(&other));
        }),
        ("access-key-not-on-the-curve", "a key that is no point", &|access| {
            let nowhere: Vec<u8> = [&[2_u8][..], &[0; 31]].concat();
            access.gateway_key = PublicKey::new(1, &nowhere).expect("32 bytes");
        }),
    ];
    for (name, why, change) in cases {
        let mut access = world.usual_access();
        change(&mut access);
        let act = world.reading(access, allow(&["reader-under-grant"]));
        let action = codec::encode(&act.action);
        let receipt = of_act(theme, &act, action);
        theme.refuse(name, why, &receipt, &network);
    }
    let whole = codec::encode(&world.reading(world.usual_access(), allow(&[])).action);
    let changes: [(&str, &str, fn(&mut Vec<u8>)); 4] = [
        ("access-trailing-byte", "a byte behind the reading", |action| action.push(0)),
        ("access-truncated", "the last byte of the reading is missing", |action| action.truncate(action.len() - 1)),
        ("access-signature-of-no-algorithm", "a signature of algorithm 2", |action| {
            let at = action.len() - 66;
            action[at] = 2;
        }),
        ("access-authority-of-no-kind", "neither grant nor duty", |action| {
            let at = find(action, b"divisions") + 9;
            action[at] = 2;
        }),
    ];
    for (name, why, change) in changes {
        let mut action = whole.clone();
        change(&mut action);
        let mut act = world.reading(world.usual_access(), allow(&["reader-under-grant"]));
        act.result.receipt.action_digest = world.suite.tagged("gongxin-action-1", &[&action]);
        let receipt = of_act(theme, &act, action);
        theme.refuse(name, why, &receipt, &network);
    }
}

fn find(bytes: &[u8], part: &[u8]) -> usize {
    bytes.windows(part.len()).position(|window| window == part).expect("it is there")
}
