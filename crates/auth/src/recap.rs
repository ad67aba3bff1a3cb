//! ReCap (ERC-5573): rights in the form of a `urn:recap:` resource, and the sentence that says them
//! to people.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use crate::ability::{Grant, Needed};

const PREFIX: &str = "urn:recap:";
/// Most resources in one ReCap.
pub const MAX_RECAP_RESOURCES: usize = 64;

/// Rights by resource and ability. Both are sorted, as the canonical form demands.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Recap {
    attenuations: BTreeMap<String, BTreeMap<String, Conditions>>,
}

/// Alternative conditions under which a right holds, each an object. We know how to check none of
/// them: a right counts only if one alternative is the empty object.
type Conditions = Vec<Value>;

/// Why a resource is not a ReCap that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecapFault {
    /// What follows the prefix is not base64url without padding.
    #[error("is a ReCap that is not base64url without padding")]
    NotBase64,
    /// It holds no JSON.
    #[error("is a ReCap without JSON in it")]
    NotJson,
    /// Its JSON is not an object of `att` and `prf`, with `Namespace/Ability` keys and lists of
    /// objects.
    #[error("is a ReCap of another shape")]
    WrongShape,
    /// Its JSON is not in canonical form: keys sorted, none twice, no spaces.
    #[error("is a ReCap that is not in canonical form")]
    NotCanonical,
    /// It refers to proofs, which this version does not follow.
    #[error("is a ReCap with proofs, which this version does not follow")]
    Proofs,
    /// It has more resources than [`MAX_RECAP_RESOURCES`].
    #[error("is a ReCap with more than {MAX_RECAP_RESOURCES} resources")]
    TooLong,
}

impl Recap {
    /// Unrestricted rights.
    pub fn of(grants: &[Grant]) -> Self {
        let mut attenuations: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for grant in grants {
            let abilities = attenuations.entry(grant.key()).or_default();
            abilities.insert(grant.ability().recap().to_owned(), vec![json!({})]);
        }
        Self { attenuations }
    }

    /// Reads a resource of an EIP-4361 message: `None` if it is not a ReCap at all.
    pub fn read(resource: &str) -> Option<Result<Self, RecapFault>> {
        resource.strip_prefix(PREFIX).map(Self::decode)
    }

    fn decode(encoded: &str) -> Result<Self, RecapFault> {
        let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| RecapFault::NotBase64)?;
        let value: Value = serde_json::from_slice(&bytes).map_err(|_| RecapFault::NotJson)?;
        let Value::Object(mut object) = value else { return Err(RecapFault::WrongShape) };
        if canonical(&object).as_bytes() != bytes {
            return Err(RecapFault::NotCanonical);
        }
        let (Some(Value::Object(att)), Some(Value::Array(prf))) =
            (object.remove("att"), object.remove("prf"))
        else {
            return Err(RecapFault::WrongShape);
        };
        if !object.is_empty() {
            return Err(RecapFault::WrongShape);
        }
        if !prf.is_empty() {
            return Err(RecapFault::Proofs);
        }
        if att.len() > MAX_RECAP_RESOURCES {
            return Err(RecapFault::TooLong);
        }
        let attenuations = att.into_iter().map(|(key, value)| Ok((key, read_abilities(value)?)));
        Ok(Self { attenuations: attenuations.collect::<Result<_, _>>()? })
    }

    /// The resource that carries these rights.
    pub fn to_resource(&self) -> String {
        let json = json!({ "att": self.attenuations, "prf": [] });
        format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(json.to_string()))
    }

    /// The sentence with which a statement must end.
    pub fn statement(&self) -> String {
        let mut text =
            "I further authorize the stated URI to perform the following actions on my behalf:"
                .to_owned();
        let mut section = 0;
        for (resource, abilities) in &self.attenuations {
            // Abilities are sorted, so those of one namespace stand together.
            let mut namespaces: Vec<(&str, Vec<String>)> = Vec::new();
            for (namespace, name) in abilities.keys().filter_map(|ability| ability.split_once('/'))
            {
                match namespaces.last_mut() {
                    Some((last, names)) if *last == namespace => names.push(format!("'{name}'")),
                    _ => namespaces.push((namespace, vec![format!("'{name}'")])),
                }
            }
            for (namespace, names) in namespaces {
                section += 1;
                text.push_str(&format!(
                    " ({section}) '{namespace}': {} for '{resource}'.",
                    names.join(", ")
                ));
            }
        }
        text
    }

    /// Whether it grants what is needed, without conditions.
    pub fn grants(&self, needed: &Needed) -> bool {
        let covering = self.attenuations.iter().filter(|(key, _)| needed.covered_by_key(key));
        let abilities = covering.flat_map(|(_, abilities)| abilities);
        let mut unrestricted =
            abilities.filter(|(_, conditions)| conditions.iter().any(is_empty_object));
        unrestricted.any(|(ability, _)| ability == "*/*" || ability == needed.ability().recap())
    }
}

fn read_abilities(value: Value) -> Result<BTreeMap<String, Conditions>, RecapFault> {
    let Value::Object(abilities) = value else { return Err(RecapFault::WrongShape) };
    let read = |(ability, conditions): (String, Value)| match conditions {
        Value::Array(list) if is_ability(&ability) && list.iter().all(Value::is_object) => {
            Ok((ability, list))
        }
        _ => Err(RecapFault::WrongShape),
    };
    abilities.into_iter().map(read).collect()
}

fn is_empty_object(value: &Value) -> bool {
    value.as_object().is_some_and(Map::is_empty)
}

/// `Namespace/Name`.
fn is_ability(text: &str) -> bool {
    let is_word = |word: &str| {
        let allowed = |byte: u8| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'*' | b'_' | b'+' | b'-')
        };
        !word.is_empty() && word.bytes().all(allowed)
    };
    text.split_once('/').is_some_and(|(namespace, name)| is_word(namespace) && is_word(name))
}

/// The JSON with every object's keys sorted and no spaces.
fn canonical(object: &Map<String, Value>) -> String {
    fn sorted(value: &Value) -> Value {
        match value {
            Value::Object(map) => sort(map),
            Value::Array(list) => Value::Array(list.iter().map(sorted).collect()),
            other => other.clone(),
        }
    }
    fn sort(map: &Map<String, Value>) -> Value {
        let keys: BTreeMap<&String, &Value> = map.iter().collect();
        Value::Object(keys.into_iter().map(|(key, value)| (key.clone(), sorted(value))).collect())
    }
    sort(object).to_string()
}

#[cfg(test)]
mod tests;
