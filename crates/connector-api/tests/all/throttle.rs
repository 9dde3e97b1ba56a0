//! A pass rests as long as it must, and no longer.

use std::time::Duration;

use gongxin_connector_api::Throttle;

/// Rows a second, a share of the time, both, neither.
#[test]
fn pauses() {
    let ms = Duration::from_millis;
    let pace = Throttle { rows_per_second: 1_000, busy_percent: 100 };
    assert_eq!(pace.pause(500, ms(100)), ms(400));
    assert_eq!(pace.pause(500, ms(900)), ms(0));
    let share = Throttle { rows_per_second: 0, busy_percent: 25 };
    assert_eq!(share.pause(1, ms(10)), ms(30));
    let both = Throttle { rows_per_second: 1_000, busy_percent: 50 };
    assert_eq!(both.pause(100, ms(80)), ms(80));
    assert_eq!(Throttle::NONE.pause(1_000_000, ms(5)), ms(0));
    // Nonsense of a configuration neither stops a pass nor divides by nothing.
    assert_eq!(Throttle { rows_per_second: 0, busy_percent: 0 }.pause(1, ms(1)), ms(99));
    assert_eq!(Throttle { rows_per_second: 0, busy_percent: 200 }.pause(1, ms(1)), ms(0));
}
