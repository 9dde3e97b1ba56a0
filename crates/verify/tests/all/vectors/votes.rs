//! Certificates that do not make a header final.

use gongxin_crypto::Suite;
use gongxin_types::bundle::Bundle;
use gongxin_types::certificate::Vote;
use gongxin_verify::certificate::vote_message;

use super::Theme;
use crate::fixture::{World, list};

/// The order of the prime-order group, little-endian (RFC 8032 §5.1).
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

pub(super) fn make(theme: &mut Theme) {
    make_counts(theme);
    make_signatures(theme);
    let certify_other = |world: &World, receipt: &mut Bundle, change: fn(&mut gongxin_types::Header)| {
        let mut header = world.header(42, world.suite.hash(&[b"other"]));
        change(&mut header);
        receipt.certificate = world.certify(&header, &[0, 1, 2]);
    };
    let world = theme.world.clone();
    theme.change("votes-for-another-header", "good votes, but for another block", |receipt| {
        certify_other(&world, receipt, |_| ());
    });
    theme.change("header-renamed", "votes for another block, said to be for this one", |receipt| {
        let right = receipt.certificate.header;
        certify_other(&world, receipt, |_| ());
        receipt.certificate.header = right;
    });
    theme.change("view-changed", "the view is part of what is signed", |receipt| receipt.certificate.view += 1);
    theme.change("parent-view-changed", "the parent's view is part of what is signed", |receipt| {
        receipt.certificate.parent_view += 1
    });
    theme.change("epoch-1", "validators of another epoch are not known", |receipt| receipt.certificate.epoch = 1);
    let elsewhere = World::new(Suite::Intl, "elsewhere", 4);
    theme.change("votes-of-another-network", "the same header digest, signed for another network", |receipt| {
        let voters = [0, 1, 2];
        let message = elsewhere.vote_bytes(receipt.certificate.view, &receipt.certificate.header);
        receipt.certificate.votes = sign_all(&world, &voters, &message);
    });
    let mut receipt = theme.plain();
    let certificate = &mut receipt.certificate;
    (certificate.view, certificate.parent_view) = (7, u64::MAX);
    let message = vote_message(&world.id(), 0, 7, u64::MAX, &certificate.header);
    certificate.votes = sign_all(&world, &[0, 1, 2], &message);
    let why = "the views are signed, and compared with nothing";
    theme.accept("parent-view-above-view", why, &receipt, &world.file());
    theme.change("notarize-votes", "votes of the round before: they do not make a block final", |receipt| {
        let certificate = &receipt.certificate;
        let message = world.vote_bytes(certificate.view, &certificate.header);
        let at = message.windows(9).position(|window| window == b"_FINALIZE").expect("namespace");
        let mut notarize = message.clone();
        notarize.splice(at..at + 9, *b"_NOTARIZE");
        receipt.certificate.votes = sign_all(&world, &[0, 1, 2], &notarize);
    });
}

fn sign_all(world: &World, voters: &[usize], message: &[u8]) -> gongxin_types::List<Vote, 64> {
    let vote = |voter: &usize| Vote {
        validator: u16::try_from(*voter).expect("small"),
        signature: world.voters[*voter].sign(message).as_bytes().try_into().expect("64 bytes"),
    };
    list(voters.iter().map(vote).collect())
}

fn make_counts(theme: &mut Theme) {
    let (world, header) = (theme.world.clone(), theme.block.header.clone());
    theme.change("no-votes", "nobody voted", |receipt| receipt.certificate = world.certify(&header, &[]));
    theme.change("one-vote-short", "two of four, three are needed", |receipt| {
        receipt.certificate = world.certify(&header, &[0, 3])
    });
    theme.change("a-vote-twice", "three votes, two of them of one validator", |receipt| {
        receipt.certificate = world.certify(&header, &[0, 1, 1]);
    });
    theme.change("a-vote-twice-beside-a-quorum", "a quorum, and one of its votes again", |receipt| {
        receipt.certificate = world.certify(&header, &[0, 1, 2, 2]);
    });
    theme.change("votes-unsorted", "good votes, but not in ascending order", |receipt| {
        receipt.certificate = world.certify(&header, &[1, 0, 2]);
    });
    for (validators, votes) in [(2, 1), (3, 2), (5, 3), (7, 4), (64, 42)] {
        let world = World::new(Suite::Intl, "sizes", validators);
        let block = world.block(9, vec![world.evidence()]);
        let mut receipt = world.action_bundle_without_votes(&block, 0);
        receipt.certificate = world.certify(&block.header, &(0..votes).collect::<Vec<_>>());
        let why = "one vote fewer than are needed";
        theme.refuse(&format!("validators-{validators}-votes-{votes}"), why, &receipt, &world.file());
    }
}

fn make_signatures(theme: &mut Theme) {
    let vote = |receipt: &mut Bundle, change: fn(&mut Vote)| {
        let mut votes = receipt.certificate.votes.to_vec();
        change(&mut votes[2]);
        receipt.certificate.votes = list(votes);
    };
    let cases: [(&str, &str, fn(&mut Vote)); 9] = [
        ("wrong-signer", "a vote under the name of another validator", |vote| vote.validator = 3),
        ("unknown-signer", "a vote of validator 4 of 4", |vote| vote.validator = 4),
        ("signer-65535", "a vote of the largest number", |vote| vote.validator = 65_535),
        ("signature-zero", "no signature at all", |vote| vote.signature = [0; 64]),
        ("r-flipped", "one bit of R changed", |vote| vote.signature[5] ^= 1),
        ("s-flipped", "one bit of S changed", |vote| vote.signature[40] ^= 1),
        ("s-high-bit", "the highest bit of S set", |vote| vote.signature[63] |= 0x80),
        ("s-plus-order", "S and the group's order: the same number modulo it, in another writing", |vote| {
            let mut carry = 0;
            for (byte, order) in vote.signature[32..].iter_mut().zip(ORDER) {
                let sum = u16::from(*byte) + u16::from(order) + carry;
                (*byte, carry) = (sum.to_le_bytes()[0], sum >> 8);
            }
        }),
        ("r-and-s-exchanged", "the halves of a signature exchanged", |vote| vote.signature.rotate_left(32)),
    ];
    for (name, why, change) in cases {
        theme.change(name, why, |receipt| vote(receipt, change));
    }
    theme.change("a-bad-vote-beside-a-quorum", "a quorum of good votes does not excuse a bad one", |receipt| {
        let mut votes = receipt.certificate.votes.to_vec();
        votes.push(Vote { validator: 3, signature: [7; 64] });
        receipt.certificate.votes = list(votes);
    });
}
