//! What needs attention, of what everybody said: who, what, and what to do about it.

use std::collections::{BTreeMap, BTreeSet};

use gongxin_client::wire::{ArchiveReport, StatusReport};
use gongxin_types::genesis::{ConsensusKey, Validator};

use super::ask::{Answer, Round, Seen};
use super::limits;
use crate::disk;
use crate::serving::Standing;

/// How much it weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// Somebody has to do something.
    Wrong,
    /// Somebody should know.
    Note,
}

/// One thing.
pub(super) struct Finding {
    pub(super) weight: Weight,
    /// Of whom.
    pub(super) subject: String,
    /// What is so.
    pub(super) what: String,
    /// What to do.
    pub(super) todo: &'static str,
}

/// All of them, the gravest first.
pub(super) fn judge(round: &Round) -> Vec<Finding> {
    let mut findings = Findings(Vec::new());
    findings.network(round);
    findings.turnout(round);
    for seen in &round.validators {
        match (&seen.answer, seen.standing) {
            (Ok(answer), _) => findings.validator(seen, answer, round),
            (Err(_), Some(Standing::Left(epoch))) => {
                let words = format!("does not answer, and validates no longer since epoch {epoch}");
                findings.note(&seen.name, words, "nothing, if its member has stopped it; its peers may forget it");
            }
            (Err(why), _) => {
                findings.wrong(&seen.name, format!("does not answer: {why}"), "look at its process and its log");
            }
        }
    }
    findings.silence(round);
    findings.archives(round);
    findings.alerts(round);
    findings.gateways(round);
    findings.0.sort_by_key(|finding| finding.weight);
    findings.0
}

struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, weight: Weight, subject: &str, what: impl Into<String>, todo: &'static str) {
        self.0.push(Finding { weight, subject: subject.to_owned(), what: what.into(), todo });
    }

    fn wrong(&mut self, subject: &str, what: impl Into<String>, todo: &'static str) {
        self.add(Weight::Wrong, subject, what, todo);
    }

    fn note(&mut self, subject: &str, what: impl Into<String>, todo: &'static str) {
        self.add(Weight::Note, subject, what, todo);
    }

    /// What is so of all of them together.
    fn network(&mut self, round: &Round) {
        let clock_ms = round.at.millis().saturating_add_signed(round.median_ahead_ms().unwrap_or(0));
        if let Some(time) = round.newest().and_then(|report| report.time) {
            let age = clock_ms.saturating_sub(time.millis());
            if age > limits::STANDS_MS {
                let words = format!("no block is final since {} s", age / 1_000);
                self.wrong("network", words, "bring back validators until more than two thirds vote");
            }
        }
        let mut at_height: BTreeMap<u64, Vec<(&Seen, &StatusReport)>> = BTreeMap::new();
        for (seen, answer) in round.answering() {
            at_height.entry(answer.report.height.get()).or_default().push((seen, &answer.report));
        }
        for (height, seen) in at_height {
            let headers: BTreeSet<_> =
                seen.iter().filter_map(|(_, report)| report.header.map(|header| header.to_string())).collect();
            if headers.len() > 1 {
                let names: Vec<_> = seen.iter().map(|(seen, _)| format!("`{}`", seen.name)).collect();
                let words = format!("{} show different blocks {height}", names.join(" and "));
                self.wrong("network", words, "stop, keep every data directory, and call the other members");
            }
        }
        let programs: BTreeSet<_> =
            round.answering().filter_map(|(_, answer)| answer.report.operator.program.as_ref()).collect();
        if programs.len() > 1 {
            let words: Vec<_> = programs.into_iter().map(|program| format!("`{program}`")).collect();
            self.note("network", format!("programs {} run side by side", words.join(", ")), "finish the upgrade");
        }
    }

    /// Whether enough of those who serve vote, and whether it is known who they are.
    fn turnout(&mut self, round: &Round) {
        let Some(serving) = &round.serving else { return };
        for words in serving.contradictions() {
            let todo = "keep both as evidence, and ask other members which one is true";
            self.wrong("network", format!("who validates is contradicted: {words}"), todo);
        }
        let told = round.newest().map_or(0, |report| report.epoch);
        if told > serving.epoch() {
            let known = serving.epoch();
            let words = format!("epoch {told} is said to serve, and what is proven here ends with epoch {known}");
            self.note("network", words, "`gongxin network save` takes a newer network file from a gateway");
        }
        let (voting, all, needed) = (round.voting(), serving.validators().len(), serving.quorum());
        // Who was not asked, and is heard by somebody who was, votes as far as can be told.
        let hearing = |one: &&Validator| round.hearing(&one.key);
        let unasked = round.unasked();
        if unasked.iter().any(|one| hearing(one).1 == 0) {
            return;
        }
        let likely = voting + unasked.iter().filter(|one| hearing(one).0 > 0).count();
        if likely < needed {
            let words = format!("{likely} of {all} validators vote, {needed} are needed: nothing becomes final");
            self.wrong("network", words, "bring back those that are named below");
        } else if likely == needed && all > needed {
            let words = format!("{likely} of {all} validators vote: no more may fail");
            self.note("network", words, "bring back the others");
        }
    }

    /// Whether enough of them keep every block: one more than may fail or lie.
    fn archives(&mut self, round: &Round) {
        let told: Vec<_> = round.answering().map(|(_, answer)| answer.report.operator.archive.as_ref()).collect();
        let Some(told) = told.into_iter().collect::<Option<Vec<_>>>() else { return };
        let needed = told.iter().map(|one| one.full_needed).max().unwrap_or(0);
        let keeps = |one: &&&ArchiveReport| one.keeps_all && one.first.is_none_or(|first| first.get() <= 1);
        let full = u64::try_from(told.iter().filter(keeps).count()).unwrap_or(u64::MAX);
        // What those know who were asked, of all the others.
        let known = told.iter().map(|one| one.full_elsewhere).max().unwrap_or(0).max(full);
        if known < needed {
            let words = format!("{known} validators have the full archive, {needed} should");
            let todo =
                "let more of them keep it: without `archive_days` in `node.toml`; wait where one still fetches it";
            self.note("network", words, todo);
        }
    }

    /// What is so of one that answers.
    fn validator(&mut self, seen: &Seen, answer: &Answer, round: &Round) {
        let (name, report) = (&seen.name, &answer.report);
        let network = round.serving.as_ref().map(|serving| serving.head().id());
        if let Some(network) = network.filter(|network| *network != report.network) {
            let words = format!("belongs to network `{}`, not to `{network}`", report.network);
            return self.wrong(name, words, "correct the address, or its configuration");
        }
        let newest = round.newest().map_or(report.height, |newest| newest.height);
        let behind = lag_ms(report, round);
        if behind > limits::LAG_MS_MAX || (report.syncing && newest > report.height) {
            let blocks = newest.get().saturating_sub(report.height.get());
            let words = format!("lags {blocks} blocks, {} s behind the newest", behind / 1_000);
            let todo = "wait while its height grows; where it does not, look at its network, its disk and its log";
            self.wrong(name, words, todo);
        }
        self.votes(seen, report);
        self.clock(name, answer, round);
        self.disk(name, report);
        if let Some(why) = report.operator.archive.as_ref().and_then(|archive| archive.waits.as_deref()) {
            self.note(name, format!("drops no older blocks: {why}"), "let more validators keep the full archive");
        }
        if report.operator.faults > 0 {
            let words = format!("has proof of {} faults of validators since its start", report.operator.faults);
            self.wrong(
                name,
                words,
                "its gateway raises them as alerts: `gongxin alert list`; without one, hand in the lines of `faults.log`: `gongxin alert raise`",
            );
        }
        if report.mempool_transactions > limits::WAITING_MAX {
            let words = format!("{} transactions wait", report.mempool_transactions);
            self.note(name, words, "look who sends so much, and whether all validators vote");
        }
    }

    fn votes(&mut self, seen: &Seen, report: &StatusReport) {
        let (name, serves) = (&seen.name, seen.standing.is_none_or(|standing| standing == Standing::Serves));
        if report.role == "follower" {
            return;
        }
        if report.peers == 0 {
            let todo = "look at its `p2p` address, firewall and peers; and whether another process runs with its key: the \
                        network talks to one of the two";
            self.wrong(name, "hears none of its peers", todo);
        }
        if !serves {
            // Nobody waits for its vote: it follows.
            return;
        }
        if !report.voting {
            let why = report.operator.not_voting.as_deref().unwrap_or("it does not say why");
            self.wrong(name, format!("does not vote: {why}"), "do as it says, or wait if it waits");
        } else if let Some(why) = &report.operator.not_ready {
            self.note(name, format!("is not ready: {why}"), "do as it says, or wait if it waits");
        }
    }

    fn clock(&mut self, name: &str, answer: &Answer, round: &Round) {
        let (Some(ahead), Some(median)) = (answer.ahead_ms, round.median_ahead_ms()) else {
            return;
        };
        let off = ahead.saturating_sub(median);
        if off.unsigned_abs() > limits::CLOCK_OFF_MS_MAX.saturating_add(round.blur_ms()) {
            let direction = if off > 0 { "ahead of" } else { "behind" };
            let words = format!("its clock is {} ms {direction} the others'", off.unsigned_abs());
            self.wrong(name, words, "set it right, such as by `timedatectl set-ntp true`");
        }
    }

    fn disk(&mut self, name: &str, report: &StatusReport) {
        let Some(disk) = report.operator.disk else {
            return;
        };
        let words =
            || format!("{} free; it stops at {}", disk::readable(disk.free_bytes), disk::readable(disk.floor_bytes));
        if disk.free_bytes < disk.floor_bytes.saturating_mul(limits::FLOORS_MIN) {
            self.wrong(name, words(), "make room on the disk of its data directory, or give it a larger one");
        } else if disk.free_bytes < disk.total_bytes / limits::FREE_PART_MIN {
            self.note(name, words(), "plan for a larger disk");
        }
    }

    /// Validators that nobody hears, whether or not their address is known here.
    fn silence(&mut self, round: &Round) {
        let Some(serving) = &round.serving else { return };
        let answering: BTreeSet<ConsensusKey> = round.answering().map(|(_, answer)| answer.report.key).collect();
        for validator in serving.validators().iter().filter(|validator| !answering.contains(&validator.key)) {
            let (hearing, count) = round.hearing(&validator.key);
            let name = validator.name.as_str();
            if count > 0 && hearing == 0 {
                let todo = "its operator has to look at process, network and log";
                self.wrong(name, "is heard by none of its peers", todo);
            } else if hearing > 0 && !round.validators.iter().any(|seen| seen.name == name) {
                let words = format!("was not asked; {hearing} of {count} peers hear it");
                self.note(name, words, "name its URL to see more");
            }
        }
    }

    /// Alerts that stand on the ledger.
    fn alerts(&mut self, round: &Round) {
        if let Some(open) = round.alerts_open().filter(|open| *open > 0) {
            let words = format!("{open} alerts stand on the ledger");
            self.note("network", words, "read them: `gongxin alert list --open`");
        }
    }

    fn gateways(&mut self, round: &Round) {
        for gateway in &round.gateways {
            let name = format!("gateway {}", gateway.name);
            match &gateway.says {
                Err(why) => {
                    self.wrong(&name, format!("is not ready: {why}"), "look at its process, its disk and its log")
                }
                Ok(says) => {
                    for line in says.lines().filter(|line| *line != "ready") {
                        self.note(&name, line, "look at its log");
                    }
                }
            }
        }
    }
}

/// How much older the newest block of one is than the newest of all, milliseconds.
pub(super) fn lag_ms(report: &StatusReport, round: &Round) -> u64 {
    let newest = round.newest().and_then(|newest| newest.time).map_or(0, |time| time.millis());
    newest.saturating_sub(report.time.map_or(0, |time| time.millis()))
}
