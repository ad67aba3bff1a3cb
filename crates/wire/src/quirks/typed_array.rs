//! Byte strings as JSON. `JSON.stringify` writes an array of numbers for an `Array`, but
//! `{"0":1,"1":2}` for a `Uint8Array` that the application did not convert; both are read.

use serde_json::{Map, Value};

use crate::fields::FieldFault;

const SHAPE: &str = "a list of whole numbers from 0 to 255";

/// Reads bytes in either form, at most `limit` of them.
pub fn bytes(value: &Value, limit: usize) -> Result<Vec<u8>, FieldFault> {
    match value {
        Value::Array(list) if list.len() > limit => Err(FieldFault::TooLong { limit }),
        Value::Array(list) => list.iter().map(byte).collect(),
        Value::Object(map) if map.len() > limit => Err(FieldFault::TooLong { limit }),
        Value::Object(map) => indexed(map),
        _ => Err(FieldFault::WrongType(SHAPE)),
    }
}

fn byte(value: &Value) -> Result<u8, FieldFault> {
    value.as_u64().and_then(|number| u8::try_from(number).ok()).ok_or(FieldFault::Malformed(SHAPE))
}

/// An object counts only if its keys are exactly 0 to n-1; their order does not matter.
fn indexed(map: &Map<String, Value>) -> Result<Vec<u8>, FieldFault> {
    (0..map.len())
        .map(|index| map.get(&index.to_string()).ok_or(FieldFault::Malformed(SHAPE)).and_then(byte))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_an_array_and_a_stringified_typed_array() {
        assert_eq!(bytes(&json!([1, 255, 0]), 3), Ok(vec![1, 255, 0]));
        assert_eq!(bytes(&json!({"0": 1, "2": 0, "1": 255}), 3), Ok(vec![1, 255, 0]));
    }

    #[test]
    fn refuses_one_byte_more_than_the_limit() {
        assert_eq!(bytes(&json!([1, 2, 3]), 2), Err(FieldFault::TooLong { limit: 2 }));
        assert_eq!(
            bytes(&json!({"0": 1, "1": 2, "2": 3}), 2),
            Err(FieldFault::TooLong { limit: 2 })
        );
    }

    #[test]
    fn refuses_gaps_foreign_keys_and_what_is_no_byte() {
        for bad in [
            json!({"0": 1, "2": 2}),
            json!({"a": 1}),
            json!({"00": 1}),
            json!([256]),
            json!([-1]),
            json!([1.5]),
        ] {
            assert_eq!(bytes(&bad, 8), Err(FieldFault::Malformed(SHAPE)), "{bad}");
        }
        assert_eq!(bytes(&json!("AQI="), 8), Err(FieldFault::WrongType(SHAPE)));
    }
}
