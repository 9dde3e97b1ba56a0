//! Readings whose signatures do not stand, or whose bytes are none.

use gongxin_crypto::PublicKey;
use gongxin_types::{Access, codec};

use super::{Theme, find, of_act};
use crate::fixture::{allow, bytes, short};

pub(super) fn make(theme: &mut Theme) {
    let (world, network) = (theme.world.clone(), theme.world.file());
    let stranger = world.suite.secret_from_seed(&bytes("a stranger"));
    let cases: [(&str, &str, &dyn Fn(&mut Access)); 8] = [
        ("access-officer-fabricated", "the gateway signed what no officer asked for", &|access| {
            access.officer_signature = stranger.sign(b"");
            let gateway = world.suite.secret_from_seed(&bytes("gateway of civil-affairs"));
            access.gateway_signature = gateway.sign(&access.gateway_message(&world.id()));
        }),
        ("access-gateway-fabricated", "the officer signed, the gateway did not", &|access| {
            access.gateway_signature = stranger.sign(&access.gateway_message(&world.id()));
        }),
        ("access-signatures-exchanged", "the two signatures exchanged", &|access| {
            std::mem::swap(&mut access.officer_signature, &mut access.gateway_signature);
        }),
        ("access-purpose-changed", "another purpose than the officer signed", &|access| {
            access.purpose = crate::fixture::text("audit")
        }),
        ("access-officer-changed", "another officer than the one who signed", &|access| {
            access.officer = gongxin_types::OfficerId::new(short("another officer"));
        }),
        ("access-response-changed", "another response than the gateway signed", &|access| {
            access.outcome = gongxin_types::AccessOutcome::Answered { response_digest: world.suite.hash(&[b"other"]) };
        }),
        ("access-of-another-network", "signed for another network", &|access| {
            let other = world.suite.hash(&[b"another network"]);
            let officer = world.suite.secret_from_seed(&bytes("officer of housing"));
            let gateway = world.suite.secret_from_seed(&bytes("gateway of civil-affairs"));
            access.officer_signature = officer.sign(&access.claim(other).message());
            access.gateway_signature = gateway.sign(&access.gateway_message(&other));
        }),
        ("access-key-not-on-the-curve", "a key that is no point", &|access| {
            let nowhere: Vec<u8> = [&[2_u8][..], &[0; 31]].concat();
            access.gateway_key = PublicKey::new(1, &nowhere).expect("32 bytes");
        }),
    ];
    for (name, why, change) in cases {
        let mut access = world.usual_access();
        change(&mut access);
        let act = world.reading(access, allow(&["reader-under-grant"]));
        let action = codec::encode(&act.action);
        let receipt = of_act(theme, &act, action);
        theme.refuse(name, why, &receipt, &network);
    }
    let whole = codec::encode(&world.reading(world.usual_access(), allow(&[])).action);
    let changes: [(&str, &str, fn(&mut Vec<u8>)); 4] = [
        ("access-trailing-byte", "a byte behind the reading", |action| action.push(0)),
        ("access-truncated", "the last byte of the reading is missing", |action| action.truncate(action.len() - 1)),
        ("access-signature-of-no-algorithm", "a signature of algorithm 2", |action| {
            let at = action.len() - 66;
            action[at] = 2;
        }),
        ("access-authority-of-no-kind", "neither grant nor duty", |action| {
            let at = find(action, b"divisions") + 9;
            action[at] = 2;
        }),
    ];
    for (name, why, change) in changes {
        let mut action = whole.clone();
        change(&mut action);
        let mut act = world.reading(world.usual_access(), allow(&["reader-under-grant"]));
        act.result.receipt.action_digest = world.suite.tagged("gongxin-action-1", &[&action]);
        let receipt = of_act(theme, &act, action);
        theme.refuse(name, why, &receipt, &network);
    }
}
