//! Stories of versions: members vote for the next version of the rules, and the block that it takes effect in follows it.

use gongxin_state::{ExecuteError, PROTOCOL_VERSIONS};
use gongxin_test_support::cast;
use gongxin_types::proposal::{Choice, Matter};
use gongxin_types::{Action, Refusal, Role};

use super::{opens, proposal_id, votes};
use crate::support::{Story, both_suites, told};

/// Three of four vote for a version.
fn passes(story: &mut Story<'_>, version: u16) {
    let (label, matter) = (format!("version {version}"), Matter::ProtocolVersion(version));
    opens(story, "housing", &label, &matter);
    cast::DEPARTMENTS[..3].iter().for_each(|organization| votes(story, organization, &label, &matter, Choice::For));
}

/// How many more proposals a department can open, of twenty.
fn opened(story: &mut Story<'_>, label: &str) -> usize {
    let before = story.sandbox.blocks.len();
    for number in 0..20 {
        opens(
            story,
            "civil-affairs",
            &format!("{label} {number}"),
            &Matter::Expulsion("audit-office".parse().unwrap()),
        );
    }
    let results = story.sandbox.blocks.iter().skip(before).flat_map(|block| &block.receipts.transactions);
    results.flat_map(|receipts| &receipts.actions).filter(|result| result.receipt.decision.refusal.is_none()).count()
}

/// Versions follow each other; headers name the one in force; under the second a member's open proposals are counted, and
/// one that is taken back makes room for another.
#[test]
fn the_second_version_counts_open_proposals() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        for version in [1, 3] {
            opens(&mut story, "housing", "another", &Matter::ProtocolVersion(version));
            let refusal =
                story.sandbox.blocks.last().unwrap().receipts.transactions[0].actions[0].receipt.decision.refusal;
            assert_eq!(refusal, Some(Refusal::RevisionMismatch));
        }
        assert_eq!(opened(&mut story, "early"), 20);
        passes(&mut story, 2);
        assert_eq!(story.sandbox.header().protocol_version, 1);
        story.sandbox.block(vec![]).unwrap();
        assert_eq!(story.sandbox.header().protocol_version, 2);
        assert_eq!(opened(&mut story, "late"), 16);
        story.act("civil-affairs", Role::Authority, "takes back late 3", |_| {
            Action::WithdrawProposal(proposal_id("late 3"))
        });
        assert_eq!(opened(&mut story, "again"), 1);
    });
}

/// Rules that this program does not have are not guessed: the block is not executed, and nothing is said about it.
#[test]
fn a_later_version_is_not_executed() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        for version in 2..=PROTOCOL_VERSIONS.end() + 1 {
            passes(&mut story, version);
            let next = story.sandbox.block(vec![]);
            if version <= *PROTOCOL_VERSIONS.end() {
                assert_eq!(next.unwrap().header.protocol_version, version);
            } else {
                assert_eq!(next, Err(ExecuteError::UnknownVersion(version)));
            }
        }
    });
}
