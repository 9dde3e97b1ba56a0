//! What a decision costs: `cargo bench -p gongxin-policy`. Figures for docs/performance.md; no test depends on them.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench prints its figures and stops at the first error"
)]

use std::{hint::black_box, time::Instant};

use gongxin_policy::{
    CompiledSet, Context, DataFacts, DecisionCache, Open, OrganizationFacts, Principal, Request, ResourceFacts,
    ResourceKind, Share, check_invariants, default_set, roles,
};
use gongxin_types::{
    ActionCode, OfficerId, OrganizationKind, Role, Time,
    organization::Level,
    resource::{Classification, SubjectKind},
};

fn reading(officer: u8, time: u64) -> Request {
    let organization = |id: &str| OrganizationFacts {
        id: id.parse().expect("a name"),
        kind: OrganizationKind::Department,
        level: Level::Prefecture,
        parent: Some("government".parse().expect("a name")),
    };
    let data = DataFacts {
        share: Share::Conditional,
        open: Open::Closed,
        classification: Classification::General2,
        subjects: SubjectKind::None,
    };
    Request {
        principal: Principal::officer(
            OfficerId::new([officer; 16]),
            roles([Role::CaseOfficer]),
            organization("housing"),
        ),
        action: ActionCode::AccessRead,
        resource: ResourceFacts::data(ResourceKind::Access, organization("civil-affairs"), data),
        context: Context::at(Time::from_millis(time)),
    }
}

/// Median of five runs, in nanoseconds per call.
fn measure(name: &str, calls: u32, mut call: impl FnMut(u32)) {
    let mut runs: Vec<f64> = (0..5)
        .map(|_| {
            let start = Instant::now();
            (0..calls).for_each(&mut call);
            start.elapsed().as_secs_f64() * 1e9 / f64::from(calls)
        })
        .collect();
    runs.sort_by(f64::total_cmp);
    println!("{name:<44} {:>12.0} ns", runs.get(2).copied().unwrap_or_default());
}

fn main() {
    let set = CompiledSet::compile(&default_set()).expect("the default policies compile");
    let requests: Vec<Request> = (0..=255).map(|officer| reading(officer, u64::from(officer))).collect();
    let mut order = requests.iter().cycle();
    let mut next = || order.next().expect("there are requests");

    measure("compile the default set", 20, |_| drop(black_box(CompiledSet::compile(&default_set()))));
    measure("check the invariants of the default set", 20, |_| drop(black_box(check_invariants(&default_set()))));
    measure("decide by the rules", 5_000, |_| drop(black_box(set.decide(next()))));
    let cache = DecisionCache::default();
    measure("decide, in memory (hit)", 1_000_000, |_| drop(black_box(cache.decide(&set, next()))));
    println!("{cache:?} after 256 officers' readings");
}
