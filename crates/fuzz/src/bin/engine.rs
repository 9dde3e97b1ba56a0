//! The coverage-guided engine: libFuzzer with the one target that `GONGXIN_FUZZ_TARGET` names. Built and run by
//! `cargo xtask fuzz`, which gives the compiler flags that count coverage.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<gongxin_fuzz::Target> = LazyLock::new(|| {
    let name = std::env::var("GONGXIN_FUZZ_TARGET").unwrap_or_default();
    gongxin_fuzz::find(&name).unwrap_or_else(|| {
        let names: Vec<&str> = gongxin_fuzz::TARGETS.iter().map(|(name, _)| *name).collect();
        panic!("`GONGXIN_FUZZ_TARGET` must be one of {}", names.join(", "))
    })
});

fuzz_target!(|bytes: &[u8]| {
    let _ = TARGET(bytes);
});
