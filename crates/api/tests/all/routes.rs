//! The list of all addresses is a golden file that is read before it is renewed.

use expect_test::expect_file;
use gongxin_api::routes::{Auth, GATEWAY, Route, VALIDATOR, Visibility};

/// Every address with method, authentication, visibility and largest body.
#[test]
fn every_address() {
    let lines = |table: &[Route]| table.iter().map(|route| format!("{route}\n")).collect::<String>();
    let text = format!("# Validator\n{}\n# Gateway\n{}", lines(VALIDATOR), lines(GATEWAY));
    expect_file!["../routes.txt"].assert_eq(&text);
}

/// Everything under `/api/v1` is behind a signature, and nothing else is; what anyone may see says nothing.
#[test]
fn what_is_open() {
    for route in GATEWAY {
        assert_eq!(route.path.starts_with("/api/v1/"), route.auth == Auth::Signed, "{route}");
        assert_eq!(route.auth == Auth::Open, route.visibility == Visibility::Anyone, "{route}");
    }
}
