//! ethers answers as the stock package does, although its cryptography is the runner's.

use std::collections::BTreeMap;

use std::process::Stdio;
use std::time::Duration;

use conclave_actions::Limits;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::support::*;

#[tokio::test]
async fn answers_as_stock_ethers_does() {
    let limits = Limits { response_bytes: 1 << 20, ..Limits::default() };
    let outcome = run(with_limits(include_str!("../ethers/cases.js"), limits)).await.unwrap();
    let answers: BTreeMap<String, Value> = serde_json::from_str(&outcome.response).unwrap();
    let expected: BTreeMap<String, Value> =
        serde_json::from_str(include_str!("../ethers/expected.json")).unwrap();
    assert!(expected.len() > 400, "{}", expected.len());
    for (name, expected) in &expected {
        assert_eq!(answers.get(name), Some(expected), "{name}");
    }
    assert_eq!(answers.len(), expected.len());
}

#[tokio::test]
async fn refuses_points_that_are_not_on_the_curve() {
    // Stock ethers compresses them without a look.
    let code = "ethers.utils.computePublicKey('0x04' + '01'.repeat(64), true)";
    assert!(message(failure(code).await).contains("Unknown point format"));
}

#[tokio::test]
async fn refuses_signatures_that_ethereum_refuses() {
    // Stock ethers recovers some key from each of them.
    let order = "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    let (zero, one) = (format!("0x{:064}", 0), format!("0x{:064}", 1));
    for (r, s) in [(order, one.as_str()), (&zero, &one), (&one, &zero)] {
        let code = format!("ethers.utils.recoverPublicKey('{one}', {{r: '{r}', s: '{s}', v: 27}})");
        assert!(message(failure(&code).await).contains("no public key fits"), "{r} {s}");
    }
}

#[tokio::test]
async fn offers_ethers_under_both_of_its_names() {
    let code = "Lit.Actions.setResponse({response: [ethers.version, ethers.ethers.version, typeof ethers.providers.JsonRpcProvider].join()})";
    assert_eq!(response(code).await, "ethers/5.7.2,ethers/5.7.2,function");
}

#[tokio::test]
async fn makes_wallets_from_random_keys() {
    let code = "
        const wallets = Array.from({length: 3}, () => ethers.Wallet.createRandom().address)
        Lit.Actions.setResponse({response: String(new Set(wallets).size)})";
    assert_eq!(response(code).await, "3");
}

#[tokio::test]
async fn hides_the_functions_of_the_runner() {
    let code = "Lit.Actions.setResponse({response: typeof __primitives})";
    assert_eq!(response(code).await, "undefined");
}

const PRIMITIVES: [&str; 14] = [
    "keccak256",
    "sha256",
    "sha512",
    "ripemd160",
    "hmac",
    "publicKey",
    "decode",
    "sign",
    "recover",
    "add",
    "sharedSecret",
    "tree",
    "scrypt",
    "pbkdf2",
];

/// What stock ethers makes of the cases of a primitive.
#[derive(Deserialize)]
struct Expected {
    primitive: String,
    given: Value,
    results: Vec<Value>,
}

async fn stock(seed: u32, count: u32) -> Vec<Expected> {
    let output = Command::new("node")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../../js/tests/stock/primitives.mjs"))
        .arg(seed.to_string())
        .args(PRIMITIVES.map(|primitive| format!("{primitive}={count}")))
        .stderr(Stdio::inherit())
        .output()
        .await
        .expect("node is installed");
    assert!(output.status.success(), "{}", output.status);
    output
        .stdout
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect()
}

/// Draws so many cases of each primitive, and compares what stock ethers under node and the
/// runner's ethers make of them.
async fn compare(seed: u32, count: u32) {
    let all = stock(seed, count).await;
    assert_eq!(all.len(), PRIMITIVES.len());
    for Expected { primitive, given, results } in all {
        let params = json!({"primitive": primitive, "seed": seed, "count": count, "given": given});
        let mut action = with_params(include_str!("../ethers/primitives.js"), params);
        action.limits =
            Limits { response_bytes: 1 << 20, time: Duration::from_secs(300), ..Limits::default() };
        let outcome = run(action).await.unwrap();
        let ours: Vec<Value> = serde_json::from_str(&outcome.response).unwrap();
        assert_eq!(results.len(), count as usize);
        for (index, (ours, stock)) in ours.iter().zip(&results).enumerate() {
            assert_eq!(ours, stock, "{primitive} of seed {seed}, case {index}");
        }
        assert_eq!(ours.len(), results.len());
        let worked =
            results.iter().filter(|result| result[0] != "threw" && !result.is_null()).count();
        assert!(worked * 3 > results.len(), "{primitive}: {worked} of {count} say anything");
    }
}

#[tokio::test]
async fn every_primitive_answers_as_that_of_stock_ethers() {
    compare(1, 250).await;
}

/// 10 000 cases of each primitive; takes some minutes, nearly all of them in stock ethers.
#[tokio::test]
#[ignore = "long"]
async fn long_every_primitive_answers_as_that_of_stock_ethers() {
    const CHUNKS: u32 = 20;
    const CASES: u32 = 500;
    for chunk in 0..CHUNKS {
        compare(1000 + chunk, CASES).await;
    }
    println!(
        "long: {} cases of each of {} primitives, as stock ethers",
        CHUNKS * CASES,
        PRIMITIVES.len()
    );
}

#[tokio::test]
async fn opens_wallets_as_the_clients_of_ethereum_write_them() {
    // N = 2^17 and r = 8: the cost that ethers writes by default.
    let code = "
        const wallet = new ethers.Wallet('0x' + '07'.repeat(32)), seen = []
        const json = await wallet.encrypt('secret', (progress) => void seen.push(progress))
        const opened = await ethers.Wallet.fromEncryptedJson(json, 'secret')
        const wrong = await ethers.Wallet.fromEncryptedJson(json, 'wrong').catch((error) => error.message)
        Lit.Actions.setResponse({response: JSON.stringify([opened.privateKey === wallet.privateKey, wrong, seen])})";
    assert_eq!(
        response(code).await.parse::<Value>().unwrap(),
        json!([true, "invalid password", [0, 1]])
    );
}

#[tokio::test]
async fn refuses_key_derivations_that_need_more_memory_than_there_is() {
    let code = |n: u32, r: u32| {
        format!(
            "await new ethers.Wallet('0x' + '07'.repeat(32)).encrypt('secret', {{scrypt: {{N: {n}, r: {r}, p: 1}}}})"
        )
    };
    // 160 MiB, of which a little goes to blocks beside those of N.
    run(action(&code(1 << 17, 9))).await.unwrap();
    assert!(message(failure(&code(1 << 17, 10)).await).contains("160 MiB at most"));
    assert!(message(failure(&code(1 << 30, 1 << 20)).await).contains("160 MiB at most"));
    assert!(message(failure(&code(1000, 8)).await).contains("power of 2"));
}

#[tokio::test]
async fn stops_a_key_derivation_that_is_no_longer_wanted() {
    let code = "await new ethers.Wallet('0x' + '07'.repeat(32)).encrypt('secret', {scrypt: {N: 2, r: 1, p: 1}}, () => true)";
    assert_eq!(message(failure(code).await), "Error: cancelled");
}

#[tokio::test]
async fn grows_wallets_from_mnemonics() {
    let code = "Lit.Actions.setResponse({response: ethers.Wallet.fromMnemonic('test test test test test test test test test test test junk').address})";
    assert_eq!(response(code).await, "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
}
