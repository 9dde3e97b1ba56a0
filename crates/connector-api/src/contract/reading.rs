//! Promises of reading: rows are canonical, and a snapshot is one moment in key order.

use super::{Department, Step, bound, key, row, sample};
use crate::{Connector, Key, KeyedRow, Problem, Weight};

/// Whatever is in the table after this key, page by page.
async fn read(connector: &dyn Connector, after: Option<&Key>) -> Vec<KeyedRow> {
    let mut snapshot = connector.snapshot(&bound().resource.id, after).await.expect("a snapshot");
    let mut rows = Vec::new();
    loop {
        let page = snapshot.page().await.expect("a page");
        rows.extend(page.rows.into_iter().map(|row| row.expect("a canonical row")));
        if page.last {
            return rows;
        }
    }
}

/// The cast's table fits the cast's binding: nothing is found at fault.
///
/// # Panics
/// When the promise is broken.
pub async fn schema_that_fits(department: &mut dyn Department) {
    let findings = department.connector().check().await.expect("a check");
    let faults: Vec<_> = findings.iter().filter(|finding| finding.weight == Weight::Fault).collect();
    assert!(faults.is_empty(), "{faults:?}");
    assert!(!findings.iter().any(|finding| finding.problem == Problem::Outbox), "{findings:?}");
}

/// Rare Han, both normal forms, empty text and NULL, the ends of every range: what was written is read, the same for every
/// connector, by snapshot and by key, in the order of the keys' bytes.
///
/// # Panics
/// When the promise is broken.
pub async fn rows_are_canonical(department: &mut dyn Department) {
    let mut rows = sample();
    department.commit(rows.iter().cloned().map(Step::Insert).collect()).await;
    rows.sort_by_key(key);
    let read = read(department.connector(), None).await;
    assert_eq!(read.iter().map(|row| row.row.clone()).collect::<Vec<_>>(), rows);
    for expected in &rows {
        let found = department.connector().row(&bound().resource.id, &key(expected)).await.expect("a row");
        assert_eq!(found.as_ref(), Some(expected));
    }
    let nobody = department.connector().row(&bound().resource.id, &key(&row("nowhere", 1, "x"))).await;
    assert_eq!(nobody.expect("an answer"), None);
}

/// What is written while a snapshot is read is not in it; nothing before it is left out.
///
/// # Panics
/// When the promise is broken.
pub async fn a_snapshot_is_one_moment(department: &mut dyn Department) {
    let rows: Vec<_> = (0..2_500).map(|number| row("a", number, "before")).collect();
    department.commit(rows.iter().cloned().map(Step::Insert).collect()).await;
    let mut snapshot = department.connector().snapshot(&bound().resource.id, None).await.expect("a snapshot");
    let mut read = snapshot.page().await.expect("a page").rows;
    assert!(read.len() < rows.len(), "all came at once");
    let last = row("a", 2_499, "after");
    department.commit(vec![Step::Update(key(&last), last.clone()), Step::Insert(row("b", 1, "after"))]).await;
    loop {
        let page = snapshot.page().await.expect("a page");
        read.extend(page.rows);
        if page.last {
            break;
        }
    }
    let read: Vec<_> = read.into_iter().map(|row| row.expect("a canonical row").row).collect();
    assert_eq!(read, rows);
    // What a snapshot shows was committed before its position, and what came later is behind it.
    let later = department.connector().snapshot(&bound().resource.id, None).await.expect("a snapshot");
    assert!(later.upto() > snapshot.upto());
}

/// A pass that was interrupted goes on after its last key: each row once.
///
/// # Panics
/// When the promise is broken.
pub async fn a_snapshot_goes_on_after_a_key(department: &mut dyn Department) {
    let mut rows: Vec<_> = (0..1_500).map(|number| row(if number % 2 == 0 { "Ä" } else { "z" }, number, "x")).collect();
    department.commit(rows.iter().cloned().map(Step::Insert).collect()).await;
    rows.sort_by_key(key);
    let mut snapshot = department.connector().snapshot(&bound().resource.id, None).await.expect("a snapshot");
    let first = snapshot.page().await.expect("a page");
    drop(snapshot);
    let position = first.position().cloned().expect("a position");
    let rest = read(department.connector(), Some(&position)).await;
    let all: Vec<_> =
        first.rows.into_iter().map(|row| row.expect("a row").row).chain(rest.into_iter().map(|row| row.row)).collect();
    assert_eq!(all, rows);
}
