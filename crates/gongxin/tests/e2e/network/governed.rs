//! Members govern together: they change a rule by vote, and nobody does it alone.

use std::path::Path;
use std::time::Duration;

use super::living::Living;
use crate::command::said;

const NOTARISE: &str = "--legal-basis electronic-signature-law-art-8 --as housing/clerk";

/// Three of four offices vote for another rule. From the next block on it decides, receipts name it, and they verify
/// offline; who votes twice, too late, or without a vote is refused, and that is proven too.
#[test]
fn members_change_a_rule() {
    let living = Living::start();
    let folder = tempfile::tempdir().expect("a folder");
    let policies = stricter(folder.path());
    assert_eq!(living.answer("policy show --as housing/clerk")["revision"], 1);
    let document = living.file("contract.pdf");
    std::fs::write(&document, b"a contract").expect("written");
    living.answer(&format!("evidence notarise {document} {NOTARISE}"));

    let open = format!("proposal open --policies {policies} --legal-basis sharing-regulation --days 1");
    let opened = living.answer(&format!("{open} --as civil-affairs/head"));
    let id = opened["proposal"].as_str().expect("a proposal").to_owned();
    let shown = living.answer(&format!("proposal show {id} --as housing/head"));
    let matter = shown["matter"].as_str().expect("a digest").to_owned();
    let vote = |choice: &str| format!("proposal vote {id} {choice} --matter {matter}");
    let words = said(&living.call(&["proposal", "show", &id, "--as", "housing/head"]));
    assert!(words.contains("+ nobody-notarises: 不得存证。 Nobody notarises."), "{words}");
    living.refused(&format!("{open} --as housing/clerk"), "policy");
    living.answer(&format!("{} --as civil-affairs/head", vote("for")));
    living.refused(&format!("{} --as civil-affairs/head", vote("against")), "already-voted");
    living.refused(&format!("{} --as data-bureau/authority", vote("for")), "no-vote");
    let receipt = living.file("vote.json");
    living.answer(&format!("{} --as public-security/head --receipt {receipt}", vote("for")));
    let verified = living.elsewhere(&["verify", &receipt, "--network", &living.network()]);
    assert!(verified.status.success(), "{}", said(&verified));
    assert_eq!(living.answer("policy show --as housing/clerk")["revision"], 1);
    living.answer(&format!("{} --as housing/head", vote("for")));
    living.until("the new rules are in force", Duration::from_secs(30), || {
        living.answer("policy show --as housing/clerk")["revision"] == 2
    });

    std::fs::write(&document, b"another contract").expect("written");
    let receipt = living.refused(&format!("evidence notarise {document} {NOTARISE}"), "policy");
    let verified = living.elsewhere(&["verify", &receipt, "--network", &living.network()]);
    assert!(verified.status.success() && said(&verified).contains("nobody-notarises"), "{}", said(&verified));
    living.refused(&format!("{} --as social-security/head", vote("against")), "voting-closed");
    let shown = living.answer(&format!("proposal show {id} --as audit-office/supervisor"));
    assert_eq!(shown["status"]["status"], "in-force", "{shown}");
    assert_eq!(shown["votes"].as_array().map(Vec::len), Some(3));
    let listed = living.answer("proposal list --as audit-office/supervisor");
    assert_eq!(listed["items"][0]["id"], id);
    assert_eq!(listed["items"][0].get("proposed"), None);
}

/// The default rules in a folder, with one that forbids notarising.
fn stricter(folder: &Path) -> String {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies");
    for entry in std::fs::read_dir(source).expect("the policies") {
        let path = entry.expect("a file").path();
        if path.extension().is_some_and(|is| is == "cedar") {
            std::fs::copy(&path, folder.join(path.file_name().expect("a name"))).expect("copied");
        }
    }
    let rule = "@id(\"nobody-notarises\")\n@legal_basis(\"sharing-regulation\")\n@zh(\"不得存证。\")\n\
                @en(\"Nobody notarises.\")\nforbid (principal, action == Action::\"evidence.notarise\", resource);\n";
    std::fs::write(folder.join("strict.cedar"), rule).expect("written");
    folder.display().to_string()
}
