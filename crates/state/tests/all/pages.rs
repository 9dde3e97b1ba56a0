//! Pages and keys: what a second implementation must reproduce byte for byte.

use expect_test::expect;
use gongxin_crypto::{Digest, Suite};
use gongxin_state::{Page, key, page};
use gongxin_test_support::{Sandbox, cast, world};
use gongxin_types::record::RecordSlot;
use gongxin_types::{EvidenceId, ListKey, Organization, RecordId, Role, codec};
use proptest::prelude::*;

/// Keys are SHA-256 under one tag, of kind, identifier and page; a change of any of them here breaks every proof.
#[test]
fn keys_are_pinned() {
    let suite = Suite::Intl;
    let organization = "civil-affairs".parse().unwrap();
    let resource = world::DIVISIONS.parse().unwrap();
    let record = RecordId::new([7; 16]);
    let officer = cast::Person::new(suite, 1, "housing", "pin", &[Role::CaseOfficer]);
    let named = [
        ("organization", key::organization(&organization)),
        ("its page 1", key::of(key::Kind::Organization, &organization, 1)),
        ("officer", key::officer(&officer.officer_id())),
        ("duty", key::duty(&world::DIVISIONS_DUTY.parse().unwrap())),
        ("resource", key::resource(&resource)),
        ("record", key::record(&resource, &record)),
        ("evidence", key::evidence(&EvidenceId::of(suite, &organization, &suite.hash(&[b"x"])))),
        ("owner of a key", key::key_owner(&officer.secret.public())),
        ("list of a record", key::list(&ListKey::Record { record })),
        ("list of a resource", key::list(&ListKey::of_resource(suite, &resource))),
    ];
    let lines: String =
        named.iter().map(|(name, key)| format!("{name}: {:?} {}\n", key.table, hex(&key.key))).collect();
    expect![[r#"
        organization: Objects fe6934d5a1718c7d8453e35f3f60a88eb7160110b8cd7c83893bca990bf912ef
        its page 1: Objects 5e76e92913addf6a3d0cc03bd161433d73d65683b1550a2babfbfffcc855530b
        officer: Objects a3cdad531db33a3ffb5486fe0134da182d15ecb5a2a002e9d3dd9e68c081fa7a
        duty: Objects 53f630320d4060c4487d3fa641178650972883499cf8c16cf6d4cdeafcf85125
        resource: Objects e25253328e88e8672f0ad66199dcbaba16b6daa531e31269eac9b5995093116c
        record: Objects fee09bd612f375237e06e00d43c99a9830f70bf299dfcb91f62e2c7a7efa0c6b
        evidence: Objects f9c8249ff38434e3cd4e72a1f2de8c20e152931692ab7a9e4d68d89b0b41fcc4
        owner of a key: Objects 0479225c569a5969c06757a24dd0d3317c0718afa0c7479f19dcd598d294647e
        list of a record: Lists 7e04ee732f9b5becffa30d01d6cf163e657c08b60b68d89925f95e1518b0a83f
        list of a resource: Lists b6be7c0af324f468e45bc3efa1afcc1736503581368fa33af5ad46fbabc2a942
    "#]]
    .assert_eq(&lines);
}

/// Every member of genesis stands in pages under its name.
#[test]
fn genesis_stands_in_pages() {
    let sandbox = Sandbox::with(Suite::Intl, 1);
    for noun in &sandbox.genesis.objects.organizations {
        let page = |page| sandbox.pages.get(&key::of(key::Kind::Organization, &noun.id, page)).copied();
        let pages: Vec<Page> = (0..).map_while(page).collect();
        let read: Organization = codec::decode("organization", &page::join(&pages).unwrap()).unwrap();
        assert_eq!(read, *noun);
    }
}

/// A slot of the suite with the longest digests fits into one page.
#[test]
fn slots_fit_into_a_page() {
    for suite in Suite::ALL {
        let digest = suite.hash(&[]);
        let slot = RecordSlot { version: u32::MAX, commitment: Some(digest), history: digest };
        assert_eq!(page::split(&codec::encode(&slot)).unwrap().len(), 1, "{suite}");
    }
}

/// Damaged pages are noticed: one too few, one too many, bytes behind the end.
#[test]
fn damaged_pages_are_refused() {
    let noun = vec![5; 300];
    let pages = page::split(&noun).unwrap();
    assert_eq!((pages.len(), page::count(300), page::length(&pages[0])), (3, 3, 300));
    assert_eq!(page::join(&pages[..2]), None);
    assert_eq!(page::join(&[pages.as_slice(), &pages[..1]].concat()), None);
    let mut scribbled = pages.clone();
    scribbled[2].0[127] = 1;
    assert_eq!(page::join(&scribbled), None);
    assert_eq!(page::join(&[]), None);
    assert!(page::split(&vec![0; 65_536]).is_none());
    let _: Option<Digest> = page::decode_slot(&pages[0]);
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// A noun comes back from its pages, whatever its length.
    #[test]
    fn pages_give_back_the_noun(noun in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        let pages = page::split(&noun).unwrap();
        prop_assert_eq!(pages.len(), page::count(noun.len()));
        prop_assert_eq!(page::join(&pages), Some(noun));
    }
}
