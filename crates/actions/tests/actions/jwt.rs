//! jwt answers as the package jsonwebtoken does.

use std::process::Stdio;

use conclave_actions::Limits;
use serde_json::{Map, Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::support::*;

fn keys() -> Value {
    include_str!("../jsonwebtoken/keys.json").parse().unwrap()
}

fn tokens() -> Value {
    include_str!("../jsonwebtoken/tokens.json").parse().unwrap()
}

/// A script that finds keys and tokens, and what its expression is.
async fn with_keys(expression: &str) -> Value {
    let code = format!("Lit.Actions.setResponse({{response: JSON.stringify({expression})}})");
    let outcome = run(with_params(&code, json!({"keys": keys(), "tokens": tokens()}))).await;
    outcome.unwrap_or_else(|error| panic!("{expression}: {error}")).response.parse().unwrap()
}

/// Tokens without a signature are refused by another sentence: see the tests below.
fn is_stricter(name: &str) -> bool {
    name.starts_with("verified") && name.contains(" unsigned ")
}

#[tokio::test]
async fn answers_as_the_stock_package_does() {
    let mut action = with_params(
        include_str!("../jsonwebtoken/cases.js"),
        json!({"keys": keys(), "tokens": tokens()}),
    );
    action.limits = Limits { response_bytes: 1 << 20, ..Limits::default() };
    let answers: Map<String, Value> =
        serde_json::from_str(&run(action).await.unwrap().response).unwrap();
    // One algorithm is not offered, and so not named among those that a key may serve.
    let stock = include_str!("../jsonwebtoken/expected.json")
        .replace("ES256, ES384, ES512.", "ES256, ES384.");
    let expected: Map<String, Value> = serde_json::from_str(&stock).unwrap();
    assert!(expected.len() > 1000, "{}", expected.len());
    let different: Vec<_> = expected
        .iter()
        .filter(|(name, expected)| !is_stricter(name) && answers.get(*name) != Some(expected))
        .map(|(name, expected)| {
            format!(
                "{name}\n  stock {expected}\n  ours  {}",
                answers.get(name).unwrap_or(&Value::Null)
            )
        })
        .collect();
    assert!(
        different.is_empty(),
        "{} of {}:\n{}",
        different.len(),
        expected.len(),
        different[..different.len().min(40)].join("\n")
    );
    assert_eq!(answers.len(), expected.len());
}

#[tokio::test]
async fn signs_what_the_stock_package_verifies() {
    let pairs = [
        ("HS256", "secret", "secret"),
        ("HS512", "secret", "secret"),
        ("RS256", "rsaPkcs8", "rsaSpki"),
        ("RS512", "rsaPkcs1", "rsaCertificate"),
        ("PS256", "rsaPkcs8", "rsaPublicPkcs1"),
        ("PS384", "rsaPkcs8", "rsaSpki"),
        ("PS512", "rsaPkcs8", "rsaSpki"),
        ("ES256", "ec256Pkcs8", "ec256Spki"),
        ("ES256", "ec256Sec1", "ec256Jwk"),
        ("ES384", "ec384Pkcs8", "ec384Spki"),
    ];
    let code = format!(
        "{}.map(([algorithm, own, others]) => ({{token: jwt.sign({{user: 'h\u{e9}'}}, keys[own], {{algorithm, expiresIn: '1h'}}), key: keys[others], algorithm}}))",
        json!(pairs)
    );
    let signed = with_keys(&code).await;
    let mut node = Command::new("node")
        .args([
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../js/tests/stock/jsonwebtoken.mjs"),
            "verify",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node is installed");
    node.stdin.take().unwrap().write_all(signed.to_string().as_bytes()).await.unwrap();
    let output = node.wait_with_output().await.unwrap();
    assert!(output.status.success(), "{}", output.status);
    let verdicts: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(verdicts.len(), pairs.len());
    for (verdict, pair) in verdicts.iter().zip(pairs) {
        assert_eq!(verdict["user"], "h\u{e9}", "{pair:?}");
        assert_eq!(verdict["exp"].as_u64().unwrap() - verdict["iat"].as_u64().unwrap(), 3600);
    }
}

#[tokio::test]
async fn refuses_tokens_without_a_signature_whatever_the_options_say() {
    for (key, options) in [
        ("''", "{algorithms: ['none']}"),
        ("undefined", "{algorithms: ['none', 'HS256']}"),
        ("keys.secret", "{algorithms: ['none']}"),
        ("''", "{}"),
    ] {
        let code = format!(
            "(() => {{ try {{ return jwt.verify(tokens.unsigned, {key}, {options}) }} catch (error) {{ return error.message }} }})()"
        );
        assert_eq!(with_keys(&code).await, "jwt signature is required", "{key} {options}");
    }
    let code = "(() => { try { return jwt.sign({}, '', {algorithm: 'none'}) } catch (error) { return error.message } })()";
    assert_eq!(with_keys(code).await, "secretOrPrivateKey must have a value");
    let code = "(() => { try { return jwt.sign({}, 'x', {algorithm: 'none'}) } catch (error) { return error.message } })()";
    assert_eq!(with_keys(code).await, "\"algorithm\" must be a valid string enum value");
}

#[tokio::test]
async fn takes_no_key_for_a_secret_that_is_none() {
    // Signed with the text of a public key as the secret.
    let code = "[undefined, ['HS256'], ['HS256', 'RS256']].map((algorithms) => {
        try { return jwt.verify(tokens.confused, keys.rsaSpki, {algorithms}) } catch (error) { return error.message }
    })";
    let symmetric = "secretOrPublicKey must be a symmetric key when using HS256";
    assert_eq!(with_keys(code).await, json!(["invalid algorithm", symmetric, symmetric]));
    // The stock package takes what it cannot read for a secret.
    let code = "(() => {
        const broken = keys.rsaSpki.replace('MII', 'MIJ')
        try { return jwt.verify(jwt.sign({}, 'x'), broken) } catch (error) { return error.message }
    })()";
    assert_eq!(with_keys(code).await, "secretOrPublicKey is not valid key material");
}

#[tokio::test]
async fn refuses_rsa_keys_that_are_too_short() {
    let code = "(() => {
        try { return jwt.verify(tokens.RS256, {format: 'jwk', key: {kty: 'RSA', n: 'u7v7', e: 'AQAB'}}) } catch (error) { return error.message }
    })()";
    assert_eq!(with_keys(code).await, "invalid signature");
}

#[tokio::test]
async fn survives_keys_that_are_none() {
    let code = "(() => {
        const shapes = [
            '-----BEGIN PUBLIC KEY-----\\nAA==\\n-----END PUBLIC KEY-----', '-----BEGIN PRIVATE KEY-----\\n!\\n-----END PRIVATE KEY-----',
            '-----BEGIN CERTIFICATE-----\\nMAA=\\n-----END CERTIFICATE-----', '-----BEGIN PUBLIC KEY-----', {format: 'jwk', key: {}}, {format: 'jwk'},
            {format: 'jwk', key: {kty: 'EC', crv: 'P-256', x: '!', y: 5}}, {format: 'jwk', key: {kty: 'EC', crv: 'P-521', x: 'AA', y: 'AA'}},
            {format: 'jwk', key: {kty: 'oct', k: 'AA'}}, [], true, Symbol.iterator, {key: {key: {}}}]
        const whole = Array.from(keys.rsaPkcs8.split('\\n').slice(1, -2).join(''))
        for (let at = 0; at < whole.length; at += 97) {
            const body = whole.with(at, whole[at] === 'A' ? 'B' : 'A').join('')
            shapes.push(`-----BEGIN PRIVATE KEY-----\\n${body}\\n-----END PRIVATE KEY-----`)
        }
        const tell = (run) => { try { return run() } catch (error) { return error.message } }
        const verified = shapes.slice(0, 13).map((key) => tell(() => jwt.verify(tokens.RS256, key)))
        const signed = shapes.map((key) => tell(() => typeof jwt.sign({}, key, {algorithm: 'RS256'})))
        return [[...new Set(verified)], signed.length]
    })()";
    let answer = with_keys(code).await;
    assert_eq!(answer[0], json!(["secretOrPublicKey is not valid key material"]));
    assert!(answer[1].as_u64().unwrap() > 25, "{answer}");
}
