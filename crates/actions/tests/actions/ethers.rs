//! ethers answers as the stock package does, although its cryptography is the runner's.

use std::collections::BTreeMap;

use conclave_actions::Limits;
use serde_json::Value;

use crate::support::*;

#[tokio::test]
async fn answers_as_stock_ethers_does() {
    let limits = Limits { response_bytes: 1 << 20, ..Limits::default() };
    let outcome = run(with_limits(include_str!("../ethers/cases.js"), limits)).await.unwrap();
    let answers: BTreeMap<String, Value> = serde_json::from_str(&outcome.response).unwrap();
    let expected: BTreeMap<String, Value> = serde_json::from_str(include_str!("../ethers/expected.json")).unwrap();
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
