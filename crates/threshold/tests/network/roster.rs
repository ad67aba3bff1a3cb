//! Who the members of a network are, and how many of them it takes.

use conclave_threshold::party::two_thirds;
use std::fmt;
use std::str::FromStr;

/// Written as `5` for parties 1 to 5 with two thirds as the threshold, else as `2,5,9,40@4`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Roster {
    pub ids: Vec<u16>,
    pub threshold: u16,
}

impl Roster {
    /// Parties 1 to `parties`, and two thirds of them.
    pub fn first(parties: u16) -> Self {
        let ids: Vec<_> = (1..=parties).collect();
        Roster { threshold: two_thirds(ids.len()), ids }
    }

    /// Parties whose ids have gaps, as they are when members have come and gone.
    pub fn scattered(ids: &[u16], threshold: u16) -> Self {
        Roster { ids: ids.to_vec(), threshold }
    }

    pub fn size(&self) -> usize {
        self.ids.len()
    }

    /// By how much the threshold is above two thirds.
    pub fn margin(&self) -> u16 {
        self.threshold - two_thirds(self.size())
    }
}

impl fmt::Display for Roster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Roster::first(self.ids.len() as u16) {
            return write!(f, "{}", self.size());
        }
        let ids: Vec<_> = self.ids.iter().map(u16::to_string).collect();
        write!(f, "{}@{}", ids.join(","), self.threshold)
    }
}

impl FromStr for Roster {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some((ids, threshold)) = text.split_once('@') else {
            return text.parse().map(Roster::first);
        };
        let ids = ids.split(',').map(str::parse).collect::<Result<_, _>>()?;
        Ok(Roster { ids, threshold: threshold.parse()? })
    }
}

#[test]
fn a_roster_is_read_as_it_is_written() {
    for (roster, text) in
        [(Roster::first(5), "5"), (Roster::scattered(&[2, 5, 9, 40], 4), "2,5,9,40@4")]
    {
        assert_eq!(roster.to_string(), text);
        assert_eq!(text.parse(), Ok(roster));
    }
}
