//! Parameters as globals, and the names that they may not have.

use conclave_actions::RunErrorKind;
use serde_json::{Value, json};

use crate::support::*;

#[tokio::test]
async fn makes_each_parameter_a_global() {
    let code = "Lit.Actions.setResponse({response: JSON.stringify([amount, globalThis.to, nested, global === globalThis])})";
    let params = json!({"amount": 5, "to": [1, 2], "nested": {"__proto__": {"a": 1}, "b": null}});
    let outcome = run(with_params(code, params)).await.unwrap();
    assert_eq!(
        outcome.response.parse::<Value>().unwrap(),
        json!([5, [1, 2], {"__proto__": {"a": 1}, "b": null}, true])
    );
}

#[tokio::test]
async fn gives_all_parameters_in_one_object_too() {
    let code = "
        amount = 6
        jsParams.more = 1
        Lit.Actions.setResponse({response: JSON.stringify([jsParams, amount, Object.isFrozen(jsParams), jsParams.to === to])})";
    let outcome = run(with_params(code, json!({"amount": 5, "to": [1, 2]}))).await.unwrap();
    assert_eq!(
        outcome.response.parse::<Value>().unwrap(),
        json!([{"amount": 5, "to": [1, 2]}, 6, true, true])
    );
    assert_eq!(value("jsParams").await, json!({}));
}

#[tokio::test]
async fn lets_a_parameter_take_the_name_of_jwt_alone() {
    let outcome =
        run(with_params("Lit.Actions.setResponse({response: jwt})", json!({"jwt": "a.b.c"})))
            .await
            .unwrap();
    assert_eq!(outcome.response, "a.b.c");
}

#[tokio::test]
async fn lets_a_script_declare_names_that_are_globals_already() {
    let code = "
        const LitActions = 1, ethers = 2, amount = 3, fetch = 4, console = 5
        Lit.Actions.setResponse({response: [LitActions, ethers, amount, fetch, console].join()})";
    let outcome = run(with_params(code, json!({"amount": 9}))).await.unwrap();
    assert_eq!(outcome.response, "1,2,3,4,5");
}

#[tokio::test]
async fn refuses_parameters_that_would_replace_what_the_script_relies_on() {
    for name in [
        "__proto__",
        "constructor",
        "hasOwnProperty",
        "toString",
        "Lit",
        "LitActions",
        "LitAuth",
        "fetch",
        "ethers",
        "console",
        "setTimeout",
        "globalThis",
        "global",
        "Object",
        "JSON",
        "Date",
        "Math",
        "Promise",
        "Uint8Array",
        "parseInt",
        "undefined",
        "eval",
        "crypto",
        "URL",
        "LitHeaders",
        "jsParams",
        "uint8arrayFromString",
        "structuredClone",
        "Function",
    ] {
        let mut params = serde_json::Map::new();
        params.insert(name.into(), json!({"a": 1}));
        let error = run(with_params("1", params.into())).await.expect_err(name);
        assert_eq!(error.kind, RunErrorKind::Parameter { name: name.into() });
    }
}

#[tokio::test]
async fn refuses_every_name_that_means_something_already() {
    let names = value("[...Object.getOwnPropertyNames(globalThis), ...Object.getOwnPropertyNames(Object.prototype)]").await;
    let names: Vec<String> = serde_json::from_value(names).unwrap();
    assert!(names.len() > 100, "{}", names.len());
    for name in names.into_iter().filter(|name| name != "jwt") {
        let mut params = serde_json::Map::new();
        params.insert(name.clone(), json!(1));
        let error = run(with_params("1", params.into())).await.expect_err(&name);
        assert_eq!(error.kind, RunErrorKind::Parameter { name });
    }
}
