//! Metrics: what `/metrics` serves and what docs/operations.md explains are the same.

use std::collections::BTreeSet;

use super::living::Living;
use crate::documented::{page, table};

/// Names and types that a server tells.
fn served(text: &str) -> BTreeSet<(String, String)> {
    let lines = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    lines.filter_map(|line| line.split_once(' ')).map(|(name, kind)| (name.to_owned(), kind.to_owned())).collect()
}

/// Names and types that the page tells under a heading; each with a unit and a meaning.
fn told(page: &str, heading: &str) -> BTreeSet<(String, String)> {
    let rows = table(page, heading);
    assert!(rows.iter().all(|row| row.len() == 4 && row.iter().all(|cell| !cell.is_empty())), "{rows:?}");
    rows.into_iter().map(|row| (row[0].clone(), row[1].clone())).collect()
}

#[test]
fn every_metric_is_documented() {
    let living = Living::start();
    let page = page();
    let address = |kind: &str| living.ready()[kind][0]["http"].as_str().expect("a URL").to_owned();
    for (kind, heading) in [("validators", "Metrics of a validator"), ("gateways", "Metrics of a gateway")] {
        let text = living.get_at(&address(kind), "/metrics").1;
        let values = text.lines().filter(|line| line.starts_with("gongxin_")).count();
        let served = served(&text);
        assert_eq!(served.len(), values, "one value each: {text}");
        assert_eq!(served, told(&page, heading), "{heading}");
    }
}
