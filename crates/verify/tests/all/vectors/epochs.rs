//! Receipts and network files across changes of the validators, good and forged.

use gongxin_crypto::Suite;
use gongxin_types::bundle::{Bundle, Encoded, Epoch, Network};
use gongxin_types::genesis::{ConsensusKey, validators_root};
use gongxin_types::{EpochChange, Header, HeaderDigest};

use super::Theme;
use crate::fixture::{Block, Serving, World, bytes, encoded, list, text};

/// The last heights of epoch 0 and of epoch 1.
const ENDS: [u64; 2] = [20, 30];

/// Four validators; a fifth joins; one of the first leaves.
struct Line {
    world: World,
    served: [Serving; 3],
    changes: [EpochChange; 2],
}

impl Line {
    fn new(world: &World) -> Self {
        let first = Serving::first(world);
        let second = first.next(&[], &["data-bureau"]);
        let third = second.next(&[1], &[]);
        let changes = [first.hand_over(world, ENDS[0], &second), second.hand_over(world, ENDS[1], &third)];
        Self { world: world.clone(), served: [first, second, third], changes }
    }

    fn block(&self, epoch: usize, height: u64) -> Block {
        self.served[epoch].block(&self.world, height, vec![self.world.evidence()])
    }

    /// The receipt of an act at a height of an epoch.
    fn receipt(&self, epoch: usize, height: u64, changes: &[EpochChange]) -> Bundle {
        self.served[epoch].receipt(&self.world, &self.block(epoch, height), changes)
    }

    /// The first change once more, made in another way by those who may.
    fn other_change(&self, change: fn(&mut Header)) -> EpochChange {
        let mut header = self.changes[0].header.clone();
        change(&mut header);
        self.served[0].hand_over_with(&self.world, header, &self.served[1])
    }
}

pub(super) fn make(theme: &mut Theme) {
    let line = Line::new(&theme.world.clone());
    make_accepted(theme, &line);
    make_boundary(theme, &line);
    make_order(theme, &line);
    make_beyond(theme, &line);
    make_contradictions(theme, &line);
    make_forged(theme, &line);
    make_encodings(theme, &line);
}

fn make_accepted(theme: &mut Theme, line: &Line) {
    let Line { world, changes, .. } = line;
    let (bare, [first, second]) = (world.file(), changes);
    let [one, both] = [std::slice::from_ref(first), changes.as_slice()].map(|known| world.file_with(known));
    let last = std::slice::from_ref(second);
    let mut revoted = first.clone();
    revoted.certificate = line.served[0].certify(world, &first.header, &[1, 2, 3]);
    let cases: [(&str, &str, Bundle, &Network); 10] = [
        ("one-change", "the receipt carries the change", line.receipt(1, 25, &changes[..1]), &bare),
        ("two-changes", "the receipt carries both changes", line.receipt(2, 42, changes), &bare),
        ("file-knows-both", "the network file carries them, the receipt none", line.receipt(2, 42, &[]), &both),
        ("file-knows-first", "the receipt goes on where the network file ends", line.receipt(2, 42, last), &one),
        ("both-know-both", "both files carry the same", line.receipt(2, 42, changes), &both),
        ("other-votes", "the same header by other votes", line.receipt(1, 25, &[revoted]), &one),
        ("file-knows-more", "an act of epoch 0, long after", line.receipt(0, 15, &[]), &both),
        ("receipt-knows-more", "more changes than the act needs", line.receipt(1, 25, changes), &bare),
        ("receipt-begins-later", "the change to an epoch that the file knows", line.receipt(2, 42, last), &both),
        ("unknown-to-the-file", "nothing tells this file that epoch 0 is over", line.receipt(0, 42, &[]), &bare),
    ];
    for (name, why, receipt, file) in cases {
        theme.accept(name, why, &receipt, file);
    }
    let [_, second, _] = &line.served;
    let back = Serving { epoch: 2, ..Serving::first(world) };
    let changes = [changes[0].clone(), second.hand_over(world, ENDS[1], &back)];
    let receipt = back.receipt(world, &back.block(world, 42, vec![world.evidence()]), &changes);
    theme.accept("first-set-again", "the validators of epoch 0 serve again, as epoch 2", &receipt, &bare);
}

/// The last header of one epoch and the first of the next.
fn make_boundary(theme: &mut Theme, line: &Line) {
    let Line { world, served: [first, second, _], .. } = line;
    let bare = world.file();
    let mut last = first.block(world, ENDS[0], vec![world.evidence()]);
    last.header.next_validators_root = second.root(world.suite);
    let change = first.hand_over_with(world, last.header.clone(), second);
    let known = world.file_with(std::slice::from_ref(&change));
    let receipt = first.receipt(world, &last, &[]);
    theme.accept("last-of-epoch", "an act in the block that ends its epoch", &receipt, &known);
    theme.accept("last-of-epoch-alone", "the same, where nothing else tells of the change", &receipt, &bare);

    let mut next = second.block(world, ENDS[0] + 1, vec![world.evidence()]);
    let receipt = second.receipt(world, &next, std::slice::from_ref(&change));
    theme.refuse("first-has-another-parent", "the first header of an epoch follows another one", &receipt, &bare);
    next.header.parent = last.header.digest();
    let receipt = second.receipt(world, &next, std::slice::from_ref(&change));
    theme.accept("first-of-epoch", "the first header of an epoch follows the one that announces it", &receipt, &bare);

    let mut receipt = first.receipt(world, &last, std::slice::from_ref(&change));
    receipt.headers = list(vec![encoded(&last.header), encoded(&next.header)]);
    receipt.certificate = second.certify(world, &next.header, &second.quorum());
    theme.accept("headers-across", "certified by a descendant in the next epoch", &receipt, &bare);
    receipt.certificate = first.certify(world, &next.header, &first.quorum());
    theme.refuse("headers-across-by-former", "the descendant has the votes of those before", &receipt, &bare);
    receipt.certificate = second.certify(world, &next.header, &second.quorum());
    receipt.epochs = list(vec![]);
    theme.refuse("headers-across-unknown", "a header announces validators, but not who they are", &receipt, &bare);

    let mut other = last.header.clone();
    other.transactions_root = other.receipts_root;
    let mut forked = next.header.clone();
    forked.parent = other.digest();
    let mut receipt = first.receipt(world, &Block { header: other.clone(), ..last }, std::slice::from_ref(&change));
    theme.refuse("another-last", "another header in the place of the one that ended the epoch", &receipt, &bare);
    receipt.headers = list(vec![encoded(&other), encoded(&forked)]);
    receipt.certificate = second.certify(world, &forked, &second.quorum());
    theme.refuse("another-last-across", "the same, certified by a descendant", &receipt, &bare);
}

/// Which change stands where.
fn make_order(theme: &mut Theme, line: &Line) {
    let Line { world, changes: [first, second], .. } = line;
    let lists: [(&str, &str, &[&EpochChange]); 4] = [
        ("none", "no change, where two are needed", &[]),
        ("first-missing", "the second change without the first", &[second]),
        ("second-missing", "the first change without the second", &[first]),
        ("exchanged", "both changes, the later one first", &[second, first]),
    ];
    for (name, why, list) in lists {
        let list: Vec<EpochChange> = list.iter().map(|one| (*one).clone()).collect();
        theme.refuse(&format!("receipt-{name}"), why, &line.receipt(2, 42, &list), &world.file());
        theme.refuse(&format!("file-{name}"), why, &line.receipt(2, 42, &[]), &world.file_with(&list));
    }
    let whole = world.file_with(&[first.clone(), second.clone()]);
    for (name, why, list) in [
        ("twice", "a change twice", vec![first.clone(), first.clone(), second.clone()]),
        ("back", "a change again after a later one", vec![first.clone(), second.clone(), first.clone()]),
    ] {
        theme.refuse(&format!("receipt-{name}"), why, &line.receipt(2, 42, &list), &whole);
        theme.refuse(&format!("file-{name}"), why, &line.receipt(2, 42, &[]), &world.file_with(&list));
    }
    let exchanged = line.receipt(2, 42, &[second.clone(), first.clone()]);
    theme.refuse("receipt-exchanged-known", "the later change first, though the file knows both", &exchanged, &whole);
}

/// Votes outside the epoch of those who cast them.
fn make_beyond(theme: &mut Theme, line: &Line) {
    let Line { world, served: [first, second, third], changes } = line;
    let (bare, both) = (world.file(), world.file_with(changes));
    let cases: [(&str, &str, Bundle, &Network); 8] = [
        ("former-beyond", "epoch 0 goes on after its end, by the file", line.receipt(0, 42, &[]), &both),
        ("former-beyond-by-receipt", "the same, by the receipt itself", line.receipt(0, 42, &changes[..1]), &bare),
        ("former-at-once", "one height after the end", line.receipt(0, ENDS[0] + 1, &[]), &both),
        ("former-in-last-place", "another block in the place of the last", line.receipt(0, ENDS[0], &[]), &both),
        ("second-beyond", "epoch 1 goes on after its end", line.receipt(1, 42, &[]), &both),
        ("too-early", "epoch 1 before it began", line.receipt(1, 15, &[]), &both),
        ("too-early-by-one", "epoch 1 in the place of the last of epoch 0", line.receipt(1, ENDS[0], &[]), &both),
        ("at-height-0", "epoch 1 at the height of genesis", line.receipt(1, 0, &changes[..1]), &bare),
    ];
    for (name, why, receipt, file) in cases {
        theme.refuse(name, why, &receipt, file);
    }
    let header = line.block(2, 42).header;
    let mut receipt = line.receipt(2, 42, &[]);
    receipt.certificate = first.certify_as(world, 2, &header, &first.quorum());
    theme.refuse("former-sign", "the first validators sign for epoch 2", &receipt, &both);
    receipt.certificate = second.certify(world, &header, &second.quorum());
    theme.refuse("votes-of-epoch-1", "a header of epoch 2 with good votes of epoch 1", &receipt, &both);
    receipt.certificate = third.certify_as(world, 1, &header, &third.quorum());
    theme.refuse("votes-name-epoch-1", "those of epoch 2 sign, but name epoch 1", &receipt, &both);
    receipt.certificate = third.certify(world, &header, &third.quorum());
    receipt.certificate.epoch = 1;
    theme.refuse("certificate-names-epoch-1", "good votes, in a certificate of epoch 1", &receipt, &both);
    receipt.certificate = third.certify(world, &header, &[0, 1]);
    theme.refuse("one-vote-short", "two votes of four", &receipt, &both);
    let receipt = second.receipt(world, &line.block(1, 25), &changes[..1]);
    for (name, why, voters) in [
        ("three-of-five", "enough of four, too few of five", vec![0, 1, 2]),
        ("fifth-votes", "the newcomer's vote counts", vec![0, 1, 2, 4]),
    ] {
        let certificate = second.certify(world, &line.block(1, 25).header, &voters);
        let receipt = Bundle { certificate, ..receipt.clone() };
        if voters.len() == 4 {
            theme.accept(name, why, &receipt, &bare)
        } else {
            theme.refuse(name, why, &receipt, &bare)
        }
    }
    let mut named = line.block(1, 25);
    named.header.epoch = 2;
    let receipt = Serving { epoch: 2, ..second.clone() }.receipt(world, &named, changes);
    theme.refuse("epoch-off", "a header of epoch 1 that names epoch 2", &receipt, &bare);
    let mut other_root = line.block(2, 42);
    other_root.header.validators_root = second.root(world.suite);
    let receipt = third.receipt(world, &other_root, changes);
    theme.refuse("root-off", "a header of epoch 2 with the validators of epoch 1", &receipt, &bare);
}

/// Two changes to one epoch, both with good votes of those before: former validators sold their keys.
fn make_contradictions(theme: &mut Theme, line: &Line) {
    let Line { world, served: [first, ..], changes } = line;
    let known = world.file_with(&changes[..1]);
    let usurpers = first.next(&[2], &["usurper"]);
    let receipt = |change: &EpochChange, serving: &Serving| {
        let block = serving.block(world, 42, vec![world.evidence()]);
        serving.receipt(world, &block, std::slice::from_ref(change))
    };
    let forged = first.hand_over(world, ENDS[0], &usurpers);
    theme.accept(
        "forged-unknown",
        "who knows only epoch 0 believes its keys",
        &receipt(&forged, &usurpers),
        &world.file(),
    );
    for (name, why, height) in [
        ("usurpers", "other validators begin the same epoch", ENDS[0]),
        ("usurpers-earlier", "other validators, at an earlier height", ENDS[0] - 5),
        ("usurpers-later", "other validators, at a later height", ENDS[0] + 5),
    ] {
        let forged = first.hand_over(world, height, &usurpers);
        theme.refuse(name, why, &receipt(&forged, &usurpers), &known);
        let mut both = receipt(&forged, &usurpers);
        both.epochs = list([&changes[0], &forged].map(Epoch::from).to_vec());
        theme.refuse(&format!("{name}-in-one-list"), why, &both, &world.file());
    }
    let cases: [(&str, &str, fn(&mut Header)); 2] = [
        ("same-set-elsewhere", "the same validators begin at another height", |header| {
            header.height = header.height.next();
        }),
        ("same-set-otherwise", "the same validators after another header", |header| header.parent.0[0] ^= 1),
    ];
    for (name, why, change) in cases {
        let receipt = line.receipt(1, 25, &[line.other_change(change)]);
        theme.refuse(name, why, &receipt, &known);
    }
}

/// Changes that no quorum of those before has signed as they stand, in a receipt and in a network file.
fn make_forged(theme: &mut Theme, line: &Line) {
    let Line { world, served: [first, second, _], changes } = line;
    let usurpers = first.next(&[0, 1, 2, 3], &["usurper", "usurper-2", "usurper-3", "usurper-4"]);
    let good = &changes[0];
    let with = |change: &dyn Fn(&mut EpochChange)| {
        let mut changed = good.clone();
        change(&mut changed);
        changed
    };
    let signed = |change: &dyn Fn(&mut Header)| {
        let mut header = good.header.clone();
        change(&mut header);
        first.hand_over_with(world, header, second)
    };
    let announcing = |change: &dyn Fn(&mut Vec<gongxin_types::Validator>)| {
        let mut validators = second.validators();
        change(&mut validators);
        let mut header = good.header.clone();
        header.next_validators_root = validators_root(world.suite, &validators);
        EpochChange { validators: list(validators), ..first.hand_over_with(world, header, second) }
    };
    let elsewhere = World::new(Suite::Intl, "elsewhere", 4);
    let header = &good.header;
    let forged: Vec<(&str, &str, EpochChange)> = vec![
        ("unsigned", "no votes", with(&|one| one.certificate = first.certify(world, header, &[]))),
        ("votes-short", "two votes of four", with(&|one| one.certificate = first.certify(world, header, &[0, 3]))),
        ("vote-twice", "a vote twice", with(&|one| one.certificate = first.certify(world, header, &[0, 1, 1]))),
        (
            "votes-elsewhere",
            "good votes for another header",
            with(&|one| {
                one.certificate = first.certify(world, &changes[1].header, &first.quorum());
            }),
        ),
        (
            "votes-renamed",
            "votes for another header, said to be for this one",
            with(&|one| {
                one.certificate = first.certify(world, &changes[1].header, &first.quorum());
                one.certificate.header = header.digest();
            }),
        ),
        (
            "by-the-new",
            "the new validators sign themselves in",
            with(&|one| {
                one.certificate = second.certify(world, header, &second.quorum());
            }),
        ),
        (
            "by-the-new-as-0",
            "the new validators sign themselves in, as epoch 0",
            with(&|one| {
                one.certificate = second.certify_as(world, 0, header, &second.quorum());
            }),
        ),
        ("by-usurpers", "nobody of those before signs", {
            let mut change = first.hand_over(world, ENDS[0], &usurpers);
            change.certificate = usurpers.certify_as(world, 0, &change.header, &usurpers.quorum());
            change
        }),
        (
            "vote-epoch-1",
            "those before sign, but name epoch 1",
            with(&|one| {
                one.certificate = first.certify_as(world, 1, header, &first.quorum());
            }),
        ),
        ("view-changed", "the view is signed", with(&|one| one.certificate.view += 1)),
        (
            "other-validators",
            "other validators than those announced",
            with(&|one| {
                one.validators = list(usurpers.validators());
            }),
        ),
        (
            "one-more",
            "one validator more than announced",
            with(&|one| {
                one.validators = list(second.next(&[], &["usurper"]).validators());
            }),
        ),
        (
            "renamed-validator",
            "a validator with another name",
            with(&|one| {
                let mut validators = one.validators.to_vec();
                validators[0].name = text("usurper");
                one.validators = list(validators);
            }),
        ),
        ("validators-of-before", "the validators that leave", with(&|one| one.validators = list(first.validators()))),
        (
            "announces-nothing",
            "a header that announces no others",
            EpochChange {
                validators: list(first.validators()),
                ..signed(&|header| header.next_validators_root = header.validators_root)
            },
        ),
        ("unsorted", "announced and signed, but not ascending by key", announcing(&|all| all.swap(0, 1))),
        ("validator-twice", "announced and signed, one of them twice", announcing(&|all| all[1] = all[0].clone())),
        ("nobody", "announced and signed: nobody", announcing(&|all| all.clear())),
        ("header-version-2", "a header of an unknown encoding", signed(&|header| header.version = 2)),
        ("other-network", "a header of another network", signed(&|header| header.network = elsewhere.id())),
        ("header-epoch-1", "a header that names epoch 1", signed(&|header| header.epoch = 1)),
        (
            "header-epoch-last",
            "a header that names the last epoch there can be",
            signed(&|header| {
                header.epoch = u64::MAX;
            }),
        ),
        (
            "other-root",
            "a header of other validators than those of epoch 0",
            signed(&|header| {
                header.validators_root = second.root(world.suite);
            }),
        ),
    ];
    for (name, why, change) in forged {
        // The act is one of epoch 0, so that nothing but the change is wrong.
        let in_file = world.file_with(std::slice::from_ref(&change));
        theme.refuse(&format!("forged-{name}"), why, &line.receipt(0, 15, &[change]), &world.file());
        theme.refuse(&format!("forged-file-{name}"), why, &line.receipt(0, 15, &[]), &in_file);
    }
    let mut seizure = first.hand_over(world, ENDS[0], &usurpers);
    seizure.certificate = usurpers.certify_as(world, 0, &seizure.header, &usurpers.quorum());
    let block = usurpers.block(world, 42, vec![world.evidence()]);
    let receipt = usurpers.receipt(world, &block, &[seizure]);
    theme.refuse("seizure", "four strangers sign themselves in, and then a block", &receipt, &world.file());
    let nowhere = announcing(&|all| {
        let mut key = [0xff; 32];
        key[2..].fill(0xfe);
        all.push(gongxin_types::Validator {
            name: text("nowhere"),
            organization: text("nowhere"),
            key: ConsensusKey(key),
        });
        all.sort_by_key(|one| one.key);
    });
    let mut sixth = second.clone();
    sixth.members = list_with(second, &nowhere);
    let block = sixth.block(world, 42, vec![world.evidence()]);
    let mut receipt = second.receipt(world, &block, &[nowhere]);
    let places: Vec<usize> = (0..6).filter(|place| sixth.members[*place].1.name.as_str() != "nowhere").collect();
    receipt.certificate = sixth.certify(world, &block.header, &places);
    theme.accept("key-nowhere", "a key that is none, of a validator that does not vote", &receipt, &world.file());
}

/// The members of a set, and whoever else the change names: with a secret that is not theirs.
fn list_with(serving: &Serving, change: &EpochChange) -> Vec<(gongxin_crypto::SecretKey, gongxin_types::Validator)> {
    let secret = |one: &gongxin_types::Validator| {
        let known = serving.members.iter().find(|(_, member)| member == one);
        known.map_or_else(|| Suite::Intl.secret_from_seed(&bytes("nobody")), |(secret, _)| secret.clone())
    };
    change.validators.iter().map(|one| (secret(one), one.clone())).collect()
}

/// Bytes of a header that are not the canonical ones, signed as they stand.
fn make_encodings(theme: &mut Theme, line: &Line) {
    let Line { world, served: [first, ..], changes } = line;
    let cases: [(&str, &str, fn(&mut Vec<u8>)); 3] = [
        ("trailing-byte", "a byte behind the header of the change", |header| header.push(0)),
        ("truncated", "the last byte of the header of the change is missing", |header| {
            header.pop();
        }),
        ("empty", "no bytes where the header of the change should be", Vec::clear),
    ];
    for (name, why, change) in cases {
        let mut epoch = Epoch::from(&changes[0]);
        change(&mut epoch.header.0);
        let digest = world.suite.tagged("gongxin-header-1", &[&epoch.header.0]);
        let digest = HeaderDigest(digest.as_bytes().try_into().expect("32 bytes"));
        let message = world.vote_bytes(epoch.certificate.view, &digest);
        epoch.certificate.header = digest;
        let mut votes = epoch.certificate.votes.to_vec();
        for vote in &mut votes {
            let voter = &first.members[usize::from(vote.validator)].0;
            vote.signature = voter.sign(&message).as_bytes().try_into().expect("64 bytes");
        }
        epoch.certificate.votes = list(votes);
        let (mut receipt, mut file) = (line.receipt(1, 25, &[]), world.file());
        receipt.epochs = list(vec![epoch.clone()]);
        theme.refuse(&format!("header-{name}"), why, &receipt, &file);
        receipt.epochs = list(vec![]);
        file.epochs = list(vec![epoch]);
        theme.refuse(&format!("file-header-{name}"), why, &receipt, &file);
    }
    let mut changed = Epoch::from(&changes[0]);
    changed.header = Encoded(encoded(&changes[1].header).0);
    let mut receipt = line.receipt(1, 25, &[]);
    receipt.epochs = list(vec![changed]);
    theme.refuse("header-exchanged", "the header of another change", &receipt, &world.file());
}
