//! Stories of grants.

use expect_test::expect;
use gongxin_test_support::world;
use gongxin_types::{Action, Grant, Role};

use super::DAY_MS;
use crate::support::{both_suites, told};

/// A grant is bounded: by the network's longest term, the owner, the fields there are.
#[test]
fn a_grant_is_bounded() {
    both_suites(|sandbox| {
        let mut story = told(sandbox);
        let now = story.sandbox.now();
        let base = story.sandbox.grant("g", "housing", &["code", "name"], now.plus_millis(DAY_MS));
        let mut issue = |organization: &str, what: &'static str, grant: Grant| {
            story.act(organization, Role::DataSteward, what, move |_| Action::IssueGrant(grant.clone()));
        };
        issue("civil-affairs", "grants two years", Grant { until: now.plus_millis(731 * DAY_MS), ..base.clone() });
        issue("civil-affairs", "grants the past", Grant { until: now, ..base.clone() });
        issue("civil-affairs", "grants no field", Grant { fields: world::list([]), ..base.clone() });
        let fields = world::list(["name", "code"].map(|name| name.parse().unwrap()));
        issue("civil-affairs", "grants fields out of order", Grant { fields, ..base.clone() });
        let fields = world::list(["salary".parse().unwrap()]);
        issue("civil-affairs", "grants a field that is none", Grant { fields, ..base.clone() });
        issue("civil-affairs", "grants to nobody", Grant { reader: "nobody".parse().unwrap(), ..base.clone() });
        issue("civil-affairs", "grants to itself", Grant { reader: "civil-affairs".parse().unwrap(), ..base.clone() });
        issue("civil-affairs", "grants for gossip", Grant { purpose: "gossip".parse().unwrap(), ..base.clone() });
        issue("public-security", "grants what is not theirs", base.clone());
        issue("civil-affairs", "grants", base.clone());
        issue("civil-affairs", "grants again", base.clone());
        story.ends(expect![[r#"
            civil-affairs's data-steward grants two years: refused, term-too-long
            civil-affairs's data-steward grants the past: refused, term-too-long
            civil-affairs's data-steward grants no field: refused, malformed
            civil-affairs's data-steward grants fields out of order: refused, malformed
            civil-affairs's data-steward grants a field that is none: refused, malformed
            civil-affairs's data-steward grants to nobody: refused, not-found
            civil-affairs's data-steward grants to itself: refused, malformed
            civil-affairs's data-steward grants for gossip: refused, unknown-purpose
            public-security's data-steward grants what is not theirs: refused, policy
            civil-affairs's data-steward grants: done, 2 pages (steward-keeps-own-grants)
            civil-affairs's data-steward grants again: refused, already-exists
        "#]]);
    });
}
