//! The contract of every connector, each promise against a server of its own.

use gongxin_connector_api::contract;

use crate::department::Housing;

macro_rules! promises {
    ($($promise:ident)*) => {$(
        #[tokio::test]
        async fn $promise() {
            contract::$promise(&mut Housing::new().await).await;
        }
    )*};
}

promises! {
    schema_that_fits
    rows_are_canonical
    a_snapshot_is_one_moment
    a_snapshot_goes_on_after_a_key
    changes_come_once_and_in_order
    a_ticket_goes_with_its_change
    long_transactions_come_in_parts
    confirmed_changes_are_forgotten
    one_at_a_time_follows
    what_is_final_is_applied_once_and_in_order
    diverged_rows_are_left_alone
    what_waits_is_listed
}
