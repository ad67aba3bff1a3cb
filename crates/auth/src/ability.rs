//! What a session may be used for, in the three spellings of the wire: the request of a session
//! signature (`pkp-signing` on prefix `lit-pkp`), the key of a ReCap resource (`lit-pkp://..`), and
//! the ReCap ability (`Threshold/Signing`).

/// A kind of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ability {
    /// Sign with a key.
    PkpSigning,
    /// Run an action.
    ActionExecution,
}

impl Ability {
    /// The name in a session's `resourceAbilityRequests`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PkpSigning => "pkp-signing",
            Self::ActionExecution => "lit-action-execution",
        }
    }

    /// The prefix of its resources.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::PkpSigning => "lit-pkp",
            Self::ActionExecution => "lit-litaction",
        }
    }

    /// The ability in a ReCap.
    pub const fn recap(self) -> &'static str {
        match self {
            Self::PkpSigning => "Threshold/Signing",
            Self::ActionExecution => "Threshold/Execution",
        }
    }
}

/// What a request needs its session to allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Needed {
    /// To sign with this key.
    PkpSigning {
        /// The key's token id, big-endian.
        token_id: [u8; 32],
    },
    /// To run this action.
    ActionExecution {
        /// The code's CID in text form.
        cid: String,
    },
}

impl Needed {
    /// The kind of use.
    pub const fn ability(&self) -> Ability {
        match self {
            Self::PkpSigning { .. } => Ability::PkpSigning,
            Self::ActionExecution { .. } => Ability::ActionExecution,
        }
    }

    /// Whether the resource id of a session or a ReCap covers this one: `*`, or the very same id.
    /// Only the digits of a token id may differ in case.
    pub(crate) fn covered_by_id(&self, id: &str) -> bool {
        id == "*"
            || match self {
                Self::PkpSigning { token_id } => id.eq_ignore_ascii_case(&hex::encode(token_id)),
                Self::ActionExecution { cid } => id == cid,
            }
    }

    /// Whether a ReCap resource key, as `lit-pkp://*`, covers this resource.
    pub(crate) fn covered_by_key(&self, key: &str) -> bool {
        key.split_once("://")
            .is_some_and(|(prefix, id)| prefix == self.ability().prefix() && self.covered_by_id(id))
    }
}

/// What a client asks its wallet to allow a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    ability: Ability,
    id: String,
}

impl Grant {
    /// All resources of a kind.
    pub fn any(ability: Ability) -> Self {
        Self { ability, id: "*".into() }
    }

    /// Exactly what a request needs.
    pub fn only(needed: &Needed) -> Self {
        let id = match needed {
            Needed::PkpSigning { token_id } => hex::encode(token_id),
            Needed::ActionExecution { cid } => cid.clone(),
        };
        Self { ability: needed.ability(), id }
    }

    /// The kind of use.
    pub const fn ability(&self) -> Ability {
        self.ability
    }

    /// The resource's id, or `*`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The key of the resource in a ReCap.
    pub fn key(&self) -> String {
        format!("{}://{}", self.ability.prefix(), self.id)
    }
}
