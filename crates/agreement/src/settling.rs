//! What becomes of shares that wait for the chain: the one place that decides to erase a share.

/// What is known of one share whose key the chain had not confirmed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Waiting<Id> {
    /// Names the share.
    pub id: Id,
    /// The last block in which its key can be registered.
    pub expiry: u64,
    /// Whether the key is registered at the chain's head.
    pub registered: bool,
}

/// A final block, and which of the waiting keys it knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FinalBlock<'a, Id> {
    /// The block's number.
    pub number: u64,
    /// Shares that were asked about at this very block, with the answer for each.
    pub registered: &'a [(Id, bool)],
}

/// What is to be done on disk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settlement<Id> {
    /// Their keys are on chain.
    pub keep: Vec<Id>,
    /// Their keys can never come on chain.
    pub erase: Vec<Id>,
}

/// Shares whose fate a final block of this number can decide: the caller asks about them at exactly
/// that block.
pub fn overdue<Id: Copy>(waiting: &[Waiting<Id>], final_block: u64) -> Vec<Id> {
    let past = |share: &&Waiting<Id>| !share.registered && final_block > share.expiry;
    waiting.iter().filter(past).map(|share| share.id).collect()
}

/// Decides about shares that wait for the chain. A share is kept once its key is registered at the
/// head. It is erased only when a final block past its expiry was asked and does not know the key:
/// no registration can come after that. Everything else goes on waiting.
pub fn settle<Id: Copy + PartialEq>(
    waiting: &[Waiting<Id>],
    final_block: Option<FinalBlock<'_, Id>>,
) -> Settlement<Id> {
    let keep = waiting.iter().filter(|share| share.registered).map(|share| share.id).collect();
    let unknown = |share: &Waiting<Id>, block: &FinalBlock<'_, Id>| {
        let answers = block.registered.iter().filter(|(id, _)| *id == share.id);
        let answers: Vec<bool> = answers.map(|(_, registered)| *registered).collect();
        !answers.is_empty() && answers.iter().all(|registered| !registered)
    };
    let dead = |share: &&Waiting<Id>| {
        let past = |block: &FinalBlock<'_, Id>| block.number > share.expiry;
        let word = final_block.filter(past);
        !share.registered && word.is_some_and(|block| unknown(share, &block))
    };
    Settlement { keep, erase: waiting.iter().filter(dead).map(|share| share.id).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every combination of what can be known of one share that expires at block 10, with what is
    /// to become of it.
    #[test]
    fn a_share_is_erased_only_on_the_word_of_a_final_block_past_its_expiry() {
        let mut rows = 0;
        for registered in [false, true] {
            for number in [None, Some(0), Some(9), Some(10), Some(11), Some(u64::MAX)] {
                let answers: [&[(u8, bool)]; 6] = [
                    &[],
                    &[(1, false)],
                    &[(1, true)],
                    &[(2, false)],
                    &[(1, false), (1, true)],
                    &[(2, true), (1, false)],
                ];
                for answer in answers {
                    let waiting = [Waiting { id: 1u8, expiry: 10, registered }];
                    let block = number.map(|number| FinalBlock { number, registered: answer });
                    let settled = settle(&waiting, block);
                    let says_unknown = matches!(answer, [(1, false)] | [(2, true), (1, false)]);
                    let erased = !registered && says_unknown && number.is_some_and(|at| at >= 11);
                    assert_eq!(settled.erase, if erased { vec![1] } else { vec![] });
                    assert_eq!(settled.keep, if registered { vec![1] } else { vec![] });
                    rows += 1;
                }
            }
        }
        assert_eq!(rows, 72);
    }

    #[test]
    fn only_unregistered_shares_past_their_expiry_are_asked_about() {
        let share = |id, expiry, registered| Waiting { id, expiry, registered };
        let waiting = [share(1, 9, false), share(2, 10, false), share(3, 9, true)];
        assert_eq!(overdue(&waiting, 10), [1]);
        assert_eq!(overdue(&waiting, 9), [0; 0]);
        assert_eq!(overdue(&waiting, 11), [1, 2]);
    }

    #[test]
    fn each_share_is_settled_by_its_own_expiry_and_answer() {
        let share = |id, expiry, registered| Waiting { id, expiry, registered };
        let waiting =
            [share(1, 5, false), share(2, 50, false), share(3, 5, true), share(4, 5, false)];
        let registered = [(1, false), (2, false), (3, false), (4, true)];
        let settled = settle(&waiting, Some(FinalBlock { number: 20, registered: &registered }));
        assert_eq!(settled, Settlement { keep: vec![3], erase: vec![1] });
    }
}
