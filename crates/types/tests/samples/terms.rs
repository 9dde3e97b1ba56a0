//! Calendars and obligations.

use gongxin_types::obligation::{Cause, Extension, NewObligation, ObligationKind, ObligationStatus, SuspensionReason};
use gongxin_types::text::Title;
use gongxin_types::{Action, Calendar, CalendarYear, Date, LegalClock, Obligation, ObligationId, OfficerId, Ordinal};

use super::{Samples, after, list, short, text};

pub(super) fn add(samples: &mut Samples) {
    samples.add("Calendar", &calendar());
    samples.add("Calendar, digest", &calendar().digest(samples.suite));
    samples.add("LegalClock", &LegalClock { origin: after(0), scale: 60 });
    samples.add("ObligationKind", &ObligationKind::ALL.to_vec());
    samples.add("SuspensionReason", &SuspensionReason::ALL.to_vec());
    let (time, officer) = (after(2), OfficerId::new(short("officer")));
    for status in [
        ObligationStatus::Running,
        ObligationStatus::Suspended { reason: SuspensionReason::ThirdParty, since: time, left: 7 },
        ObligationStatus::Fulfilled { time, officer, late: false },
        ObligationStatus::Overdue,
        ObligationStatus::Withdrawn { time, officer, late: true },
    ] {
        samples.add(format!("Obligation {}", status.code()), &obligation(samples, status));
    }
}

/// A year with days off and worked, and one that is provisional.
pub(super) fn calendar() -> Calendar {
    let day = |text: &str| -> Date { text.parse().expect("a date") };
    let year = CalendarYear {
        version: 1,
        year: 2026,
        days_off: list(vec![day("2026-10-01"), day("2026-10-02")]),
        days_worked: list(vec![day("2026-09-20")]),
        notices: list(vec![Title::new("国务院办公厅关于2026年部分节假日安排的通知").expect("a title")]),
    };
    Calendar { version: 1, years: list(vec![year, CalendarYear::provisional(2027)]) }
}

fn obligation(samples: &Samples, status: ObligationStatus) -> Obligation {
    let officer = OfficerId::new(short("officer"));
    Obligation {
        version: 1,
        id: ObligationId::new(short("obligation")),
        status,
        kind: ObligationKind::Answer,
        obligor: text("housing"),
        obligee: text("audit-office"),
        cause: Cause::Supervision { document: Some(samples.digest("document")) },
        legal_basis: text("sharing-regulation-art-21"),
        officer,
        opened: after(1),
        term: 10,
        due: Ordinal::new(14_770),
        extension: Some(Extension { days: 5, officer, time: after(2) }),
    }
}

/// One of each kind, in the order of their discriminants.
pub(super) fn actions(samples: &Samples) -> Vec<Action> {
    let id = ObligationId::new(short("obligation"));
    let new = NewObligation {
        version: 1,
        id,
        kind: ObligationKind::Rectify,
        obligor: text("housing"),
        legal_basis: text("sharing-regulation-art-21"),
        document: Some(samples.digest("document")),
        term: 10,
    };
    vec![
        Action::OpenObligation(new),
        Action::SuspendObligation(id, SuspensionReason::Hearing),
        Action::ResumeObligation(id),
        Action::ExtendObligation(id, 5),
        Action::FulfilObligation(id),
        Action::WithdrawObligation(id),
    ]
}
