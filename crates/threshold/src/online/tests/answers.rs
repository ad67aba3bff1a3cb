//! The client's side: who is named when the sum is no signature.

use super::*;
use k256::Scalar;

fn checked(table: &Table, answers: &[Answer]) -> Vec<Checked> {
    answers
        .iter()
        .map(|answer| answer.verify(&table.epoch, &table.expected(DIGEST)).unwrap())
        .collect()
}

fn answers(table: &mut Table, index: u32) -> Vec<Answer> {
    table.answers(index, DIGEST).into_iter().map(|(answer, _)| answer).collect()
}

fn opened(BindMessage { delta, entropy, signature, .. }: BindMessage) -> Opened {
    Opened { delta, entropy, signature }
}

#[test]
fn a_wrong_share_names_its_node() {
    for cheat in 0..4 {
        let mut table = Table::new(&[1, 2, 4, 5], 5, 1, 1);
        let mut answers = answers(&mut table, 0);
        answers[cheat].share += Scalar::ONE;
        answers[cheat] = answers[cheat].resign(&table.keys[&table.set[cheat]]);
        let checked = checked(&table, &answers);
        let liar = table.set[cheat];
        assert_eq!(combine(&checked), Err(CombineError::WrongShares { liars: vec![liar] }));
        for answer in &checked {
            assert_eq!(answer.check_share().is_err(), answer.from() == liar);
        }
    }
}

#[test]
fn wrong_shares_that_sum_right_still_sign_and_still_name_their_nodes() {
    let mut table = Table::new(&[1, 2, 4, 5], 5, 1, 1);
    let mut answers = answers(&mut table, 0);
    answers[0].share += Scalar::ONE;
    answers[1].share -= Scalar::ONE;
    for cheat in [0, 1] {
        answers[cheat] = answers[cheat].resign(&table.keys[&table.set[cheat]]);
    }
    let checked = checked(&table, &answers);
    assert!(combine(&checked).is_ok());
    assert_eq!(checked[0].check_share(), Err(AnswerFault::Share { party: party(1) }));
    assert_eq!(checked[2].check_share(), Ok(()));
}

#[test]
fn a_zero_share_is_wrong_even_where_zero_is_due() {
    let mut table = Table::new(&[1, 3], 3, 1, 1);
    let mut answers = answers(&mut table, 0);
    answers[0].share = Scalar::ZERO;
    answers[0] = answers[0].resign(&table.keys[&party(1)]);
    let mut zero = checked(&table, &answers).remove(0);
    assert_eq!(zero.check_share(), Err(AnswerFault::Share { party: party(1) }));
    zero.factors = (Scalar::ZERO, Scalar::ZERO);
    assert_eq!(zero.check_share(), Err(AnswerFault::Share { party: party(1) }));
}

#[test]
fn a_second_delta_or_another_nonce_in_an_answer_is_its_own_fault() {
    let mut table = Table::new(&[1, 3], 3, 1, 1);
    let honest = answers(&mut table, 0).remove(0);
    let key = &table.keys[&party(1)];
    let fault = |answer: Answer| {
        answer.resign(key).verify(&table.epoch, &table.expected(DIGEST)).unwrap_err()
    };

    let mut shifted = honest.bind_messages().remove(0);
    shifted.delta += Scalar::ONE;
    let mut answer = honest.clone();
    answer.opened[0] = opened(shifted.resign(key));
    assert_eq!(fault(answer), AnswerFault::Certificate { party: party(1), check: "deltas" });

    let answer = Answer { big_r: -honest.big_r, ..honest };
    assert_eq!(fault(answer), AnswerFault::Certificate { party: party(1), check: "nonce" });
}

#[test]
fn a_node_that_lies_about_the_commitments_blames_only_itself() {
    let mut table = Table::new(&[1, 3], 3, 1, 1);
    let honest = answers(&mut table, 0);
    let point = honest[0].leaf.parties[0].r;
    let lies: [fn(&mut Answer, k256::AffinePoint); 4] = [
        |answer, point| answer.leaf.parties[1].fh = point,
        |answer, point| answer.leaf.parties[1].wh = point,
        |answer, point| answer.leaf.parties[1].b = point,
        |answer, _| answer.opened[1].delta += Scalar::ONE,
    ];
    for lie in lies {
        let mut answer = honest[0].clone();
        lie(&mut answer, point);
        let answer = answer.resign(&table.keys[&party(1)]);
        let fault = answer.verify(&table.epoch, &table.expected(DIGEST)).unwrap_err();
        assert!(matches!(fault, AnswerFault::Certificate { .. }));
        assert_eq!(fault.party(), party(1));
    }
}

#[test]
fn an_answer_to_something_else_is_not_taken() {
    let mut table = Table::new(&[1, 3], 3, 1, 1);
    let answer = answers(&mut table, 0).remove(0);
    let unexpected = |alter: fn(&mut Expected)| {
        let mut expected = table.expected(DIGEST);
        alter(&mut expected);
        answer.verify(&table.epoch, &expected).map(|_| ())
    };
    let other = |field| Err(AnswerFault::Unexpected { party: party(1), field });
    assert_eq!(unexpected(|expected| expected.set = Some(vec![party(1), party(3)])), Ok(()));
    assert_eq!(unexpected(|expected| expected.public_key[1] ^= 1), other("public key"));
    assert_eq!(unexpected(|expected| expected.digest.flip(0)), other("digest"));
    assert_eq!(unexpected(|expected| expected.name_hash.flip(0)), other("signature name"));
    assert_eq!(unexpected(|expected| expected.set = Some(vec![party(1), party(2)])), other("set"));
    let later = Epoch::new(*table.epoch.network(), 2, table.epoch.members().to_vec(), 2).unwrap();
    assert_eq!(answer.verify(&later, &table.expected(DIGEST)).map(|_| ()), other("epoch"));
}

#[test]
fn an_assignment_of_another_leaf_is_the_answers_fault_even_when_all_members_signed_it() {
    let mut table = Table::new(&[1, 3], 3, 1, 1);
    let honest = answers(&mut table, 0).remove(0);
    let alterations: [fn(&mut Assignment); 3] = [
        |other| other.sid[0] ^= 1,
        |other| other.index = 1,
        |other| other.set = vec![party(1), party(2)],
    ];
    for alter in alterations {
        let mut answer = honest.clone();
        let mut other = answer.assignment.assignment.clone();
        alter(&mut other);
        let other = table.signed(other);
        let messages = answer
            .bind_messages()
            .into_iter()
            .map(|message| BindMessage { assignment: other.clone(), ..message });
        answer.opened =
            messages.map(|message| opened(message.resign(&table.keys[&message.from]))).collect();
        answer.assignment = other;
        let fault = answer
            .resign(&table.keys[&party(1)])
            .verify(&table.epoch, &table.expected(DIGEST))
            .unwrap_err();
        assert_eq!(
            fault,
            AnswerFault::Certificate { party: party(1), check: "assignment of this leaf" }
        );
    }
}

#[test]
fn an_answer_has_the_signed_bind_message_of_every_member_and_the_entropy_that_it_committed_to() {
    let mut table = Table::new(&[1, 3], 3, 1, 1);
    let honest = answers(&mut table, 0).remove(0);
    let keys = &table.keys;
    let alterations: [&dyn Fn(&mut Answer); 4] = [
        &|answer| answer.opened.truncate(answer.opened.len() - 1),
        &|answer| answer.opened.push(answer.opened[0].clone()),
        &|answer| answer.opened[1].delta += Scalar::ONE,
        &|answer| {
            let mut message = answer.bind_messages().remove(1);
            message.entropy[0] ^= 1;
            answer.opened[1] = opened(message.resign(&keys[&party(3)]));
        },
    ];
    for alter in alterations {
        let mut answer = honest.clone();
        alter(&mut answer);
        let fault = answer
            .resign(&keys[&party(1)])
            .verify(&table.epoch, &table.expected(DIGEST))
            .unwrap_err();
        assert_eq!(fault, AnswerFault::Certificate { party: party(1), check: "bind messages" });
    }
}

#[test]
fn an_answer_and_what_was_checked_of_it_say_whose_and_what_it_is() {
    let mut table = Table::new(&[1, 3], 3, 1, 1);
    let answer = answers(&mut table, 0).remove(1);
    let checked = answer.verify(&table.epoch, &table.expected(DIGEST)).unwrap();
    assert_eq!(answer.share_bytes().as_slice(), answer.share.to_bytes().as_slice());
    assert_eq!(
        (answer.big_r().to_vec(), checked.big_r()),
        (answer.big_r.encoded(), answer.big_r())
    );
    assert_eq!((checked.from(), checked.set()), (party(3), &[party(1), party(3)][..]));
}

#[test]
fn an_answer_from_outside_the_set_is_its_own_fault() {
    let mut table = Table::new(&[1, 3], 3, 1, 1);
    let mut answer = answers(&mut table, 0).remove(0);
    answer.from = party(2);
    let answer = answer.resign(&table.keys[&party(2)]);
    let fault = answer.verify(&table.epoch, &table.expected(DIGEST)).unwrap_err();
    assert_eq!(fault, AnswerFault::Certificate { party: party(2), check: "member of the set" });
}

#[test]
fn a_missing_answer_is_named() {
    let mut table = Table::new(&[1, 2, 4, 5], 5, 1, 1);
    let answers = answers(&mut table, 0);
    let mut checked = checked(&table, &answers);
    checked.remove(2);
    checked.push(checked[0].clone());
    assert_eq!(combine(&checked), Err(CombineError::Incomplete { missing: vec![party(4)] }));
    assert_eq!(combine(&[]), Err(CombineError::Incomplete { missing: vec![] }));
}

#[test]
fn answers_of_two_uses_are_never_summed() {
    let mut table = Table::new(&[1, 3], 3, 2, 1);
    let (first, second) = (answers(&mut table, 0), answers(&mut table, 1));
    let (first, second) = (checked(&table, &first), checked(&table, &second));
    let mixed = [first[0].clone(), second[1].clone()];
    assert!(
        matches!(combine(&mixed), Err(CombineError::Incomplete { missing }) if missing.len() == 1)
    );
    let three = [first[0].clone(), second[0].clone(), second[1].clone()];
    assert_signs(&combine(&three).unwrap(), &table.expected(DIGEST).public_key, DIGEST);
    assert!(
        assemble(
            &table.expected(DIGEST).public_key,
            &DIGEST,
            &first[0].big_r,
            &[first[0].share, second[1].share]
        )
        .is_none()
    );
}

/// Whichever of the uses has the lower nonce point.
#[test]
fn of_several_uses_that_fail_the_most_telling_is_told() {
    let mut table = Table::new(&[1, 2, 4, 5], 5, 3, 1);
    let uses = [0, 1, 2].map(|index| answers(&mut table, index));
    let uses = uses.map(|answers| checked(&table, &answers));
    for (first, second) in [(0, 1), (1, 0), (1, 2), (2, 1)] {
        let (first, second) = (&uses[first], &uses[second]);
        let failure = |parts: [&[Checked]; 2]| combine(&parts.concat()).unwrap_err();
        let incomplete = |missing: &[u16]| CombineError::Incomplete {
            missing: missing.iter().copied().map(party).collect(),
        };
        assert_eq!(failure([&first[..3], &second[..2]]), incomplete(&[5]));
        let mut wrong = second[0].clone();
        wrong.share += Scalar::ONE;
        let liar = CombineError::WrongShares { liars: vec![party(1)] };
        assert_eq!(failure([&first[..3], &[wrong.clone()]]), liar);
        let mut cannot_sign = first.clone();
        cannot_sign.iter_mut().for_each(|answer| answer.digest = OTHER);
        assert_eq!(failure([&cannot_sign, &second[..3]]), CombineError::FalseCertificate);
        assert_eq!(failure([&cannot_sign, &[wrong]]), liar);
    }
}

/// An x-coordinate from the order upwards: it has to be looked for, and the key is made to fit it.
#[test]
fn the_recovery_id_tells_of_a_nonce_point_whose_x_coordinate_is_not_below_the_order() {
    let order =
        hex::decode("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141").unwrap();
    let points = (0..64u8).filter_map(|more| {
        let mut x = order.clone();
        x[31] += more;
        k256::AffinePoint::decode_all(&[vec![2], x].concat()).ok()
    });
    let even = points.into_iter().find(|point| nonce::r_of(point) != Scalar::ZERO).unwrap();
    for big_r in [even, -even] {
        // Both halves of the range of s.
        for s in [Scalar::from(7u64), -Scalar::from(7u64)] {
            let r = nonce::r_of(&big_r);
            let key = (k256::ProjectivePoint::from(big_r) * s
                - Secp256k1::generator_times(&nonce::h_of(&DIGEST)))
                * r.invert().unwrap();
            let public_key = key.encoded().try_into().unwrap();
            let signature = assemble(&public_key, &DIGEST, &big_r, &[s]).unwrap();
            assert!(signature.recovery_id >= 2);
            assert_signs(&signature, &public_key, DIGEST);
        }
    }
}

#[test]
fn a_sum_is_no_signature_on_another_digest_or_of_another_key() {
    let mut table = Table::new(&[1, 3], 3, 1, 1);
    let answers = answers(&mut table, 0);
    let mut checked = checked(&table, &answers);
    let shares: Vec<_> = answers.iter().map(|answer| answer.share).collect();
    let Expected { public_key, .. } = table.expected(DIGEST);
    assert!(assemble(&public_key, &DIGEST, &checked[0].big_r, &shares).is_some());
    assert!(assemble(&public_key, &OTHER, &checked[0].big_r, &shares).is_none());
    let mut negated = public_key;
    negated[0] ^= 1;
    assert!(assemble(&negated, &DIGEST, &checked[0].big_r, &shares).is_none());
    assert!(assemble(&[0; 33], &DIGEST, &checked[0].big_r, &shares).is_none());
    assert!(assemble(&public_key, &DIGEST, &checked[0].big_r, &[]).is_none());
    // Every share fits a certificate that cannot sign: only a whole set of liars brings that about.
    checked.iter_mut().for_each(|answer| answer.digest = OTHER);
    assert_eq!(combine(&checked), Err(CombineError::FalseCertificate));
}

#[test]
fn an_answer_of_the_limit_is_read_and_one_byte_more_is_not() {
    let mut table = Table::new(&[1, 3], 3, 1, 1);
    let mut answer = answers(&mut table, 0).remove(0);
    // 32 bytes more with every element of the path, and one with a shorter tail.
    let honest = answer.encoded().len();
    answer.path = vec![[0; 32]; (MAX_ANSWER - honest) / 32];
    let fits = answer.encoded();
    assert!(fits.len() <= MAX_ANSWER && fits.len() + 32 > MAX_ANSWER);
    assert!(Answer::read(&fits).is_ok());
    answer.path.push([0; 32]);
    assert_eq!(Answer::read(&answer.encoded()).unwrap_err(), crate::codec::DecodeError::TooLong);
    assert!(
        Answer::read(&vec![0; MAX_ANSWER])
            .is_err_and(|error| error != crate::codec::DecodeError::TooLong)
    );
    assert_eq!(
        Answer::read(&vec![0; MAX_ANSWER + 1]).unwrap_err(),
        crate::codec::DecodeError::TooLong
    );
    // The largest epoch's.
    let members = usize::from(two_thirds(crate::party::MAX_MEMBERS));
    let of_members =
        answer.leaf.parties[0].encoded().len() + answer.opened[0].encoded().len() + 64 + 2 + 2;
    assert!(honest + (members - 2) * of_members + 8 * 32 <= MAX_ANSWER);
}
