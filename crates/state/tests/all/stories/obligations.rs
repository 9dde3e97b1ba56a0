//! Stories of obligations: a task with a term is set, runs, stands still, is extended, fulfilled, or runs out by itself.
//!
//! The stories begin on Saturday, 1 August 2026, at 17:00 in Shanghai.

use expect_test::expect;
use gongxin_state::key;
use gongxin_test_support::{Sandbox, cast, world};
use gongxin_types::calendar::CalendarChange;
use gongxin_types::obligation::{NewObligation, ObligationKind, ObligationStatus, SuspensionReason};
use gongxin_types::proposal::{Choice, Matter, NewProposal, NewVote};
use gongxin_types::{
    Action, CalendarYear, Date, Height, LegalClock, List, Obligation, ObligationId, ProposalId, Role, codec,
};

use super::DAY_MS;
use crate::support::{Story, both_suites, told};

const HOUR_MS: u64 = 3_600_000;

pub(crate) fn id(label: &str) -> ObligationId {
    ObligationId::new(cast::bytes(7, "obligation", label))
}

pub(crate) fn task(label: &str, obligor: &str, term: u16) -> NewObligation {
    NewObligation {
        version: 1,
        id: id(label),
        kind: ObligationKind::Rectify,
        obligor: obligor.parse().unwrap(),
        legal_basis: "sharing-regulation".parse().unwrap(),
        document: None,
        term,
    }
}

fn sets(story: &mut Story<'_>, label: &str, obligor: &str, term: u16) {
    story.act(cast::SUPERVISOR, Role::Supervisor, &format!("sets {obligor} {label}: {term} days"), |_| {
        Action::OpenObligation(task(label, obligor, term))
    });
}

fn supervisor(story: &mut Story<'_>, what: &str, action: &Action) {
    story.act(cast::SUPERVISOR, Role::Supervisor, what, |_| action.clone());
}

fn reports(story: &mut Story<'_>, label: &str) {
    story.act("housing", Role::CaseOfficer, &format!("reports {label} fulfilled"), |_| {
        Action::FulfilObligation(id(label))
    });
}

pub(crate) fn obligation(sandbox: &Sandbox, label: &str) -> Obligation {
    let key = |page| key::of(key::Kind::Obligation, &id(label), page);
    let pages: Vec<_> = (0..).map_while(|page| sandbox.pages.get(&key(page)).copied()).collect();
    codec::decode("obligation", &gongxin_state::page::join(&pages).unwrap()).unwrap()
}

fn due(sandbox: &Sandbox, label: &str) -> Date {
    obligation(sandbox, label).due_date(&world::calendar()).unwrap()
}

/// A task is set, the obligor reports it fulfilled within the term, and that is the end of it.
#[test]
fn a_task_is_fulfilled() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        sets(&mut story, "a", "housing", 5);
        assert_eq!(due(story.sandbox, "a").to_string(), "2026-08-07");
        story.wait(3 * DAY_MS);
        story.act("housing", Role::Operator, "reports a fulfilled", |_| Action::FulfilObligation(id("a")));
        reports(&mut story, "a");
        reports(&mut story, "a");
        supervisor(&mut story, "withdraws a", &Action::WithdrawObligation(id("a")));
        sets(&mut story, "b", "housing", 5);
        supervisor(&mut story, "confirms b", &Action::FulfilObligation(id("b")));
        sets(&mut story, "c", "housing", 5);
        supervisor(&mut story, "withdraws c", &Action::WithdrawObligation(id("c")));
        reports(&mut story, "c");
        assert!(matches!(obligation(story.sandbox, "a").status, ObligationStatus::Fulfilled { late: false, .. }));
        story.ends(expect![[r#"
            audit-office's supervisor sets housing a: 5 days: done, 2 pages (overseer-keeps-own-tasks)
            4320 minutes pass
            housing's operator reports a fulfilled: refused, policy
            housing's case-officer reports a fulfilled: done, 1 page (officer-fulfils-for-own-organization)
            housing's case-officer reports a fulfilled: refused, obligation-ended
            audit-office's supervisor withdraws a: refused, obligation-ended
            audit-office's supervisor sets housing b: 5 days: done, 2 pages (overseer-keeps-own-tasks)
            audit-office's supervisor confirms b: done, 1 page (officer-fulfils-for-own-organization)
            audit-office's supervisor sets housing c: 5 days: done, 2 pages (overseer-keeps-own-tasks)
            audit-office's supervisor withdraws c: done, 1 page (overseer-keeps-own-tasks)
            housing's case-officer reports c fulfilled: refused, obligation-ended
        "#]]);
    });
}

/// Nobody sets tasks who does not oversee, and nobody speaks for another: not even one who oversees too.
#[test]
fn strangers() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let open = |label: &'static str| move |_: &Sandbox| Action::OpenObligation(task(label, "civil-affairs", 5));
        story.act("housing", Role::Authority, "sets civil-affairs a task", open("a"));
        story.act(cast::AUTHORITY, Role::Operator, "sets civil-affairs a task", open("a"));
        story.act_of_gateway("civil-affairs", "sets civil-affairs a task", open("a"));
        story.act(cast::AUTHORITY, Role::Authority, "sets civil-affairs a task", open("a"));
        for (what, action) in [
            ("suspends it", Action::SuspendObligation(id("a"), SuspensionReason::Hearing)),
            ("extends it", Action::ExtendObligation(id("a"), 1)),
            ("withdraws it", Action::WithdrawObligation(id("a"))),
            ("fulfils it", Action::FulfilObligation(id("a"))),
        ] {
            story.act(cast::SUPERVISOR, Role::Supervisor, what, |_| action.clone());
            story.act("housing", Role::Authority, what, |_| action.clone());
        }
        story.act("civil-affairs", Role::Authority, "withdraws it", |_| Action::WithdrawObligation(id("a")));
        story.act("civil-affairs", Role::CaseOfficer, "fulfils it", |_| Action::FulfilObligation(id("a")));
        story.ends(expect![[r#"
            housing's authority sets civil-affairs a task: refused, policy
            data-bureau's operator sets civil-affairs a task: refused, policy
            civil-affairs's gateway sets civil-affairs a task: refused, officer-required
            data-bureau's authority sets civil-affairs a task: done, 2 pages (overseer-keeps-own-tasks)
            audit-office's supervisor suspends it: refused, policy
            housing's authority suspends it: refused, policy
            audit-office's supervisor extends it: refused, policy
            housing's authority extends it: refused, policy
            audit-office's supervisor withdraws it: refused, policy
            housing's authority withdraws it: refused, policy
            audit-office's supervisor fulfils it: refused, policy
            housing's authority fulfils it: refused, policy
            civil-affairs's authority withdraws it: refused, policy
            civil-affairs's case-officer fulfils it: done, 2 pages (officer-fulfils-for-own-organization)
        "#]]);
    });
}

/// Terms without a day, or longer than a year; an obligor that is unknown or oneself; a law nobody knows; twice the same.
#[test]
fn what_cannot_be_set() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        sets(&mut story, "a", "housing", 0);
        sets(&mut story, "a", "housing", 251);
        sets(&mut story, "a", "nobody", 5);
        sets(&mut story, "a", cast::SUPERVISOR, 5);
        let unknown = NewObligation { legal_basis: "no-law".parse().unwrap(), ..task("a", "housing", 5) };
        supervisor(&mut story, "sets a task under no law", &Action::OpenObligation(unknown));
        let version = NewObligation { version: 2, ..task("a", "housing", 5) };
        supervisor(&mut story, "sets a task of version 2", &Action::OpenObligation(version));
        supervisor(&mut story, "extends what is not there", &Action::ExtendObligation(id("a"), 1));
        sets(&mut story, "a", "housing", 250);
        sets(&mut story, "a", "housing", 5);
        story.ends(expect![[r#"
            audit-office's supervisor sets housing a: 0 days: refused, term-out-of-bounds
            audit-office's supervisor sets housing a: 251 days: refused, term-out-of-bounds
            audit-office's supervisor sets nobody a: 5 days: refused, not-found
            audit-office's supervisor sets audit-office a: 5 days: refused, malformed
            audit-office's supervisor sets a task under no law: refused, unknown-legal-basis
            audit-office's supervisor sets a task of version 2: refused, malformed
            audit-office's supervisor extends what is not there: refused, not-found
            audit-office's supervisor sets housing a: 250 days: done, 2 pages (overseer-keeps-own-tasks)
            audit-office's supervisor sets housing a: 5 days: refused, already-exists
        "#]]);
    });
}

/// The term of a task runs out at 24:00 of its last working day, in a block without transactions; the report comes late.
#[test]
fn a_term_runs_out_by_itself() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        sets(&mut story, "a", "housing", 5);
        let clock = LegalClock::of(&story.sandbox.genesis.head);
        let end = clock.end(due(story.sandbox, "a"));
        assert_eq!(end.to_string(), "2026-08-07T16:00:00.000Z");
        let until_end = end.millis() - story.sandbox.header().time.millis();
        story.wait(until_end - 1);
        story.sandbox.block(Vec::new()).unwrap();
        assert_eq!(obligation(story.sandbox, "a").status, ObligationStatus::Running);
        let noted = |sandbox: &Sandbox| sandbox.blocks.last().unwrap().receipts.due.len();
        // The cursor alone: Monday to Thursday are over.
        assert_eq!(noted(story.sandbox), 1);
        story.wait(1);
        let block = story.sandbox.block(Vec::new()).unwrap();
        let after = obligation(story.sandbox, "a");
        assert_eq!((after.status, block.receipts.due.len()), (ObligationStatus::Overdue, 3));
        assert!(after.is_overdue_at(end, &world::calendar(), &clock));
        story.sandbox.block(Vec::new()).unwrap();
        assert_eq!(noted(story.sandbox), 0);
        supervisor(&mut story, "extends a", &Action::ExtendObligation(id("a"), 1));
        supervisor(&mut story, "suspends a", &Action::SuspendObligation(id("a"), SuspensionReason::Hearing));
        supervisor(&mut story, "resumes a", &Action::ResumeObligation(id("a")));
        reports(&mut story, "a");
        assert!(matches!(obligation(story.sandbox, "a").status, ObligationStatus::Fulfilled { late: true, .. }));
        story.ends(expect![[r#"
            audit-office's supervisor sets housing a: 5 days: done, 2 pages (overseer-keeps-own-tasks)
            9059 minutes pass
            0 minutes pass
            audit-office's supervisor extends a: refused, term-over
            audit-office's supervisor suspends a: refused, term-over
            audit-office's supervisor resumes a: refused, not-suspended
            housing's case-officer reports a fulfilled: done, 1 page (officer-fulfils-for-own-organization)
        "#]]);
    });
}

/// A term that stands still keeps what was left of it; it is extended once, by no more than it was.
#[test]
fn a_term_stands_still_and_is_extended() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let suspend = Action::SuspendObligation(id("a"), SuspensionReason::Supplement);
        sets(&mut story, "a", "housing", 5);
        supervisor(&mut story, "resumes a", &Action::ResumeObligation(id("a")));
        // Monday 17:00: one day is used.
        story.wait(2 * DAY_MS);
        supervisor(&mut story, "suspends a", &suspend);
        supervisor(&mut story, "suspends a", &suspend);
        supervisor(&mut story, "extends a", &Action::ExtendObligation(id("a"), 2));
        let left = |sandbox: &Sandbox| match obligation(sandbox, "a").status {
            ObligationStatus::Suspended { left, .. } => left,
            other => panic!("{other:?}"),
        };
        assert_eq!(left(story.sandbox), 4);
        story.wait(30 * DAY_MS);
        // Wednesday, 2 September: Thursday, Friday, Monday, Tuesday.
        supervisor(&mut story, "resumes a", &Action::ResumeObligation(id("a")));
        assert_eq!(due(story.sandbox, "a").to_string(), "2026-09-08");
        supervisor(&mut story, "extends a", &Action::ExtendObligation(id("a"), 0));
        supervisor(&mut story, "extends a", &Action::ExtendObligation(id("a"), 6));
        supervisor(&mut story, "extends a", &Action::ExtendObligation(id("a"), 5));
        supervisor(&mut story, "extends a", &Action::ExtendObligation(id("a"), 1));
        assert_eq!(due(story.sandbox, "a").to_string(), "2026-09-15");
        // Twice within an hour nothing is won.
        supervisor(&mut story, "suspends a", &suspend);
        story.wait(HOUR_MS);
        supervisor(&mut story, "resumes a", &Action::ResumeObligation(id("a")));
        assert_eq!(due(story.sandbox, "a").to_string(), "2026-09-15");
        // On its last day, resumed on a weekend: the next working day is its last. 20 September is a Sunday that is worked.
        story.wait(13 * DAY_MS);
        supervisor(&mut story, "suspends a", &suspend);
        assert_eq!(left(story.sandbox), 0);
        story.wait(4 * DAY_MS);
        supervisor(&mut story, "resumes a", &Action::ResumeObligation(id("a")));
        assert_eq!(due(story.sandbox, "a").to_string(), "2026-09-20");
        story.ends(expect![[r#"
            audit-office's supervisor sets housing a: 5 days: done, 2 pages (overseer-keeps-own-tasks)
            audit-office's supervisor resumes a: refused, not-suspended
            2880 minutes pass
            audit-office's supervisor suspends a: done, 1 page (overseer-keeps-own-tasks)
            audit-office's supervisor suspends a: refused, not-running
            audit-office's supervisor extends a: refused, not-running
            43200 minutes pass
            audit-office's supervisor resumes a: done, 2 pages (overseer-keeps-own-tasks)
            audit-office's supervisor extends a: refused, term-out-of-bounds
            audit-office's supervisor extends a: refused, term-out-of-bounds
            audit-office's supervisor extends a: done, 3 pages (overseer-keeps-own-tasks)
            audit-office's supervisor extends a: refused, already-extended
            audit-office's supervisor suspends a: done, 2 pages (overseer-keeps-own-tasks)
            60 minutes pass
            audit-office's supervisor resumes a: done, 2 pages (overseer-keeps-own-tasks)
            18720 minutes pass
            audit-office's supervisor suspends a: done, 2 pages (overseer-keeps-own-tasks)
            5760 minutes pass
            audit-office's supervisor resumes a: done, 3 pages (overseer-keeps-own-tasks)
        "#]]);
    });
}

fn change(revision: u32, days_off: &[&str]) -> CalendarChange {
    let mut year = world::calendar().year(2026).unwrap().clone();
    let mut days = year.days_off.to_vec();
    days.extend(days_off.iter().map(|day| day.parse::<Date>().unwrap()));
    days.sort_unstable();
    year.days_off = List::new(days).unwrap();
    CalendarChange { revision, years: world::list([year]) }
}

fn passes(story: &mut Story<'_>, label: &str, change: &CalendarChange) {
    let matter = Matter::Calendar(change.clone());
    let proposal = ProposalId::new(cast::bytes(7, "proposal", label));
    story.act("housing", Role::Authority, &format!("proposes {label}"), |sandbox| {
        Action::OpenProposal(NewProposal {
            version: 1,
            id: proposal,
            legal_basis: "sharing-regulation".parse().unwrap(),
            matter: matter.clone(),
            closes: sandbox.now().plus_millis(14 * DAY_MS),
            effective: Height::GENESIS,
        })
    });
    for organization in &cast::DEPARTMENTS[..3] {
        story.act(organization, Role::Authority, &format!("votes for {label}"), |sandbox| {
            Action::CastVote(NewVote { proposal, matter: matter.digest(sandbox.suite), choice: Choice::For })
        });
    }
}

/// A holiday notice comes late, when terms run already: it moves what is due in the days to come, and no day that has begun.
#[test]
fn a_holiday_notice_published_late() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        sets(&mut story, "a", "housing", 5);
        story.wait(3 * DAY_MS);
        // It is Tuesday, 4 August.
        passes(&mut story, "Monday off", &change(2, &["2026-08-03"]));
        passes(&mut story, "today off", &change(2, &["2026-08-04"]));
        passes(&mut story, "of revision 3", &change(3, &["2026-08-05"]));
        let weekend = change(2, &["2026-08-08"]);
        passes(&mut story, "a Saturday off", &weekend);
        let unnamed = CalendarYear { notices: List::empty(), ..change(2, &["2026-08-05"]).years[0].clone() };
        passes(&mut story, "without a notice", &CalendarChange { revision: 2, years: world::list([unnamed]) });
        let friday = change(2, &["2026-08-06", "2026-08-07"]);
        passes(&mut story, "Thursday and Friday off", &friday);
        story.sandbox.block(Vec::new()).unwrap();
        // The ordinal is as it was; its day is another.
        let after = world::calendar().with(&friday.years).unwrap();
        let before = obligation(story.sandbox, "a");
        assert_eq!(before.due_date(&world::calendar()).unwrap().to_string(), "2026-08-07");
        assert_eq!(before.due_date(&after).unwrap().to_string(), "2026-08-11");
        story.wait(6 * DAY_MS);
        story.sandbox.block(Vec::new()).unwrap();
        assert_eq!(obligation(story.sandbox, "a").status, ObligationStatus::Running);
        reports(&mut story, "a");
        assert!(matches!(obligation(story.sandbox, "a").status, ObligationStatus::Fulfilled { late: false, .. }));
        story.ends(expect![[r#"
            audit-office's supervisor sets housing a: 5 days: done, 2 pages (overseer-keeps-own-tasks)
            4320 minutes pass
            housing's authority proposes Monday off: refused, past-day
            civil-affairs's authority votes for Monday off: refused, not-found
            public-security's authority votes for Monday off: refused, not-found
            social-security's authority votes for Monday off: refused, not-found
            housing's authority proposes today off: refused, past-day
            civil-affairs's authority votes for today off: refused, not-found
            public-security's authority votes for today off: refused, not-found
            social-security's authority votes for today off: refused, not-found
            housing's authority proposes of revision 3: refused, revision-mismatch
            civil-affairs's authority votes for of revision 3: refused, not-found
            public-security's authority votes for of revision 3: refused, not-found
            social-security's authority votes for of revision 3: refused, not-found
            housing's authority proposes a Saturday off: refused, malformed
            civil-affairs's authority votes for a Saturday off: refused, not-found
            public-security's authority votes for a Saturday off: refused, not-found
            social-security's authority votes for a Saturday off: refused, not-found
            housing's authority proposes without a notice: refused, malformed
            civil-affairs's authority votes for without a notice: refused, not-found
            public-security's authority votes for without a notice: refused, not-found
            social-security's authority votes for without a notice: refused, not-found
            housing's authority proposes Thursday and Friday off: done (authority-proposes)
            civil-affairs's authority votes for Thursday and Friday off: done (authority-votes)
            public-security's authority votes for Thursday and Friday off: done (authority-votes)
            social-security's authority votes for Thursday and Friday off: done (authority-votes)
            8640 minutes pass
            housing's case-officer reports a fulfilled: done, 1 page (officer-fulfils-for-own-organization)
        "#]]);
    });
}

/// A day that was still to come when a proposal was opened has begun when it would take effect: the proposal is void.
#[test]
fn a_proposal_that_the_day_overtook() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let monday = change(2, &["2026-08-03"]);
        let matter = Matter::Calendar(monday.clone());
        passes(&mut story, "Monday off", &monday);
        story.wait(2 * DAY_MS);
        story.sandbox.block(Vec::new()).unwrap();
        let key = |page| key::of(key::Kind::Proposal, &ProposalId::new(cast::bytes(7, "proposal", "Monday off")), page);
        let pages: Vec<_> = (0..).map_while(|page| story.sandbox.pages.get(&key(page)).copied()).collect();
        let proposal: gongxin_types::Proposal =
            codec::decode("proposal", &gongxin_state::page::join(&pages).unwrap()).unwrap();
        assert_eq!(proposal.matter, matter.digest(story.sandbox.suite));
        assert!(
            matches!(
                proposal.status,
                gongxin_types::proposal::ProposalStatus::Void { refusal: gongxin_types::Refusal::PastDay, .. }
            ),
            "{:?}",
            proposal.status
        );
        story.ends(expect![[r#"
            housing's authority proposes Monday off: done (authority-proposes)
            civil-affairs's authority votes for Monday off: done (authority-votes)
            public-security's authority votes for Monday off: done (authority-votes)
            social-security's authority votes for Monday off: done (authority-votes)
            2880 minutes pass
        "#]]);
    });
}

/// In a test network a working day passes in a second: the same term runs out after five of them and a weekend.
#[test]
fn a_test_networks_days_are_short() {
    let mut sandbox = Sandbox::with(gongxin_crypto::Suite::Intl, 7);
    let mut genesis = sandbox.genesis.clone();
    genesis.head.time_scale = 86_400;
    sandbox = Sandbox::of(genesis, sandbox.cast, sandbox.validators, 7);
    let supervisor = sandbox.officer(cast::SUPERVISOR, Role::Supervisor);
    let transaction = sandbox.sign(supervisor, [Action::OpenObligation(task("a", "housing", 5))]);
    sandbox.block(vec![transaction]).unwrap();
    let began = sandbox.header().time.millis();
    while obligation(&sandbox, "a").status == ObligationStatus::Running {
        sandbox.block(Vec::new()).unwrap();
    }
    let passed = sandbox.header().time.millis() - began;
    assert!((6_000..7_000).contains(&passed), "{passed} ms");
}
