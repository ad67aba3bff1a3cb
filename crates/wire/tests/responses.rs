//! Responses, byte for byte as SDK 6 and 7 read them.

use conclave_wire::{
    CertificateField, ExecuteResponse, HandshakeResponse, MemberStatus, PkpSignResponse,
    SignedData, Status,
};
use serde_json::{Value, json};

fn certificate() -> CertificateField {
    CertificateField { certificate: "c0".into() }
}

#[test]
fn a_handshake_has_every_field_that_sdks_require() {
    let answer = HandshakeResponse::new(&[0xaa; 48], &[0xbb; 32], "7.4.0");
    let key = "aa".repeat(48);
    assert_eq!(
        serde_json::to_value(answer).expect("serialises"),
        json!({"serverPublicKey": "", "subnetPublicKey": key, "networkPublicKey": key, "networkPublicKeySet": key,
            "clientSdkVersion": "7.4.0", "hdRootPubkeys": [], "attestation": null,
            "latestBlockhash": format!("0x{}", "bb".repeat(32))})
    );
}

#[test]
fn a_share_of_pkp_sign_has_quoted_values() {
    let answer = PkpSignResponse::share(&[1; 32], &[2; 32], &[3; 33], &[2; 33], certificate());
    let quoted = |byte: &str, count| format!("\"{}\"", byte.repeat(count));
    assert_eq!(
        serde_json::to_value(answer).expect("serialises"),
        json!({"success": true, "signedData": vec![1; 32], "signatureShare": {
            "digest": "01".repeat(32), "result": "success", "share_index": 0, "signature_share": quoted("02", 32),
            "big_r": quoted("03", 33), "public_key": quoted("02", 33), "sig_type": "K256"},
            "conclave": {"certificate": "c0"}})
    );
}

#[test]
fn an_empty_share_has_empty_strings_and_never_null() {
    let answer = serde_json::to_value(PkpSignResponse::empty(&[1; 32], None)).expect("serialises");
    for field in ["signature_share", "big_r", "public_key"] {
        assert_eq!(answer["signatureShare"][field], "", "{field}");
    }
    assert!(!answer.to_string().contains("null"));
    let entry = serde_json::to_value(SignedData::empty("sig1", &[1; 32])).expect("serialises");
    assert!(!entry.to_string().contains("null") && entry["signatureShare"] == "");
}

#[test]
fn an_execute_answer_has_its_objects_even_when_nothing_was_signed() {
    let answer = ExecuteResponse::new("ok".into(), String::new());
    assert_eq!(
        serde_json::to_value(answer).expect("serialises"),
        json!({"success": true, "signedData": {}, "decryptedData": {}, "claimData": {}, "response": "ok", "logs": ""})
    );
}

#[test]
fn an_execute_answer_carries_shares_and_certificates_by_signing_name() {
    let mut answer = ExecuteResponse::new(String::new(), String::new());
    answer
        .signed_data
        .insert("sig1".into(), SignedData::share("sig1", &[1; 32], &[2; 32], &[3; 33], &[2; 33]));
    answer.conclave.insert("sig1".into(), certificate());
    let json = serde_json::to_value(&answer).expect("serialises");
    assert_eq!(
        json["signedData"]["sig1"],
        json!({"sigType": "K256", "dataSigned": "01".repeat(32), "signatureShare": format!("\"{}\"", "02".repeat(32)),
            "shareIndex": 0, "bigR": format!("\"{}\"", "03".repeat(33)),
            "publicKey": format!("\"{}\"", "02".repeat(33)), "sigName": "sig1"})
    );
    assert_eq!(json["conclave"]["sig1"]["certificate"], "c0");
    assert_eq!(serde_json::from_value::<ExecuteResponse>(json).expect("reads"), answer);
}

#[test]
fn a_status_reads_back() {
    let members = vec![MemberStatus {
        id: 1,
        address: "0x00".into(),
        http: "http://127.0.0.1:7470".into(),
        linked: true,
    }];
    let status = Status {
        node_id: 1,
        epoch: 2,
        threshold: 2,
        ready: true,
        members,
        presignatures: 3,
        pool_unminted: 4,
        requests_retried: 5,
        requests_served: 6,
        missing_layers: vec!["landlock".into()],
        version: "0.1.0".into(),
    };
    let json: Value = serde_json::to_value(&status).expect("serialises");
    for field in [
        "nodeId",
        "epoch",
        "threshold",
        "members",
        "presignatures",
        "poolUnminted",
        "requestsRetried",
        "missingLayers",
    ] {
        assert!(!json[field].is_null(), "{field}");
    }
    assert_eq!(serde_json::from_value::<Status>(json).expect("reads"), status);
}
