use super::super::{ExchangeMessage, MAX_EXCHANGE_MESSAGE};
use super::*;
use crate::frame::{Frame, MemberMessage};
use conclave_threshold::randomness::Randomness;
use conclave_threshold::testing::deal_epoch;
use std::collections::BTreeMap;
use std::sync::Arc;

const ID: ExchangeId = ExchangeId([7; 32]);

fn party(number: u16) -> PartyId {
    PartyId::new(number).unwrap()
}

fn members(count: u16) -> (Arc<Epoch>, BTreeMap<PartyId, SigningKey>) {
    let ids: Vec<u16> = (1..=count).collect();
    deal_epoch(
        &ids,
        conclave_threshold::party::two_thirds(count.into()),
        &mut Randomness::from_seed([1; 32]),
    )
}

fn all_words() -> Vec<Word> {
    let given = Given { author: party(1), value: "ü".into(), signature: [3; 64] };
    let signature = Signature { r: [1; 32], s: [2; 32], recovery_id: 1 };
    let settled = Word::Settled(vec![given.clone(), Given { author: party(2), ..given }]);
    let share = Word::Share(vec![1, 2]);
    vec![
        Word::Value(String::new()),
        settled,
        Word::Claim(party(3)),
        Word::Result("[ERROR]".into()),
        share,
        Word::Signature(signature),
    ]
}

#[test]
fn what_is_encoded_decodes_and_no_part_of_it_does() {
    for word in all_words() {
        let bytes = word.encoded();
        assert_eq!(Word::decode_all(&bytes).as_ref(), Ok(&word));
        (0..bytes.len()).for_each(|end| {
            assert!(Word::decode_all(&bytes[..end]).is_err(), "{word:?} cut at {end}")
        });
    }
    assert!(Word::decode_all(&[0, 7]).is_err());
    assert!(Word::decode_all(&[0, 1, 0, 0, 0, 1, 0xff]).is_err(), "no UTF-8");
    let mut high = Word::Signature(Signature { r: [1; 32], s: [2; 32], recovery_id: 3 }).encoded();
    assert!(Word::decode_all(&high).is_ok());
    *high.last_mut().unwrap() = 4;
    assert!(Word::decode_all(&high).is_err());
}

#[test]
fn texts_and_answers_are_read_up_to_their_limits_and_no_further() {
    let text = |length: usize| "x".repeat(length);
    for (fits, longer) in [
        (Word::Value(text(MAX_VALUE)), Word::Value(text(MAX_VALUE + 1))),
        (Word::Result(text(MAX_RESULT)), Word::Result(text(MAX_RESULT + 1))),
        (Word::Share(vec![0; MAX_ANSWER]), Word::Share(vec![0; MAX_ANSWER + 1])),
    ] {
        assert!(Word::decode_all(&fits.encoded()).is_ok());
        assert!(Word::decode_all(&longer.encoded()).is_err());
    }
    let given = Given { author: party(1), value: String::new(), signature: [0; 64] };
    assert!(Word::decode_all(&Word::Settled(vec![given.clone(); MAX_MEMBERS]).encoded()).is_ok());
    assert!(Word::decode_all(&Word::Settled(vec![given; MAX_MEMBERS + 1]).encoded()).is_err());
}

#[test]
fn the_longest_message_has_room_and_goes_where_it_holds_up_nothing() {
    let message = |word: Word| {
        let word = SignedWord { exchange: ID, author: party(1), word, signature: [0; 64] };
        MemberMessage::Exchange(ExchangeMessage::Word(Box::new(word)))
    };
    let given = Given { author: party(1), value: "x".repeat(MAX_VALUE), signature: [0; 64] };
    let longest = message(Word::Settled(vec![given; MAX_MEMBERS]));
    let bytes = longest.encoded();
    assert!(bytes.len() <= MAX_EXCHANGE_MESSAGE && Frame::read_message(&bytes).is_ok());
    assert!(!longest.is_urgent());
    assert!(!message(Word::Result("x".repeat(MAX_RESULT))).is_urgent());
    for short in [
        Word::Value("x".repeat(MAX_VALUE)),
        Word::Claim(party(1)),
        Word::Share(vec![0; MAX_ANSWER]),
    ] {
        assert!(message(short).is_urgent());
    }
}

#[test]
fn a_word_counts_for_its_author_exchange_and_epoch_and_nothing_else() {
    let (epoch, keys) = members(3);
    let digest = epoch.digest();
    for word in all_words().into_iter().filter(|word| !matches!(word, Word::Settled(_))) {
        let signed = SignedWord::new(&digest, ID, party(1), word, &keys[&party(1)]);
        assert!(signed.verify(&epoch, &digest));
        assert!(!SignedWord { author: party(2), ..signed.clone() }.verify(&epoch, &digest));
        assert!(!SignedWord { author: party(9), ..signed.clone() }.verify(&epoch, &digest));
        assert!(
            !SignedWord { exchange: ExchangeId([8; 32]), ..signed.clone() }.verify(&epoch, &digest)
        );
        assert!(
            !SignedWord { word: Word::Value("other".into()), ..signed.clone() }
                .verify(&epoch, &digest)
        );
        assert!(!signed.verify(&epoch, &EpochDigest::new([0; 32])), "of another epoch");
    }
    let stranger = SignedWord::new(&digest, ID, party(1), Word::Claim(party(9)), &keys[&party(1)]);
    assert!(!stranger.verify(&epoch, &digest), "no stranger runs anything");
}

#[test]
fn values_count_when_enough_members_gave_them_each_once_and_in_this_exchange() {
    let (epoch, keys) = members(4);
    let digest = epoch.digest();
    let given_in = |exchange: ExchangeId, number: u16| {
        let word = Word::Value(format!("value {number}"));
        SignedWord::new(&digest, exchange, party(number), word, &keys[&party(number)])
            .given()
            .unwrap()
    };
    let given = |number: u16| given_in(ID, number);
    let counts = |list: Vec<Given>| {
        SignedWord::new(&digest, ID, party(1), Word::Settled(list), &keys[&party(1)])
            .verify(&epoch, &digest)
    };
    assert!(counts(vec![given(1), given(2), given(4)]));
    assert!(counts(vec![given(1), given(2), given(3), given(4)]));
    assert!(!counts(vec![given(1), given(2)]), "fewer than the threshold");
    assert!(!counts(vec![given(1), given(2), given(2)]), "one twice");
    assert!(!counts(vec![given(2), given(1), given(4)]), "out of order");
    assert!(
        !counts(vec![given(1), given(2), given_in(ExchangeId([8; 32]), 4)]),
        "of another exchange"
    );
    assert!(
        !counts(vec![given(1), given(2), Given { value: "other".into(), ..given(4) }]),
        "altered"
    );
}

#[test]
fn every_part_of_its_name_makes_another_exchange() {
    let base = exchange_id(&RequestKey::new([1; 32]), "Qm", Operation::Collect, "name", 0);
    let others = [
        exchange_id(&RequestKey::new([2; 32]), "Qm", Operation::Collect, "name", 0),
        exchange_id(&RequestKey::new([1; 32]), "Qn", Operation::Collect, "name", 0),
        exchange_id(&RequestKey::new([1; 32]), "Qm", Operation::Turn, "name", 0),
        exchange_id(&RequestKey::new([1; 32]), "Qm", Operation::Collect, "nam", 0),
        exchange_id(&RequestKey::new([1; 32]), "Qm", Operation::Collect, "name", 1),
    ];
    assert!(others.iter().all(|other| *other != base));
}
