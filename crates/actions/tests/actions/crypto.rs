//! Random numbers and digests.

use serde_json::json;

use crate::support::*;

#[tokio::test]
async fn gives_random_bytes_up_to_the_standards_limit() {
    assert_eq!(value("[new Uint8Array(65536), new Uint32Array(4)].map((array) => crypto.getRandomValues(array).some((number) => number > 0))").await, json!([true, true]));
    assert!(
        message(failure("crypto.getRandomValues(new Uint8Array(65537))").await)
            .contains("at most 65536")
    );
}

#[tokio::test]
async fn fills_integer_arrays_only() {
    for array in
        ["new Float64Array(1)", "new DataView(new ArrayBuffer(1))", "[1]", "new ArrayBuffer(1)"]
    {
        let caught = format!(
            "(() => {{ try {{ crypto.getRandomValues({array}) }} catch (error) {{ return error.name }} }})()"
        );
        assert_eq!(value(&caught).await, "TypeMismatchError", "{array}");
    }
    let part = "(() => { const all = new Uint8Array(64); crypto.getRandomValues(all.subarray(16, 48)); return [all.slice(0, 16), all.slice(48), all.slice(16, 48)].map((part) => part.some((byte) => byte > 0)) })()";
    assert_eq!(value(part).await, json!([false, false, true]));
}

#[tokio::test]
async fn makes_identifiers_of_version_4() {
    let ids = value("Array.from({length: 50}, () => crypto.randomUUID())").await;
    let ids: std::collections::BTreeSet<String> = serde_json::from_value(ids).unwrap();
    assert_eq!(ids.len(), 50);
    for id in ids {
        let shape: String =
            id.chars().map(|digit| if digit.is_ascii_hexdigit() { 'x' } else { digit }).collect();
        assert_eq!(shape, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", "{id}");
        assert_eq!(&id[14..15], "4", "{id}");
        assert!("89ab".contains(&id[19..20]), "{id}");
    }
}

#[tokio::test]
async fn digests_as_the_standards_examples_say() {
    // FIPS 180: "abc".
    for (name, digest) in [
        ("'SHA-1'", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("'sha-256'", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "{name: 'SHA-384'}",
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
        ),
        (
            "'SHA-512'",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        ),
    ] {
        let bytes = format!(
            "uint8arrayToString(new Uint8Array(await crypto.subtle.digest({name}, new TextEncoder().encode('abc'))), 'hex')"
        );
        assert_eq!(value(&bytes).await, digest);
    }
    assert_eq!(
        value("(await crypto.subtle.digest('SHA-256', new ArrayBuffer(3))) instanceof ArrayBuffer")
            .await,
        true
    );
    assert_eq!(
        value("await crypto.subtle.digest('MD5', new Uint8Array()).catch((error) => error.name)")
            .await,
        "NotSupportedError"
    );
    assert_eq!(
        value("await crypto.subtle.digest('SHA-1', 'text').catch((error) => error.name)").await,
        "TypeError"
    );
    assert!(
        message(failure("await crypto.subtle.importKey()").await)
            .contains("crypto.subtle.importKey is not offered")
    );
}

#[tokio::test]
async fn draws_numbers_evenly_between_0_and_1() {
    let facts = "(() => {
        const numbers = Array.from({length: 20000}, Math.random)
        const shares = [0, 0, 0, 0]
        for (const number of numbers) shares[Math.floor(number * 4)]++
        return [numbers.every((number) => number >= 0 && number < 1), new Set(numbers).size > 19990, Math.max(...shares), Math.min(...shares)]
    })()";
    let facts = value(facts).await;
    assert_eq!((&facts[0], &facts[1]), (&json!(true), &json!(true)));
    // Ten standard deviations around 5000.
    assert!(facts[2].as_u64().unwrap() < 5620 && facts[3].as_u64().unwrap() > 4380, "{facts}");
}
