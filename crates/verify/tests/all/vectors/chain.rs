//! Chains of headers, good and broken.

use gongxin_crypto::Digest;
use gongxin_types::bundle::{Bundle, Encoded, Epoch};
use gongxin_types::header::EngineContext;
use gongxin_types::{Header, HeaderDigest, Height, Time, codec};

use super::Theme;
use crate::fixture::{World, bytes, encoded, list};

pub(super) fn make(theme: &mut Theme) {
    let network = theme.world.file();
    for count in [2, 3, 64] {
        let receipt = with_chain(theme, count, |_, _, _| ());
        let why = "the entry's block has no certificate of its own: a descendant's certifies it";
        theme.accept(&format!("headers-{count}"), why, &receipt, &network);
    }
    make_broken(theme);
    make_single(theme);
    make_encodings(theme);
    theme.change("no-headers", "a receipt without any header", |receipt| receipt.headers = list(vec![]));
    let world = theme.world.clone();
    theme.change("epochs", "a change of the validators that changes none", |receipt| {
        let header = receipt.headers[0].clone();
        let validators = world.head.validators.clone();
        receipt.epochs = list(vec![Epoch { header, certificate: receipt.certificate.clone(), validators }]);
    });
}

/// The plain receipt with `count` headers, each changed on the way and certified all the same.
fn with_chain(theme: &Theme, count: u64, change: fn(&World, u64, &mut Header)) -> Bundle {
    let world = &theme.world;
    let mut chain = vec![theme.block.header.clone()];
    for number in 1..count {
        let mut next = world.child(chain.last().expect("at least one"));
        change(world, number, &mut next);
        chain.push(next);
    }
    let mut receipt = theme.plain();
    receipt.certificate = world.certify(chain.last().expect("at least one"), &[0, 1, 2]);
    receipt.headers = list(chain.iter().map(encoded).collect());
    receipt
}

fn make_broken(theme: &mut Theme) {
    let network = theme.world.file();
    let cases: [(&str, &str, fn(&World, u64, &mut Header)); 9] = [
        ("parent-wrong", "the second header has another parent", |_, number, header| {
            if number == 1 {
                header.parent = HeaderDigest(bytes("another parent"))
            }
        }),
        ("height-skipped", "the third header leaves one height out", |_, number, header| {
            if number == 2 {
                header.height = Height::new(header.height.get() + 1)
            }
        }),
        ("height-repeated", "the second header has the height of the first", |_, number, header| {
            if number == 1 {
                header.height = Height::new(42)
            }
        }),
        ("time-equal", "the second header has the time of the first", |world, number, header| {
            if number == 1 {
                header.time = world.header(42, header.receipts_root).time
            }
        }),
        ("time-back", "the third header is earlier than the second", |world, number, header| {
            if number == 2 {
                header.time = world.header(1, header.receipts_root).time
            }
        }),
        ("header-of-another-network", "the last header names another network", |world, number, header| {
            if number == 2 {
                header.network = world.suite.hash(&[b"another network"])
            }
        }),
        ("header-of-other-validators", "the last header names other validators", |world, number, header| {
            if number == 2 {
                header.validators_root = world.suite.hash(&[b"other validators"])
            }
        }),
        ("header-of-epoch-1", "the last header names another epoch", |_, number, header| {
            if number == 2 {
                header.epoch = 1
            }
        }),
        (
            "validators-change-unannounced",
            "the second header announces other validators than the third has",
            |world, number, header| {
                if number == 1 {
                    header.next_validators_root = world.suite.hash(&[b"other validators"])
                }
            },
        ),
    ];
    for (name, why, change) in cases {
        let receipt = with_chain(theme, 3, change);
        theme.refuse(name, why, &receipt, &network);
    }
    let mut swapped = with_chain(theme, 3, |_, _, _| ());
    let mut headers = swapped.headers.to_vec();
    headers.swap(0, 1);
    swapped.headers = list(headers);
    theme.refuse("headers-exchanged", "the first two headers exchanged", &swapped, &network);
    let mut short = with_chain(theme, 3, |_, _, _| ());
    short.headers = list(short.headers[..2].to_vec());
    theme.refuse("last-header-missing", "the header that was voted on is not there", &short, &network);
    let announced = with_chain(theme, 2, |world, _, header| {
        header.next_validators_root = world.suite.hash(&[b"other validators"]);
    });
    theme.accept(
        "validators-change-after",
        "the last header announces other validators for the time after it",
        &announced,
        &network,
    );
}

/// The only header changed and certified by all the same validators.
fn make_single(theme: &mut Theme) {
    let network = theme.world.file();
    let cases: [(&str, &str, fn(&mut Header)); 2] = [
        ("header-version-2", "a header of an encoding that is not known", |header| header.version = 2),
        ("receipts-root-of-another-block", "certified, but of a block without this receipt", |header| {
            header.receipts_root = header.transactions_root;
        }),
    ];
    for (name, why, change) in cases {
        let mut header = theme.block.header.clone();
        change(&mut header);
        let mut receipt = theme.plain();
        receipt.headers = list(vec![encoded(&header)]);
        receipt.certificate = theme.world.certify(&header, &[0, 1, 2]);
        theme.refuse(name, why, &receipt, &network);
    }
    let uncompared: [(&str, &str, fn(&mut Header)); 3] = [
        ("header-of-other-rules", "other rules than those of the network's head", |header| header.protocol_version = 9),
        ("header-before-genesis", "the block of height 0, earlier than the network's head", |header| {
            (header.height, header.time) = (Height::new(0), Time::from_millis(0));
        }),
        ("header-after-all-times", "the last numbers there are, and roots of other lengths", |header| {
            (header.height, header.time) = (Height::new(u64::MAX), Time::from_millis(u64::MAX));
            let digest = |length: usize| Digest::new(&vec![7; length]).expect("1 to 64 bytes");
            (header.transactions_root, header.next_validators_root) = (digest(64), digest(1));
        }),
    ];
    for (name, why, change) in uncompared {
        let mut header = theme.block.header.clone();
        change(&mut header);
        let mut receipt = theme.plain();
        receipt.headers = list(vec![encoded(&header)]);
        receipt.certificate = theme.world.certify_in_view(&header, &[0, 1, 2], 142);
        theme.accept(name, why, &receipt, &network);
    }
    for (name, length) in [("engine-context-empty", 0), ("engine-context-longest", 256)] {
        let mut header = theme.block.header.clone();
        header.engine = EngineContext(list(vec![9; length]));
        header.state = list(header.state.iter().cycle().take(length / 64).copied().collect());
        let mut receipt = theme.plain();
        receipt.headers = list(vec![encoded(&header)]);
        receipt.certificate = theme.world.certify(&header, &[0, 1, 2]);
        theme.accept(name, "the bounded parts of a header at their limits", &receipt, &network);
    }
}

fn make_encodings(theme: &mut Theme) {
    let change = |theme: &mut Theme, name: &str, why: &str, change: fn(&mut Vec<u8>)| {
        let mut receipt = theme.plain();
        let mut header = receipt.headers[0].0.clone();
        change(&mut header);
        let digest = theme.world.suite.tagged("gongxin-header-1", &[&header]);
        // Even signed by the validators over exactly these bytes.
        let digest = HeaderDigest(digest.as_bytes().try_into().expect("32 bytes"));
        let message = theme.world.vote_bytes(receipt.certificate.view, &digest);
        receipt.certificate.header = digest;
        let mut votes = receipt.certificate.votes.to_vec();
        for vote in &mut votes {
            let voter = &theme.world.voters[usize::from(vote.validator)];
            vote.signature = voter.sign(&message).as_bytes().try_into().expect("64 bytes");
        }
        receipt.certificate.votes = list(votes);
        receipt.headers = list(vec![Encoded(header)]);
        let network = theme.world.file();
        theme.refuse(name, why, &receipt, &network);
    };
    let engine = codec::encode(&theme.block.header.engine).len();
    assert_eq!(engine, 36);
    change(theme, "header-trailing-byte", "a byte behind the header", |header| header.push(0));
    change(theme, "header-truncated", "the last byte of the header is missing", |header| {
        header.pop();
    });
    change(theme, "header-empty", "no bytes where a header should be", Vec::clear);
    change(theme, "header-digest-too-long", "a digest of 65 bytes", |header| header[1] = 65);
    change(theme, "header-digest-empty", "a digest of no bytes", |header| header[1] = 0);
    change(theme, "engine-context-too-long", "an engine context of 257 bytes", |header| {
        let at = header.len() - 36;
        header.truncate(at);
        header.extend(257_u32.to_le_bytes());
        header.extend([9; 257]);
    });
    change(theme, "engine-context-claims-much", "an engine context of 4 GiB, of which 32 bytes are there", |header| {
        let at = header.len() - 36;
        header[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    });
}
