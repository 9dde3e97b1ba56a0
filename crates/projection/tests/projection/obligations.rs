//! The copy beside the real rules where terms run: what ran out by itself is in the copy, and overdue is overdue before the
//! ledger has noted it.

use gongxin_projection::{ObligationFact, ObligationFilter, PageRequest, Projection};
use gongxin_state::key::Kind;
use gongxin_test_support::cast::{SUPERVISOR, bytes};
use gongxin_test_support::{Person, Sandbox, world};
use gongxin_types::calendar::CalendarChange;
use gongxin_types::obligation::{NewObligation, ObligationKind, SuspensionReason};
use gongxin_types::proposal::Matter;
use gongxin_types::{Action, Calendar, Date, Obligation, ObligationId, Role};

use crate::ledger::{agree, copy_of, takes_effect};
use crate::proposals::passes;

const DAY_MS: u64 = 86_400_000;

fn id(label: &str) -> ObligationId {
    ObligationId::new(bytes(1, "obligation", label))
}

fn acts(sandbox: &mut Sandbox, action: Action) {
    let supervisor = Person::new(sandbox.suite, 1, SUPERVISOR, "supervisor", &[Role::Supervisor]);
    takes_effect(sandbox, &supervisor, action);
}

fn opens(sandbox: &mut Sandbox, label: &str, obligor: &str, term: u16) {
    let new = NewObligation {
        version: 1,
        id: id(label),
        kind: ObligationKind::Explain,
        obligor: obligor.parse().unwrap(),
        legal_basis: "sharing-regulation".parse().unwrap(),
        document: Some(sandbox.suite.hash(&[label.as_bytes()])),
        term,
    };
    acts(sandbox, Action::OpenObligation(new));
}

fn told(projection: &Projection, label: &str) -> (String, Option<String>, bool) {
    let ObligationFact { fact, due_date, is_overdue, .. } = projection.obligation(&id(label)).unwrap().value.unwrap();
    (fact.noun.status.code().to_owned(), due_date.map(|date| date.to_string()), is_overdue)
}

/// Terms run out, stand still and are extended: the copy holds what the state holds, and finds it by side and by what is due.
#[test]
fn terms_are_in_the_copy() {
    let mut sandbox = Sandbox::new();
    for (label, obligor, term) in
        [("a", "housing", 1), ("b", "housing", 5), ("c", "civil-affairs", 1), ("d", "housing", 1), ("e", "housing", 2)]
    {
        opens(&mut sandbox, label, obligor, term);
    }
    acts(&mut sandbox, Action::SuspendObligation(id("c"), SuspensionReason::ThirdParty));
    acts(&mut sandbox, Action::ExtendObligation(id("d"), 1));
    acts(&mut sandbox, Action::FulfilObligation(id("e")));
    // It was Saturday; now it is Tuesday, and Monday is over.
    sandbox.wait(3 * DAY_MS);
    sandbox.block(Vec::new()).unwrap();
    let (_directory, projection) = copy_of(&sandbox);
    assert_eq!(agree::<Obligation>(&sandbox, &projection, Kind::Obligation).0, 5);
    assert_eq!(told(&projection, "a"), ("overdue".into(), Some("2026-08-03".into()), true));
    assert_eq!(told(&projection, "b"), ("running".into(), Some("2026-08-07".into()), false));
    assert_eq!(told(&projection, "c"), ("suspended".into(), None, false));
    assert_eq!(told(&projection, "d"), ("running".into(), Some("2026-08-04".into()), false));
    assert_eq!(told(&projection, "e"), ("fulfilled".into(), Some("2026-08-04".into()), false));
    let fact = projection.obligation(&id("a")).unwrap().value.unwrap().fact;
    assert_eq!((fact.revision, fact.action), (2, None));
    let listed = |filter: &ObligationFilter| {
        let page = projection.obligations(filter, &PageRequest::largest()).unwrap();
        let labels = ["a", "b", "c", "d", "e"];
        labels
            .into_iter()
            .filter(|label| page.items.iter().any(|told| told.fact.noun.id == id(label)))
            .collect::<String>()
    };
    let by =
        |obligor: &str| ObligationFilter { obligor: Some(obligor.parse().unwrap()), ..ObligationFilter::default() };
    assert_eq!(listed(&ObligationFilter::default()), "abcde");
    assert_eq!(listed(&by("housing")), "abde");
    assert_eq!(listed(&ObligationFilter { is_overdue: true, ..by("housing") }), "a");
    assert_eq!(listed(&ObligationFilter { obligee: Some(SUPERVISOR.parse().unwrap()), ..by("civil-affairs") }), "c");
    assert_eq!(
        listed(&ObligationFilter { obligee: Some("housing".parse().unwrap()), ..ObligationFilter::default() }),
        ""
    );
}

/// The calendar that members amended is in the copy, and moves what is due; the calendar before it is still known.
#[test]
fn the_amended_calendar_is_in_the_copy() {
    let mut sandbox = Sandbox::new();
    opens(&mut sandbox, "a", "housing", 5);
    let before: Calendar = world::calendar();
    let mut year = before.year(2026).unwrap().clone();
    let mut days = year.days_off.to_vec();
    days.push("2026-08-07".parse::<Date>().unwrap());
    days.sort_unstable();
    year.days_off = world::list(days);
    let change = CalendarChange { revision: 2, years: world::list([year]) };
    passes(&mut sandbox, "Friday off", &Matter::Calendar(change.clone()));
    sandbox.block(vec![]).unwrap();
    let (_directory, projection) = copy_of(&sandbox);
    let fact = projection.calendar().unwrap().value;
    assert_eq!((fact.noun, fact.revision), (before.with(&change.years).unwrap(), 2));
    assert_eq!(projection.calendar_at(gongxin_types::Height::new(1)).unwrap().value.noun, before);
    assert_eq!(told(&projection, "a"), ("running".into(), Some("2026-08-10".into()), false));
}
