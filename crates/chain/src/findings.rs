//! Findings: what this node has found out about other validators and about itself, for its organization to raise as alerts.
//!
//! What is proven, and proposals that a leader signed and this node holds for invalid, are kept on disk, a few of each
//! validator and epoch: more of the same says nothing new. What passes by itself (a validator that is not heard, an office that
//! is turned away, a wrong clock) is seen anew whenever somebody asks; a node that hears too few others to judge, or has just
//! begun, says so ([`Found::watching`]).
//!
//! Nothing of consensus is known here; `watcher` and `application` tell what they see. Evidence is verified before it is kept:
//! the engine reports votes before it has checked them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gongxin_types::alert::{About, Finding, RejectionCode};
use gongxin_types::fault::SignedProposal;
use gongxin_types::genesis::ConsensusKey;
use gongxin_types::validator_set::quorum;
use gongxin_types::{HeaderDigest, OrganizationId};

use crate::clock::Standing;
use crate::config::Role;
use crate::directory;
use crate::ledger;
use crate::limits;
use crate::names::NodeKey;
use crate::node::Node;

/// Proven contradictions, a finding in JSON on each line.
const FAULTS: &str = "faults.log";
/// Invalid blocks with their leaders' signatures, in the same form.
const PROPOSALS: &str = "proposals.log";

/// What a node tells its organization.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Whether it can judge what passes by itself: that something is not among the findings then means that it is over.
    pub watching: bool,
    /// What it has found, what passes by itself last.
    pub findings: Vec<Finding>,
}

/// What one node has found out.
pub(crate) struct Findings {
    directory: PathBuf,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    faults: Vec<Finding>,
    proposals: Vec<Finding>,
    /// Votes of the last views that notarize something, whoever cast them; not verified.
    votes: VecDeque<SignedProposal>,
    /// Blocks rejected lately whose leader's vote was not seen yet.
    rejected: VecDeque<Rejected>,
    /// Offices that were turned away: how often in the running minute, and when last.
    turned_away: BTreeMap<OrganizationId, TurnedAway>,
}

/// A block that was found invalid.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rejected {
    /// Its header.
    pub(crate) header: HeaderDigest,
    /// Who proposed it.
    pub(crate) leader: ConsensusKey,
    /// What is wrong with it.
    pub(crate) reason: RejectionCode,
}

#[derive(Clone, Copy)]
struct TurnedAway {
    since: Duration,
    times: u32,
    last: Duration,
    /// Whether it was often enough to speak of, and has not ceased since.
    stands: bool,
}

impl Findings {
    /// Those of a data directory. Lines that this program does not read are of an earlier one, and stay until the file is
    /// written anew.
    pub(crate) fn load(directory: &Path) -> io::Result<Self> {
        let state = State {
            faults: read(&directory.join(FAULTS))?,
            proposals: read(&directory.join(PROPOSALS))?,
            ..State::default()
        };
        Ok(Self { directory: directory.to_path_buf(), state: Mutex::new(state) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a contradiction that was verified; whether it is news.
    pub(crate) fn proven(&self, finding: Finding) -> bool {
        let mut state = self.state();
        let is_news = keep(&mut state.faults, finding);
        if is_news {
            self.write(FAULTS, &state.faults);
        }
        is_news
    }

    /// A vote to notarize was seen; the leader's own vote for a rejected block, if this is one.
    pub(crate) fn voted(&self, vote: SignedProposal) -> Option<(SignedProposal, RejectionCode)> {
        let mut state = self.state();
        let place = state.rejected.iter().position(|rejected| is_of(rejected, &vote));
        if let Some(rejected) = place.and_then(|place| state.rejected.remove(place)) {
            return Some((vote, rejected.reason));
        }
        state.votes.push_back(vote);
        if state.votes.len() > limits::VOTES_SEEN_MAX {
            state.votes.pop_front();
        }
        None
    }

    /// A block was rejected; its leader's vote for it, if that was seen.
    pub(crate) fn rejected(&self, rejected: Rejected) -> Option<(SignedProposal, RejectionCode)> {
        let mut state = self.state();
        if let Some(vote) = state.votes.iter().find(|vote| is_of(&rejected, vote)) {
            return Some((vote.clone(), rejected.reason));
        }
        if !state.rejected.contains(&rejected) {
            state.rejected.push_back(rejected);
        }
        if state.rejected.len() > limits::REJECTED_SEEN_MAX {
            state.rejected.pop_front();
        }
        None
    }

    /// Keeps an invalid block whose leader's signature was verified; whether it is news.
    pub(crate) fn invalid(&self, proposal: SignedProposal, reason: RejectionCode) -> bool {
        let mut state = self.state();
        let is_news = keep(&mut state.proposals, Finding::InvalidProposal { proposal, reason });
        if is_news {
            self.write(PROPOSALS, &state.proposals);
        }
        is_news
    }

    /// A transaction of this office found no room, because it has its share already.
    pub(crate) fn turned_away(&self, organization: &OrganizationId, now: Duration) {
        let mut state = self.state();
        if state.turned_away.len() >= limits::TURNED_AWAY_MAX && !state.turned_away.contains_key(organization) {
            return;
        }
        let first = TurnedAway { since: now, times: 0, last: now, stands: false };
        let one = state.turned_away.entry(organization.clone()).or_insert(first);
        if now.saturating_sub(one.since) >= limits::QUOTA_WINDOW {
            (one.since, one.times) = (now, 0);
        }
        one.times = one.times.saturating_add(1);
        one.last = now;
        one.stands |= one.times >= limits::QUOTA_TURNED_AWAY_MIN;
    }

    /// All that is kept, and the offices that are being turned away at this time of the steady clock.
    pub(crate) fn all(&self, now: Duration) -> Vec<Finding> {
        let mut state = self.state();
        state.turned_away.retain(|_, one| now.saturating_sub(one.last) < limits::QUOTA_WINDOW);
        let kept = state.faults.iter().chain(&state.proposals).cloned();
        let offices = state.turned_away.iter().filter(|(_, one)| one.stands);
        let offices = offices.map(|(organization, _)| Finding::QuotaAbuse { organization: organization.clone() });
        kept.chain(offices).collect()
    }

    fn write(&self, name: &'static str, findings: &[Finding]) {
        // A finding is made of numbers, keys and digests: it is always JSON.
        let lines: Vec<String> = findings.iter().filter_map(|one| serde_json::to_string(one).ok()).collect();
        let text = lines.join("\n") + "\n";
        if let Err(error) = directory::write_durably(&self.directory, name, text.as_bytes()) {
            tracing::error!(%error, "evidence of a fault could not be written");
        }
    }
}

/// What a node with this key has found out, now.
pub(crate) fn found(node: &Node, me: ConsensusKey) -> Found {
    let now = node.clock.steady();
    let mut findings = node.findings.all(now);
    let serving = node.epochs.validators(node.epochs.reached()).unwrap_or_default();
    let serving = || serving.iter().map(|key| (key, ConsensusKey(ledger::key_bytes(key))));
    let (validators, serves) = (serving().count(), node.role == Role::Validator && serving().any(|(_, key)| key == me));
    if serves && node.clock_standing() != Standing::Right {
        findings.push(Finding::ClockFault { validator: me });
    }
    let is_silent = |key: &NodeKey| node.views.silence(key, now) >= limits::SILENCE;
    let silent: Vec<_> = serving().filter(|(key, name)| *name != me && is_silent(key)).map(|(_, name)| name).collect();
    // Whoever hears fewer than a quorum, itself included, is the one that is cut off.
    let hears = validators.saturating_sub(silent.len()) >= quorum(validators);
    let watching = serves && hears && node.views.runs_for(now) >= limits::SILENCE && !node.syncing();
    if watching {
        findings.extend(silent.into_iter().map(|validator| Finding::SilentValidator { validator }));
    }
    Found { watching, findings }
}

fn is_of(rejected: &Rejected, vote: &SignedProposal) -> bool {
    vote.proposed.header == rejected.header && vote.validator == rejected.leader
}

/// Adds a finding, unless it or enough like it are known; the oldest make room.
fn keep(kept: &mut Vec<Finding>, finding: Finding) -> bool {
    let topic = finding.topic();
    let alike = kept.iter().filter(|one| likeness(one) == likeness(&finding));
    if kept.iter().any(|one| one.topic() == topic) || alike.count() >= limits::FINDINGS_ALIKE_MAX {
        return false;
    }
    kept.push(finding);
    if kept.len() > limits::FINDINGS_KEPT_MAX {
        kept.remove(0);
    }
    true
}

/// What more of the same says nothing new about: kind, validator and epoch.
fn likeness(finding: &Finding) -> (gongxin_types::AlertKind, About, BTreeSet<u64>) {
    let epochs = finding.evidence().iter().flat_map(gongxin_verify::fault::epochs).collect();
    (finding.kind(), finding.topic().about, epochs)
}

fn read(path: &Path) -> io::Result<Vec<Finding>> {
    match fs::read_to_string(path) {
        Ok(text) => {
            let mut findings: Vec<Finding> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
            findings.truncate(limits::FINDINGS_KEPT_MAX);
            Ok(findings)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}
