//! Operations of a batch, their writes, and the head of the batch.

use gongxin_crypto::{Digest, merkle};
use gongxin_types::bundle::{Bundle, Encoded, Path, Subject};
use gongxin_types::receipt::{Event, Table, writes_root};
use gongxin_types::record::{BatchHead, HistoryEntry, RecordSlot};
use gongxin_types::{Action, ReceiptLeaf, RecordOp, Write, codec};

use super::{Theme, around, find};
use crate::fixture::{Act, World, allow, encoded, list, page, slot_write};

pub(super) fn make(theme: &mut Theme) {
    let (world, network) = (theme.world.clone(), theme.world.file());
    let change = |theme: &mut Theme, act: usize, name: &str, why: &str, change: &dyn Fn(&mut Subject)| {
        let mut receipt = world.operation_bundle(&theme.block, act, 0);
        change(&mut receipt.subject);
        theme.refuse(name, why, &receipt, &network);
    };
    let other = world.operation_bundle(&theme.block, 2, 3).subject;
    let Subject::Operation {
        operation: op, operation_path: op_path, write: other_write, write_path: other_path, ..
    } = other
    else {
        panic!("an operation")
    };
    change(theme, 2, "operation-of-another-place", "another operation of the same batch", &|subject| {
        if let Subject::Operation { operation, .. } = subject {
            *operation = op.clone()
        }
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
        if let Subject::Operation { write, write_path, .. } = subject {
            (*write, *write_path) = (None, None)
        }
    });
    change(theme, 2, "write-without-path", "a write without its path", &|subject| {
        if let Subject::Operation { write_path, .. } = subject {
            *write_path = None
        }
    });
    change(theme, 2, "path-without-write", "a path without its write", &|subject| {
        if let Subject::Operation { write, .. } = subject {
            *write = None
        }
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
        ("batch-february-30", "a date that does not exist", false, &|head, _, _| {
            head[dated + 2..dated + 4].copy_from_slice(&[2, 30])
        }),
        ("batch-leap-day", "29 February of a leap year", true, &|head, _, _| {
            head[dated + 2..dated + 4].copy_from_slice(&[2, 29])
        }),
        ("batch-no-leap-day", "29 February of 1900", false, &|head, _, _| {
            head[dated..dated + 4].copy_from_slice(&[0x6c, 0x07, 2, 29])
        }),
        ("batch-year-0", "a year before the first", false, &|head, _, _| head[dated..dated + 2].fill(0)),
        ("batch-year-10000", "a year after the last", false, &|head, _, _| {
            head[dated..dated + 2].copy_from_slice(&10_000_u16.to_le_bytes())
        }),
        ("batch-count", "a head that counts more operations than the path's tree has", false, &|head, _, _| {
            head[dated + 4] = 2
        }),
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
        let (mut head, mut operation, mut changed) = (codec::encode(&head), operation.clone(), write.clone());
        change(&mut head, &mut operation, &mut changed);
        if let Ok(mut read) = codec::decode::<BatchHead>("batch head", &head) {
            read.operations_root = merkle::leaf_hash(world.suite, &operation);
            head = codec::encode(&read);
            if changed == write {
                // The slot of that date, so that nothing else is wrong.
                changed = codec::encode(&first_write(&world, &read, &batch.operations[0]));
            }
        }
        let receipt = alone(theme, &act, head, operation, changed);
        if is_good { theme.accept(name, why, &receipt, &network) } else { theme.refuse(name, why, &receipt, &network) }
    }
    make_slots(theme);
    make_counts(theme);
}

/// Counts that the leaf, the batch and the paths give, and which of them have to be equal.
fn make_counts(theme: &mut Theme) {
    let (world, network) = (theme.world.clone(), theme.world.file());
    let mut act = world.batch(1, allow(&["steward-writes-own-records"]));
    act.result.writes.push(world.evidence().result.writes[0]);
    act.result.receipt.writes = 2;
    act.result.receipt.writes_root = writes_root(world.suite, &act.result.writes);
    act.result.receipt.events = list(vec![Event::RecordsWritten { created: 9, updated: 9, deleted: 9 }]);
    let block = world.block(42, vec![act]);
    let receipt = world.operation_bundle(&block, 0, 0);
    let why = "one operation, two writes, 27 records in the events: each count is compared with its path alone";
    theme.accept("batch-of-one-writes-two", why, &receipt, &network);
    let mut other = receipt.clone();
    if let Subject::Operation { write, write_path, .. } = &mut other.subject {
        *write = Some(encoded(&block.acts[0].result.writes[1]));
        write_path.as_mut().expect("an allowed batch").index = 1;
    }
    theme.refuse("write-of-no-operation", "the write that belongs to no operation", &other, &network);
}

/// A receipt of a batch of one operation with these bytes, whatever they are.
fn alone(theme: &Theme, act: &Act, head: Vec<u8>, operation: Vec<u8>, write: Vec<u8>) -> Bundle {
    let suite = theme.world.suite;
    let mut leaf = act.result.receipt.clone();
    leaf.action_digest = suite.tagged("gongxin-batch-1", &[&head]);
    (leaf.writes, leaf.writes_root) = (1, merkle::leaf_hash(suite, &write));
    let path = Path { index: 0, size: 1, hashes: list(vec![]) };
    let subject = Subject::Operation {
        batch: Encoded(head),
        operation: Encoded(operation),
        operation_path: path.clone(),
        write: Some(Encoded(write)),
        write_path: Some(path),
    };
    around(theme, codec::encode(&ReceiptLeaf::Action(leaf)), subject)
}

/// The slot that the first operation on a record leaves.
fn first_slot(world: &World, head: &BatchHead, operation: &RecordOp) -> RecordSlot {
    let entry = HistoryEntry {
        version: 1,
        operation: operation.clone(),
        legal_basis: head.legal_basis.clone(),
        effective: head.effective,
    };
    let history = entry.chain(world.suite, &HistoryEntry::origin(world.suite));
    RecordSlot { version: 1, commitment: operation.commitment(), history }
}

fn first_write(world: &World, head: &BatchHead, operation: &RecordOp) -> Write {
    slot_write(&head.resource, operation.record(), &first_slot(world, head, operation))
}

/// Writes that are in the leaf's tree but do not hold what the operation makes.
fn make_slots(theme: &mut Theme) {
    let (world, network) = (theme.world.clone(), theme.world.file());
    let act = world.batch(3, allow(&["steward-writes-own-records"]));
    let Action::WriteRecords(batch) = &act.action else { panic!("a batch") };
    let [create, update, delete] = &batch.operations[..] else { panic!("three operations") };
    let other = world.suite.hash(&[b"other"]);
    let record = create.record();
    let of_length = |length: usize| Digest::new(&vec![7; length]).expect("1 to 64 bytes");
    let [create_31, create_33] = [31, 33].map(|length| RecordOp::Create { record, commitment: of_length(length) });
    let update_0 = RecordOp::Update { record, expected_version: 0, commitment: other };
    let delete_0 = RecordOp::Delete { record, expected_version: 0 };
    let update_last = RecordOp::Update { record, expected_version: u32::MAX, commitment: other };
    type Change<'a> = &'a dyn Fn(&mut RecordSlot);
    let slots: [(&str, &str, bool, &RecordOp, Change<'_>); 19] = [
        ("slot-created", "version 1 of a new record", true, create, &|_| ()),
        ("slot-updated", "the version after the expected one; its history is not shown here", true, update, &|slot| {
            (slot.version, slot.history) = (5, other);
        }),
        ("slot-deleted", "the version that ends a record", true, delete, &|slot| slot.version = 3),
        ("slot-created-twice", "a new record at version 2", false, create, &|slot| slot.version = 2),
        ("slot-version-0", "a version that no operation makes", false, create, &|slot| slot.version = 0),
        ("slot-not-counted", "an update that leaves the version as it was", false, update, &|slot| slot.version = 4),
        ("slot-other-commitment", "another commitment than the operation's", false, create, &|slot| {
            slot.commitment = Some(other)
        }),
        ("slot-no-commitment", "a creation that leaves no commitment", false, create, &|slot| slot.commitment = None),
        ("slot-still-there", "a deletion that leaves a commitment", false, delete, &|slot| {
            (slot.version, slot.commitment) = (3, Some(other));
        }),
        ("slot-other-history", "a new record with a past", false, create, &|slot| slot.history = other),
        ("slot-largest-version", "no version comes after the largest", false, create, &|slot| slot.version = u32::MAX),
        ("slot-after-the-largest", "an update of the largest version", false, &update_last, &|slot| slot.version = 0),
        ("slot-commitment-of-31", "operation and slot have the same 31 bytes, no digest", false, &create_31, &|_| ()),
        ("slot-commitment-of-33", "operation and slot have the same 33 bytes, no digest", false, &create_33, &|_| ()),
        ("slot-history-of-31", "a history that is not shown here, of 31 bytes", true, update, &|slot| {
            (slot.version, slot.history) = (5, of_length(31));
        }),
        ("slot-updated-from-0", "an update of version 0 begins a history", true, &update_0, &|_| ()),
        ("slot-updated-from-0-with-past", "an update of version 0 with a past", false, &update_0, &|slot| {
            slot.history = other
        }),
        ("slot-deleted-from-0", "a deletion of version 0 begins a history", true, &delete_0, &|_| ()),
        ("slot-deleted-from-0-with-past", "a deletion of version 0 with a past", false, &delete_0, &|slot| {
            slot.history = other
        }),
    ];
    let head_of = |operation: &RecordOp| BatchHead {
        count: 1,
        operations_root: merkle::leaf_hash(world.suite, &codec::encode(operation)),
        ..batch.head(world.suite)
    };
    for (name, why, is_good, operation, change) in slots {
        let head = head_of(operation);
        let mut slot = first_slot(&world, &head, operation);
        change(&mut slot);
        let write = slot_write(&head.resource, operation.record(), &slot);
        let receipt = alone(theme, &act, codec::encode(&head), codec::encode(operation), codec::encode(&write));
        if is_good { theme.accept(name, why, &receipt, &network) } else { theme.refuse(name, why, &receipt, &network) }
    }
    let writes: [(&str, &str, fn(&mut Write)); 8] = [
        ("slot-other-key", "the place of another record", |write| write.key.key[0] ^= 1),
        ("slot-other-table", "the right key in another table", |write| write.key.table = Table::Lists),
        ("slot-removed", "nothing where the record should be", |write| write.page = None),
        ("slot-empty-page", "a page of zeros", |write| write.page = Some(page(&[]))),
        ("slot-length-short", "a length that cuts the slot", |write| page_of(write)[0] -= 1),
        ("slot-length-long", "a length with a byte more than the slot", |write| page_of(write)[0] += 1),
        ("slot-length-outside", "a length behind the page", |write| page_of(write)[1] = 1),
        ("slot-something-behind", "a byte behind the slot", |write| page_of(write)[127] = 1),
    ];
    for (name, why, change) in writes {
        let head = head_of(create);
        let mut write = first_write(&world, &head, create);
        change(&mut write);
        let receipt = alone(theme, &act, codec::encode(&head), codec::encode(create), codec::encode(&write));
        theme.refuse(name, why, &receipt, &network);
    }
}

fn page_of(write: &mut Write) -> &mut [u8; 128] {
    &mut write.page.as_mut().expect("a page").0
}
