//! Requests and answers.

use gongxin_client::Problem;
use gongxin_client::http_signature::{self, Call, Signer};
use gongxin_client::wire::{
    AccessCall, ReadingAnswer, STATE_PROOF_FORMAT, StateProofReport, Status, TransactionAnswer, TransactionReport,
};
use gongxin_fuzz::{CLOCK, ORIGIN, officer_key};
use gongxin_test_support::{Reading, Sandbox};
use gongxin_types::bundle::Encoded;
use gongxin_types::receipt::Table;
use gongxin_types::{
    AccessAuthority, Action, GrantId, Height, List, OfficerId, Role, TransactionId, codec, json::to_base64,
};

use super::{put, replaced};

pub(super) fn write() {
    let sandbox = Sandbox::new();
    let steward = sandbox.officer("civil-affairs", Role::DataSteward);
    let transaction = codec::encode(&sandbox.sign(steward, [Action::RevokeGrant(GrantId::new([9; 16]))]));
    write_gateway_calls(&sandbox, &transaction);
    write_validator_calls(&transaction);
    write_signatures();
    write_answers(&sandbox);
}

fn write_gateway_calls(sandbox: &Sandbox, transaction: &[u8]) {
    let get = |name: &str, target: &str| put("gateway_call", name, format!("GET {target}\n"));
    get("good-list-of-officers", "/api/v1/officers?limit=2&cursor=Z29vZA");
    get("good-readings", "/api/v1/accesses?list=record:0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c&reader=housing");
    get("good-unsigned-health", "/healthz");
    get("bad-cursor", "/api/v1/officers?cursor=%00");
    get("bad-limit", "/api/v1/officers?limit=201");
    get("bad-unknown-query", "/api/v1/officers?limits=2");
    get("good-history-of-nothing", "/api/v1/records/civil-affairs/divisions/0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c/history");
    get("bad-record-that-is-not-there", "/api/v1/records/civil-affairs/divisions/0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c");
    get("bad-percent-encoding", "/api/v1/officers/%ff");
    get("bad-place-of-a-receipt", &format!("/api/v1/receipts/{}/65536", "00".repeat(32)));
    get("bad-unknown-route", "/api/v2/officers");
    put("gateway_call", "bad-method", "DELETE /api/v1/officers\n");
    put("gateway_call", "bad-no-request", "hello");
    let forged = "GET /api/v1/officers\nsignature-input: call=(\"@method\" \"@target-uri\");created=1785571200;\
                  nonce=\"nonce-00\";keyid=\"09090909090909090909090909090909\";alg=\"ed25519\"\n\
                  signature: call=:AAAA:\n";
    put("gateway_call", "bad-forged-signature", forged);

    let post = |name: &str, path: &str, body: &str| {
        put("gateway_call", name, format!("POST {path}\ncontent-type: application/json\n\n{body}"));
    };
    let reader = sandbox.officer("housing", Role::CaseOfficer);
    let authority = AccessAuthority::Grant { grant: GrantId::new([7; 16]) };
    let reading = Reading::of_division(sandbox.network(), sandbox.suite, reader, authority, "110101", "call");
    let call = AccessCall::of(&reading.request, reading.signed.1);
    let call = serde_json::to_string(&call).expect("JSON");
    // The stand-in of an office answers every reading with "not final yet": its body was read, all the same.
    post("bad-reading-not-final", "/api/v1/accesses", &call);
    post(
        "bad-reading-under-grant-and-duty",
        "/api/v1/accesses",
        &call.replace("\"grant\":", "\"duty\":\"a/b\",\"grant\":"),
    );
    post("bad-reading-of-no-fields", "/api/v1/accesses", &call.replace("[\"code\",\"name\"]", "[]"));
    let row = r#"{"code":"310000","count":"-9007199254740993","open":true,"since":"1981-12-31"}"#;
    let body = format!(r#"{{"record":"{}","version":1,"salt":"{}","row":{row}}}"#, "0c".repeat(16), "01".repeat(32));
    let records = |bodies: &str| format!(r#"{{"transaction":"{}","bodies":[{bodies}]}}"#, to_base64(transaction));
    post("good-records", "/api/v1/records?wait=final", &records(&body));
    post("bad-row-of-another-type", "/api/v1/records", &records(&body.replace("true", "1")));
    post(
        "bad-member-twice",
        "/api/v1/records",
        &records(&body.replace("\"version\":1", "\"version\":1,\"version\":2")),
    );
    let octets = b"POST /api/v1/transactions\ncontent-type: application/octet-stream\n\n";
    put("gateway_call", "good-transaction", [octets, transaction].concat());
    put("gateway_call", "bad-transaction-cut", [octets, transaction.split_at(50).0].concat());
    post("bad-media-type", "/api/v1/transactions", "{}");
}

fn write_validator_calls(transaction: &[u8]) {
    let get = |name: &str, target: &str| put("validator_call", name, format!("GET {target}\n"));
    let octets = b"POST /v1/transactions?wait=final\ncontent-type: application/octet-stream\n\n";
    put("validator_call", "good-transaction", [octets, transaction].concat());
    put("validator_call", "bad-transaction-cut", [octets, transaction.split_at(50).0].concat());
    get("good-status", "/v1/status");
    get("good-unknown-transaction", &format!("/v1/transactions/{}", "00".repeat(32)));
    get("good-stream", "/v1/stream?from=1");
    get("bad-stream-from-genesis", "/v1/stream?from=0");
    get("bad-stream-from-nowhere", "/v1/stream");
    get("bad-height-with-zeros", "/v1/blocks/007");
    get("bad-height-too-large", "/v1/blocks/18446744073709551616");
    get("bad-absence-in-the-objects", &format!("/v1/state/objects:{}/proof", "0a".repeat(32)));
    get("bad-key-of-the-state", &format!("/v1/state/lists:{}/proof", "0A".repeat(32)));
    put("validator_call", "bad-method", "PUT /v1/status\n");
    put("validator_call", "bad-long-address", format!("GET /v1/status?{}\n", "a".repeat(4_096)));
}

fn write_signatures() {
    let target = format!("{ORIGIN}/api/v1/accesses");
    let body = br#"{"hello": "world"}"#;
    let call = Call { method: "POST", target_uri: &target };
    let (key, officer) = (officer_key(), OfficerId::new([9; 16]));
    let signer = Signer { officer, key: &key, created: CLOCK, nonce: "b3k2pp5k7z-50gnwp" };
    let headers = http_signature::sign(call, body, signer);
    let digest = headers.content_digest.expect("a body");
    let head = format!(
        "POST {target}\nsignature-input: {}\nsignature: {}\ncontent-digest: {digest}\n\n",
        headers.signature_input, headers.signature
    );
    let whole = [head.as_bytes(), body].concat();
    put("http_signature", "good-with-body", &whole);
    let get = http_signature::sign(Call { method: "GET", ..call }, b"", signer);
    let alone = format!("GET {target}\nsignature-input: {}\nsignature: {}\n", get.signature_input, get.signature);
    put("http_signature", "good-without-body", &alone);
    put("http_signature", "bad-other-method", replaced(alone.as_bytes(), b"GET", b"PUT"));
    put("http_signature", "bad-other-body", replaced(&whole, b"world", b"words"));
    put("http_signature", "bad-body-not-covered", [alone.as_bytes(), b"\nbody"].concat());
    put("http_signature", "bad-two-signatures", replaced(alone.as_bytes(), b"signature: ", b"signature: a=:AAAA:, "));
    put("http_signature", "bad-component-twice", replaced(alone.as_bytes(), b"\"@target-uri\"", b"\"@method\""));
    put("http_signature", "bad-unknown-parameter", replaced(alone.as_bytes(), b";nonce", b";tag=\"x\";nonce"));
    put("http_signature", "bad-created-before-1970", replaced(alone.as_bytes(), b"created=1", b"created=-1"));
    put("http_signature", "bad-algorithm", replaced(alone.as_bytes(), b"alg=\"ed25519\"", b"alg=\"x25519\""));
    put("http_signature", "bad-no-signature", format!("GET {target}\n"));
    put("http_signature", "bad-latin-1", replaced(alone.as_bytes(), b"nonce=\"b3", b"nonce=\"\xe93"));
}

fn write_answers(sandbox: &Sandbox) {
    let id = TransactionId(sandbox.network());
    let report = TransactionReport { id, status: Status::Final, height: Some(Height::new(42)), index: Some(1) };
    put("validator_answer", "good-transaction", json(&report));
    let status = r#"{"network":"NETWORK","role":"validator","height":3,"time":"2026-08-01T09:00:00.000Z","header":null,"view":5,"epoch":0,"leader":false,"leader_key":null,"key":"KEY","peers":3,"mempool_transactions":0,"mempool_bytes":0,"syncing":false,"voting":true,"clock_fault":false}"#;
    let status = status.replace("NETWORK", &sandbox.network().to_string()).replace("KEY", &"0a".repeat(32));
    put("validator_answer", "good-status", &status);
    put("validator_answer", "bad-height-as-text", status.replace("\"height\":3", "\"height\":\"3\""));
    put("validator_answer", "bad-unknown-status", r#"{"id":"","status":"lost"}"#);
    put("validator_answer", "bad-empty", "");
    let deep = "[".repeat(2_000);
    put("validator_answer", "bad-deep", &deep);

    let receipt = Some(serde_json::json!({ "format": "gongxin-receipt-1", "number": 1.5e300 }));
    let answer = TransactionAnswer { id, status: Status::Refused, height: Some(Height::new(7)), receipt };
    put("gateway_answer", "good-transaction", json(&answer));
    let reading = ReadingAnswer {
        height: Height::new(9_007_199_254_740_993),
        sealed: Encoded(vec![1, 2, 3]),
        receipt: serde_json::Value::Null,
    };
    put("gateway_answer", "good-reading-at-a-great-height", json(&reading));
    put("gateway_answer", "bad-sealed-with-padding", json(&reading).replace("AQID", "AQIDBA=="));
    put("gateway_answer", "bad-deep", &deep);
    put("gateway_answer", "bad-empty", "");

    let mut problem = Problem::new(403, "Forbidden", "policy", "no rule in force allows this act to this sender");
    problem.policies = vec!["weekdays".parse().expect("a name")];
    problem.receipt = Some(serde_json::json!({ "format": "gongxin-receipt-1" }));
    put("problem", "good-with-receipt", json(&problem));
    put("problem", "good-of-a-proxy", r#"{"status":403,"detail":"blocked","instance":"/a"}"#);
    put("problem", "bad-other-status", json(&Problem::new(404, "Not Found", "not-found", "nothing")));
    put("problem", "bad-html", "<html><body>403 Forbidden</body></html>");
    put("problem", "bad-deep", &deep);
    put("problem", "bad-empty", "");
    write_state_proof(sandbox);
}

fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("JSON")
}

fn write_state_proof(sandbox: &Sandbox) {
    let mut sandbox = Sandbox::with(sandbox.suite, sandbox.seed);
    let block = sandbox.block(Vec::new()).expect("a block");
    let report = StateProofReport {
        format: STATE_PROOF_FORMAT.into(),
        table: Table::Lists,
        key: [7; 32],
        page: None,
        proof: Encoded(vec![1, 2, 3]),
        headers: List::new(vec![Encoded(codec::encode(&block.header))]).expect("one"),
        certificate: block.certificate.expect("a certificate"),
    };
    let text = json(&report);
    put("state_proof", "good-absence", &text);
    let page = StateProofReport { page: Some(Encoded(vec![0; 128])), table: Table::Objects, ..report };
    put("state_proof", "good-page", json(&page));
    // Version and length go, so that the rest is read as something else.
    put("state_proof", "bad-header", text.replace("\"headers\":[\"AS", "\"headers\":[\"AAAA"));
    put("state_proof", "bad-table", text.replace("\"lists\"", "\"tables\""));
    put("state_proof", "bad-unknown-member", text.replace("{\"format\"", "{\"more\":0,\"format\""));
    put("state_proof", "bad-key-too-long", text.replace(&"07".repeat(32), &"07".repeat(33)));
    put("state_proof", "bad-empty", "");
}
