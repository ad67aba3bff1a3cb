//! The layers of isolation, by name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Something of the kernel's that stands between an action and the machine. A machine may lack it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Layer {
    /// No program that it starts gains rights.
    NoNewPrivs,
    /// No file.
    Landlock,
    /// No TCP, no abstract socket and no signal to another process: what the sixth version of
    /// Landlock adds.
    LandlockV6,
    /// No system call but those that the engine needs.
    Seccomp,
    /// No network interface, nor anything of System V that others have.
    Namespaces,
}

impl Layer {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::NoNewPrivs, Self::Landlock, Self::LandlockV6, Self::Seccomp, Self::Namespaces];

    /// Whether no action runs without it unless the operator says so. The others repeat what these
    /// forbid, and many machines lack them: containers often forbid new namespaces.
    pub fn is_required(self) -> bool {
        matches!(self, Self::NoNewPrivs | Self::Landlock | Self::Seccomp)
    }

    fn name(self) -> &'static str {
        match self {
            Self::NoNewPrivs => "no_new_privs",
            Self::Landlock => "landlock",
            Self::LandlockV6 => "landlock_v6",
            Self::Seccomp => "seccomp",
            Self::Namespaces => "namespaces",
        }
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Not the name of a layer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} is no layer of isolation: they are {}", names(&Layer::ALL))]
pub struct UnknownLayer {
    name: String,
}

impl FromStr for Layer {
    type Err = UnknownLayer;

    fn from_str(name: &str) -> Result<Self, UnknownLayer> {
        Self::ALL
            .into_iter()
            .find(|layer| layer.name() == name)
            .ok_or_else(|| UnknownLayer { name: name.to_owned() })
    }
}

/// Their names, one after the other.
pub(crate) fn names(layers: &[Layer]) -> String {
    layers.iter().map(|layer| layer.name()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layer_is_read_as_it_is_written() {
        for layer in Layer::ALL {
            assert_eq!(layer.to_string().parse(), Ok(layer));
        }
        let error = "Landlock".parse::<Layer>().unwrap_err().to_string();
        assert_eq!(
            error,
            "\"Landlock\" is no layer of isolation: they are no_new_privs, landlock, landlock_v6, seccomp, namespaces"
        );
    }
}
