//! A story told line by line: who, what, and the ledger's answer.

use std::cell::RefCell;

use expect_test::Expect;
use gongxin_crypto::Suite;
use gongxin_state::ExecuteError;
use gongxin_test_support::validators::Validators;
use gongxin_test_support::{Cast, Person, Reading, Sandbox};
use gongxin_types::access::AccessOutcome;
use gongxin_types::receipt::Event;
use gongxin_types::{AccessAuthority, Action, ActionCode, ActionReceipt, Effect, Genesis, ListKey, Role};

/// Runs a test with the production suite and with one of other lengths.
pub(crate) fn both_suites(test: impl Fn(&mut Sandbox)) {
    for suite in Suite::ALL {
        test(&mut Sandbox::with(*suite, 7));
    }
}

/// The same with another genesis.
pub(crate) fn both_suites_with(change: impl Fn(&mut Genesis), test: impl Fn(&mut Sandbox)) {
    for suite in Suite::ALL {
        let mut genesis = Sandbox::with(*suite, 7).genesis;
        change(&mut genesis);
        test(&mut Sandbox::of(genesis, Cast::new(*suite, 7), Validators::new(7), 7));
    }
}

thread_local! {
    /// The story as the production suite told it: the other suite must tell the same.
    static TOLD: RefCell<String> = const { RefCell::new(String::new()) };
}

/// A story in this sandbox.
pub(crate) fn told(sandbox: &mut Sandbox) -> Story<'_> {
    Story { sandbox, lines: String::new() }
}

pub(crate) struct Story<'a> {
    pub(crate) sandbox: &'a mut Sandbox,
    lines: String,
}

impl Story<'_> {
    /// The officer with this role does something.
    pub(crate) fn act(&mut self, organization: &str, role: Role, what: &str, action: impl Fn(&Sandbox) -> Action) {
        let transaction = self.sandbox.sign(self.sandbox.officer(organization, role), [action(self.sandbox)]);
        self.conclude(&format!("{organization}'s {}", role.code()), what, transaction);
    }

    /// The organization's gateway does something.
    pub(crate) fn act_of_gateway(&mut self, organization: &str, what: &str, action: impl Fn(&Sandbox) -> Action) {
        let transaction = self.sandbox.sign(self.sandbox.cast.gateway(organization), [action(self.sandbox)]);
        self.conclude(&format!("{organization}'s gateway"), what, transaction);
    }

    /// Somebody who is not of the cast does something.
    pub(crate) fn act_as(&mut self, person: &Person, what: &str, action: impl Fn(&Sandbox) -> Action) {
        let transaction = self.sandbox.sign(person, [action(self.sandbox)]);
        self.conclude(&format!("{}'s newcomer", person.organization), what, transaction);
    }

    /// Somebody with a name does something.
    pub(crate) fn act_of(&mut self, person: &Person, name: &str, what: &str, action: impl Fn(&Sandbox) -> Action) {
        let transaction = self.sandbox.sign(person, [action(self.sandbox)]);
        self.conclude(&format!("{}'s {name}", person.organization), what, transaction);
    }

    /// Somebody whose key nobody knows does something: no block may hold it.
    pub(crate) fn unknown(&mut self, person: &Person, what: &str, action: impl Fn(&Sandbox) -> Action) {
        let transaction = self.sandbox.sign(person, [action(self.sandbox)]);
        let Err(ExecuteError::Invalid { reason, .. }) = self.sandbox.block(vec![transaction]) else {
            panic!("a block held a transaction of nobody");
        };
        self.lines += &format!("{}'s newcomer {what}: not included: {reason}\n", person.organization);
    }

    /// A case officer reads division 310101 and the owner answers.
    pub(crate) fn read(&mut self, organization: &str, what: &str, authority: AccessAuthority, label: &str) {
        let response_digest = self.sandbox.suite.hash(&[label.as_bytes()]);
        self.read_with(organization, what, authority, label, AccessOutcome::Answered { response_digest });
    }

    /// The same with another answer.
    pub(crate) fn read_with(
        &mut self,
        organization: &str,
        what: &str,
        authority: AccessAuthority,
        label: &str,
        outcome: AccessOutcome,
    ) {
        let (sandbox, suite) = (&*self.sandbox, self.sandbox.suite);
        let officer = sandbox.officer(organization, Role::CaseOfficer);
        let reading = Reading::of_division(sandbox.network(), suite, officer, authority, "310101", label);
        let gateway = sandbox.cast.gateway("civil-affairs");
        let list = ListKey::Record { record: sandbox.record_id("310101") };
        let leaf = reading.concluded(suite, gateway, [list], outcome);
        let transaction = sandbox.sign(gateway, [Action::RecordAccess(leaf)]);
        self.conclude(&format!("{organization}'s case-officer"), what, transaction);
    }

    /// Time passes.
    pub(crate) fn wait(&mut self, millis: u64) {
        self.sandbox.wait(millis);
        self.lines += &format!("{} minutes pass\n", millis / 60_000);
    }

    /// The story is over; what was told must be this.
    pub(crate) fn ends(self, expected: Expect) {
        match self.sandbox.suite {
            Suite::Intl => {
                expected.assert_eq(&self.lines);
                TOLD.set(self.lines);
            }
            _ => assert_eq!(TOLD.take(), self.lines),
        }
    }

    fn conclude(&mut self, who: &str, what: &str, transaction: gongxin_types::Transaction) {
        let pages = self.sandbox.pages.len();
        let receipt = self.sandbox.act(transaction);
        let refused = receipt.decision.effect == Effect::Deny;
        let due = self.sandbox.blocks.last().is_some_and(|block| !block.receipts.due.is_empty());
        assert_eq!(refused, receipt.decision.refusal.is_some());
        if refused {
            assert_eq!((receipt.writes, receipt.events.len()), (0, 0), "a refused action leaves no write");
            assert!(due || self.sandbox.pages.len() <= pages + 1, "only the replay window may be new");
        }
        // What is due is read first: agenda, proposal, matter. Whether an office has another head who can sign is asked of each.
        let rounds = match receipt.action {
            _ if due => 6,
            ActionCode::ProposalOpen => 4,
            _ => 3,
        };
        assert!(self.sandbox.rounds <= rounds, "{who} {what}: {} rounds", self.sandbox.rounds);
        self.lines += &format!("{who} {what}: {}\n", answer(&receipt));
    }
}

fn answer(receipt: &ActionReceipt) -> String {
    let policies: Vec<String> = receipt.decision.policies.iter().map(ToString::to_string).collect();
    match receipt.decision.refusal {
        Some(refusal) if policies.is_empty() => format!("refused, {}", refusal.code()),
        Some(refusal) => format!("refused, {} ({})", refusal.code(), policies.join(" ")),
        None => {
            let events: Vec<String> = receipt.events.iter().map(event).collect();
            let pages = match (receipt.action, receipt.writes) {
                // How many, depends on the length of the suite's digests.
                (
                    ActionCode::ProposalOpen
                    | ActionCode::ProposalVote
                    | ActionCode::ProposalWithdraw
                    | ActionCode::PendingOpen
                    | ActionCode::PendingApprove
                    | ActionCode::PendingWithdraw
                    | ActionCode::AlertRaise
                    | ActionCode::AlertEnd,
                    _,
                ) => String::new(),
                (_, 1) => ", 1 page".into(),
                (_, pages) => format!(", {pages} pages"),
            };
            format!("done{pages}{} ({})", events.concat(), policies.join(" "))
        }
    }
}

fn event(event: &Event) -> String {
    match event {
        Event::RecordsWritten { created, updated, deleted } => format!(", +{created} ~{updated} -{deleted}"),
        Event::AccessListed { count, .. } => format!(", listed as {count}"),
    }
}
