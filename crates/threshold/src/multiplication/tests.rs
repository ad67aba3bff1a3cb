use super::*;
use crate::ot::base;
use crate::party::PartyId;

const SID: SessionId = [5; 32];
const SIZE: u32 = 4;
const ROW_BYTES: usize = TRANSFER_WIDTH * SCALAR_BYTES;

struct Run {
    multiplier: Multiplier,
    sender: Sender,
    receiver: Receiver,
    randomness: Randomness,
}

fn run(seed: u8) -> Run {
    let pair = Pair { epoch: [3; 32], alice: PartyId::new(1).unwrap(), bob: PartyId::new(2).unwrap() };
    let randomness = Randomness::from_seed([seed; 32]);
    let (alice, bob) = base::deal(pair, randomness.fork(b"seeds", 0));
    let rows = SIZE as usize * TRANSFERS;
    let (receiver, message) = Receiver::extend(bob, &SID, rows, randomness.fork(b"bob", 0));
    let sender = Sender::extend(alice, &SID, rows, &message).unwrap();
    Run { multiplier: Multiplier::new(&SID), sender, receiver, randomness }
}

fn inputs(run: &mut Run) -> [Scalar; INPUTS] {
    [(); INPUTS].map(|()| Secp256k1::random_scalar(&mut run.randomness))
}

fn caught() -> Option<Fault> {
    Some(Fault::Pairwise { peer: PartyId::new(1).unwrap(), check: "multiplication rows" })
}

#[test]
fn shares_sum_to_the_products() {
    let mut run = run(1);
    for index in 0..SIZE {
        for inputs in [inputs(&mut run), [Scalar::ZERO, -Scalar::ONE]] {
            let mut message = Vec::new();
            let c = run.multiplier.send(&run.sender, index, &inputs, &mut run.randomness, &mut message);
            assert_eq!(message.len(), MESSAGE_BYTES);
            let d = run.multiplier.receive(&run.receiver, index, &message).unwrap();
            let chi = run.multiplier.multiplier(&run.receiver, index);
            for input in 0..INPUTS {
                assert_eq!(c[input] + d[input], chi * inputs[input]);
            }
        }
    }
}

#[test]
fn every_index_has_a_multiplier_of_its_own() {
    let run = run(1);
    let all: Vec<_> = (0..SIZE).map(|index| run.multiplier.multiplier(&run.receiver, index)).collect();
    for (at, chi) in all.iter().enumerate() {
        assert!(!all[..at].contains(chi) && !bool::from(chi.is_zero()));
    }
}

#[test]
fn a_message_for_another_index_is_caught() {
    let mut run = run(1);
    let mut message = Vec::new();
    let inputs = inputs(&mut run);
    run.multiplier.send(&run.sender, 0, &inputs, &mut run.randomness, &mut message);
    assert_eq!(run.multiplier.receive(&run.receiver, 1, &message).err(), caught());
}

#[test]
fn a_bit_flipped_anywhere_is_caught() {
    let mut run = run(2);
    let (mut message, inputs) = (Vec::new(), inputs(&mut run));
    run.multiplier.send(&run.sender, 0, &inputs, &mut run.randomness, &mut message);
    let steps = (0..ROWS_BYTES).step_by(ROW_BYTES / 2 + 1).chain(ROWS_BYTES..MESSAGE_BYTES);
    for at in steps.filter(|at| at % SCALAR_BYTES != 0) {
        let mut altered = message.clone();
        altered[at] ^= 1;
        assert_eq!(run.multiplier.receive(&run.receiver, 0, &altered).err(), caught(), "byte {at}");
    }
}

#[test]
fn rejects_every_other_length_and_scalars_that_are_not_canonical() {
    let mut run = run(2);
    let (mut message, inputs) = (Vec::new(), inputs(&mut run));
    run.multiplier.send(&run.sender, 0, &inputs, &mut run.randomness, &mut message);
    let form = Some(Fault::Proven { party: PartyId::new(1).unwrap(), check: "multiplication form" });
    for length in [0, ROWS_BYTES - 1, ROWS_BYTES + 31, MESSAGE_BYTES - 1, MESSAGE_BYTES + 1] {
        let mut other = message.clone();
        other.resize(length, 0);
        assert_eq!(run.multiplier.receive(&run.receiver, 0, &other).err(), form, "{length} bytes");
    }
    for at in [0, 5 * SCALAR_BYTES, ROWS_BYTES] {
        let mut other = message.clone();
        other[at..at + SCALAR_BYTES].fill(0xff);
        assert_eq!(run.multiplier.receive(&run.receiver, 0, &other).err(), form);
    }
}

/// Alice's message as an adversary makes it: rows, `eta` and the check hash all honest but for another input in some rows.
fn with_another_input_in(run: &mut Run, index: u32, rows: &[usize]) -> Vec<u8> {
    let place = Place { sid: &SID, pair: &run.sender.pair, seeds: &run.sender.seeds, index };
    let values = [2u64, 3, 4].map(|value| Words::from(&Scalar::from(value)));
    let one_more = Words::from(&Scalar::ONE);
    let [zero, one] = run.sender.pads(place.transfers());
    let mut message = Vec::new();
    for (row, (zero, one)) in zero.iter().zip(one.iter()).enumerate() {
        for (column, value) in values.iter().enumerate() {
            let shift = one_more.when(u8::from(rows.contains(&row) && column == 0).into());
            message.extend(zero[column].minus(&one[column]).plus(value).plus(&shift).to_bytes());
        }
    }
    let theta = place.challenge(&message);
    message.extend(combined(&values, &theta).to_bytes());
    let check: Vec<u8> = zero.iter().flat_map(|row| combined(row, &theta).to_bytes()).collect();
    message.extend(place.check_hash(&check));
    message
}

#[test]
fn another_input_in_a_row_is_caught_exactly_when_bob_chose_it() {
    let mut run = run(3);
    let choices: Vec<_> = run.receiver.choices(0..TRANSFERS).map(bool::from).collect();
    let mut caught_rows = 0;
    for row in (0..TRANSFERS).step_by(5) {
        let message = with_another_input_in(&mut run, 0, &[row]);
        let fault = run.multiplier.receive(&run.receiver, 0, &message).err();
        assert_eq!(fault, if choices[row] { caught() } else { None }, "row {row}");
        caught_rows += usize::from(choices[row]);
    }
    assert!((20..65).contains(&caught_rows), "{caught_rows} of 84");
}

#[test]
fn another_input_in_many_rows_never_passes() {
    let mut run = run(4);
    for index in 0..SIZE {
        let message = with_another_input_in(&mut run, index, &(0..STATISTICAL_SECURITY).collect::<Vec<_>>());
        assert_eq!(run.multiplier.receive(&run.receiver, index, &message).err(), caught());
    }
}
