use super::*;
use crate::ids::EpochDigest;
use crate::ot::base;
use crate::party::PartyId;

const SID: SessionId = [5; 32];
const SIZE: u32 = 4;
const ROW_BYTES: usize = TRANSFER_WIDTH * SCALAR_BYTES;

struct Run {
    multiplier: Multiplier,
    sender: Sender,
    receiver: Receiver,
    inputs: Vec<[Scalar; INPUTS]>,
    shares: Shares,
    rows: Bulk,
    check: RowsCheck,
}

/// Both ends of one pair, and what an honest Alice sends.
fn run(seed: u8) -> Run {
    let pair = Pair {
        epoch: EpochDigest::new([3; 32]),
        alice: PartyId::new(1).unwrap(),
        bob: PartyId::new(2).unwrap(),
    };
    let mut randomness = Randomness::from_seed([seed; 32]);
    let (alice, bob) = base::deal(pair, randomness.fork(b"seeds", 0));
    let transfers = SIZE as usize * TRANSFERS;
    let (receiver, message, corrections) =
        Receiver::extend(bob, &SID, transfers, randomness.fork(b"bob", 0));
    let sender = Sender::extend(alice, &SID, transfers, &message, &corrections).unwrap();
    let multiplier = Multiplier::new(&SID, SIZE);
    let mut inputs: Vec<_> = (0..SIZE)
        .map(|_| [(); INPUTS].map(|()| Secp256k1::random_scalar(&mut randomness)))
        .collect();
    inputs[2] = [Scalar::ZERO, -Scalar::ONE];
    let (shares, rows, check) = multiplier.send(&sender, &inputs, &mut randomness);
    Run { multiplier, sender, receiver, inputs, shares, rows, check }
}

impl Run {
    fn fault(&self, rows: Vec<u8>, check: &RowsCheck) -> Option<Fault> {
        self.multiplier.receive(&self.receiver, &Bulk::new(rows), check).err()
    }
}

fn caught() -> Option<Fault> {
    Some(Fault::Pairwise { peer: PartyId::new(1).unwrap(), check: "multiplication rows" })
}

fn form() -> Option<Fault> {
    Some(Fault::Proven { party: PartyId::new(1).unwrap(), check: "multiplication form" })
}

#[test]
fn a_multiplication_takes_416_transfers_of_three_scalars() {
    assert_eq!((TRANSFERS, ROWS_BYTES), (416, 416 * 96));
    assert_eq!([0, 1, 3].map(transfers), [0..416, 416..832, 1248..1664]);
}

#[test]
fn shares_sum_to_the_products() {
    let run = run(1);
    assert_eq!(run.rows.bytes().len(), SIZE as usize * ROWS_BYTES);
    let received = run.multiplier.receive(&run.receiver, &run.rows, &run.check).unwrap();
    assert_eq!((received.len(), run.shares.len()), (SIZE as usize, SIZE as usize));
    for (index, ((inputs, c), d)) in
        run.inputs.iter().zip(run.shares.iter()).zip(received.iter()).enumerate()
    {
        let chi = run.multiplier.multiplier(&run.receiver, index as u32);
        for input in 0..INPUTS {
            assert_eq!(c[input] + d[input], chi * inputs[input]);
        }
    }
}

#[test]
fn every_index_has_a_multiplier_of_its_own() {
    let run = run(1);
    let all: Vec<_> =
        (0..SIZE).map(|index| run.multiplier.multiplier(&run.receiver, index)).collect();
    for (at, chi) in all.iter().enumerate() {
        assert!(!all[..at].contains(chi) && !bool::from(chi.is_zero()));
    }
}

#[test]
fn every_index_and_every_input_has_a_challenge_of_its_own() {
    let run = run(1);
    let place = Place { sid: &SID, pair: &run.sender.pair, seeds: &run.sender.seeds };
    let mut rows = run.rows.bytes().to_vec();
    let first: Vec<_> = place.challenges(&run.rows, SIZE).collect();
    rows[0] ^= 1;
    let other: Vec<_> = place.challenges(&Bulk::new(rows), SIZE).collect();
    let mut all: Vec<_> =
        first.iter().chain(&other).flatten().map(|theta| theta.to_bytes()).collect();
    assert_eq!(all.len(), 2 * SIZE as usize * INPUTS);
    all.sort_unstable();
    all.dedup();
    assert_eq!(
        all.len(),
        2 * SIZE as usize * INPUTS,
        "a byte of the first index counts for the challenges of all"
    );
}

#[test]
fn rows_of_another_index_are_caught() {
    let run = run(1);
    let mut rows = run.rows.bytes().to_vec();
    rows.rotate_left(ROWS_BYTES);
    let mut check = run.check.clone();
    check.etas.rotate_left(1);
    assert_eq!(run.fault(rows, &check), caught());
}

#[test]
fn a_bit_flipped_anywhere_is_caught() {
    let run = run(2);
    let last = run.rows.bytes().len() - 1;
    for at in
        (0..last).step_by(ROWS_BYTES / 5 + 1).chain([last]).filter(|at| at % SCALAR_BYTES != 0)
    {
        let mut rows = run.rows.bytes().to_vec();
        rows[at] ^= 1;
        assert_eq!(run.fault(rows, &run.check), caught(), "byte {at}");
    }
    for index in 0..SIZE as usize {
        let mut check = run.check.clone();
        check.etas[index] += Scalar::ONE;
        assert_eq!(run.fault(run.rows.bytes().to_vec(), &check), caught(), "eta {index}");
    }
    for at in [0, 31] {
        let mut check = run.check.clone();
        check.hash[at] ^= 1;
        assert_eq!(run.fault(run.rows.bytes().to_vec(), &check), caught());
    }
}

#[test]
fn rejects_every_other_length_and_scalars_that_are_not_canonical() {
    let run = run(2);
    let whole = run.rows.bytes().len();
    for length in [0, ROW_BYTES, whole - ROWS_BYTES, whole - 1, whole + 1, whole + ROWS_BYTES] {
        let mut rows = run.rows.bytes().to_vec();
        rows.resize(length, 0);
        assert_eq!(run.fault(rows, &run.check), form(), "{length} bytes");
    }
    for count in [0, SIZE - 1, SIZE + 1] {
        let mut check = run.check.clone();
        check.etas.resize(count as usize, Scalar::ONE);
        assert_eq!(run.fault(run.rows.bytes().to_vec(), &check), form(), "{count} values of eta");
    }
    for at in [0, 5 * SCALAR_BYTES, whole - SCALAR_BYTES] {
        let mut rows = run.rows.bytes().to_vec();
        rows[at..at + SCALAR_BYTES].fill(0xff);
        assert_eq!(run.fault(rows, &run.check), form());
    }
}

#[test]
fn more_multiplications_than_transfers_are_a_misuse() {
    let run = run(2);
    let multiplier = Multiplier::new(&SID, SIZE + 1);
    let rows = Bulk::new([run.rows.bytes(), &[0; ROWS_BYTES]].concat());
    let mut check = run.check.clone();
    check.etas.push(Scalar::ONE);
    assert!(matches!(multiplier.receive(&run.receiver, &rows, &check), Err(Fault::Misuse(_))));
}

/// Alice's message as an adversary makes it: rows, `eta` and the check hash all honest but for
/// other inputs in some rows of one multiplication.
fn with_another_input_in(run: &Run, index: u32, shifted: &[usize]) -> (Vec<u8>, RowsCheck) {
    let place = Place { sid: &SID, pair: &run.sender.pair, seeds: &run.sender.seeds };
    let values = [2u64, 3, 4].map(|value| Words::from(&Scalar::from(value)));
    let one_more = Words::from(&Scalar::ONE);
    let mut rows = Vec::new();
    for at in 0..SIZE {
        let [zero, one] = run.sender.pads(transfers(at));
        for (row, (zero, one)) in zero.iter().zip(one.iter()).enumerate() {
            for (column, value) in values.iter().enumerate() {
                let shift = one_more
                    .when(u8::from(at == index && shifted.contains(&row) && column == 0).into());
                rows.extend(zero[column].minus(&one[column]).plus(value).plus(&shift).to_bytes());
            }
        }
    }
    let mut hash = CheckHash::new(&place);
    let mut etas = Vec::new();
    for (theta, at) in place.challenges(&Bulk::new(rows.clone()), SIZE).zip(0..) {
        etas.push(combined(&values, &theta).into());
        hash.append(run.sender.pads(transfers(at))[0].iter().map(|row| combined(row, &theta)));
    }
    (rows, RowsCheck { etas, hash: hash.finish() })
}

#[test]
fn another_input_in_a_row_is_caught_exactly_when_bob_chose_it() {
    let run = run(3);
    let choices: Vec<_> = run.receiver.choices(transfers(1)).map(bool::from).collect();
    let mut caught_rows = 0;
    for row in (0..TRANSFERS).step_by(11) {
        let (rows, check) = with_another_input_in(&run, 1, &[row]);
        assert_eq!(
            run.fault(rows, &check),
            if choices[row] { caught() } else { None },
            "row {row}"
        );
        caught_rows += usize::from(choices[row]);
    }
    assert!((8..31).contains(&caught_rows), "{caught_rows} of 38");
}

#[test]
fn another_input_in_many_rows_never_passes() {
    let run = run(4);
    for index in 0..SIZE {
        let (rows, check) =
            with_another_input_in(&run, index, &(0..STATISTICAL_SECURITY).collect::<Vec<_>>());
        assert_eq!(run.fault(rows, &check), caught());
    }
}
