//! Many needles in a large file, in one pass.

use crate::needles::Needle;
use aho_corasick::AhoCorasick;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

const CHUNK: usize = 1 << 20;

pub struct Searcher {
    automaton: AhoCorasick,
    needles: Vec<Needle>,
    longest: usize,
}

impl Searcher {
    /// # Panics
    /// Without a needle, or with more than fit an automaton.
    pub fn new(needles: Vec<Needle>) -> Self {
        let longest =
            needles.iter().map(|needle| needle.bytes.len()).max().expect("something to search for");
        let automaton =
            AhoCorasick::new(needles.iter().map(|needle| &needle.bytes)).expect("an automaton");
        Searcher { automaton, needles, longest }
    }

    /// How many forms it searches for.
    pub fn needles(&self) -> usize {
        self.needles.len()
    }

    /// What the file holds of it.
    ///
    /// # Panics
    /// When the file cannot be read.
    pub fn search(&self, path: &Path) -> BTreeSet<String> {
        let mut file =
            File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut found = BTreeSet::new();
        let mut buffer = vec![0; self.longest + CHUNK];
        let mut kept = 0;
        loop {
            let read = file
                .read(&mut buffer[kept..])
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            if read == 0 {
                return found;
            }
            let filled = kept + read;
            let matches = self.automaton.find_overlapping_iter(&buffer[..filled]);
            found.extend(matches.map(|hit| self.needles[hit.pattern()].what.clone()));
            // A needle may begin in this chunk and end in the next.
            kept = filled.min(self.longest - 1);
            buffer.copy_within(filled - kept..filled, 0);
        }
    }
}
