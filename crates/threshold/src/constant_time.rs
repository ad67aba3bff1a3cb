//! Does the time of an operation depend on its secret? Reparaz, Balasch and Verbauwhede, "Dude, is
//! my code constant time?" (2016/1123): the same operation over one fixed secret and over random
//! ones, in random order, and Welch's t-test on the two sets of times. A `|t|` of 4.5 and above
//! says that they differ. That it stays below shows no leak on this machine with this compiler, and
//! proves no absence.
//!
//! The tests are left out of ordinary runs: a timing means something only on a machine that does
//! nothing else. `make constant-time`.

use crate::bls::{BlsMessage, IDENTITY_PREFIX, Identity};
use crate::group::secp256k1::multiples::Multiples;
use crate::group::{Bls12381G1, Curve, Secp256k1, Secret};
use crate::key::KeyShare;
use crate::party::PartyId;
use crate::randomness::Randomness;
use crate::testing::deal_key;
use core::hint::black_box;
use std::time::Instant;
use subtle::ConstantTimeEq;

/// The bound of the method's authors.
const LIMIT: f64 = 4.5;

/// Operations above this many nanoseconds are sampled a tenth as often.
const SLOW: f64 = 50_000.0;

const SAMPLES: usize = 1_000_000;

/// Inputs prepared ahead of their measurement.
const POOL: usize = 2_000;

/// Quick operations are repeated until one measurement is well above the clock's own cost.
const SHORTEST: f64 = 400.0;

/// Interrupts and other processes make a few measurements very long: besides all of them, only
/// those up to these shares are compared.
const CROPS: [f64; 5] = [1.0, 0.99, 0.95, 0.8, 0.5];

/// Count, mean and sum of squared differences of one class (Welford).
#[derive(Default, Clone, Copy)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, value: f64) {
        self.count += 1.0;
        let difference = value - self.mean;
        self.mean += difference / self.count;
        self.squares += difference * (value - self.mean);
    }

    fn welch(classes: &[Moments; 2]) -> f64 {
        let [one, two] = classes;
        let variance = |moments: &Moments| moments.squares / (moments.count - 1.0) / moments.count;
        (one.mean - two.mean) / (variance(one) + variance(two)).sqrt()
    }
}

fn nanoseconds<I>(operation: &mut impl FnMut(&I), input: &I, repeats: usize) -> f64 {
    let begun = Instant::now();
    for _ in 0..repeats {
        operation(black_box(input));
    }
    begun.elapsed().as_nanos() as f64
}

/// What was measured of one operation.
struct Measured {
    /// The largest `|t|` of all crops, and by how much the mean times of the classes differ there,
    /// in nanoseconds.
    worst: f64,
    difference: f64,
    samples: usize,
    each: f64,
}

/// `fixed` makes the inputs of one class and `random` those of the other; making them is not
/// measured.
fn measure<I>(
    samples: usize,
    mut fixed: impl FnMut() -> I,
    mut random: impl FnMut(&mut Randomness) -> I,
    mut operation: impl FnMut(&I),
) -> Measured {
    let mut dice = Randomness::from_seed([17; 32]);
    let mut warm: Vec<f64> =
        (0..200).map(|_| nanoseconds(&mut operation, &random(&mut dice), 1)).collect();
    warm.sort_by(f64::total_cmp);
    let each = warm[100].max(1.0);
    let repeats = (SHORTEST / each).ceil() as usize;
    let samples = if each > SLOW { samples / 10 } else { samples };

    let mut limits: Option<[f64; CROPS.len()]> = None;
    let mut classes = [[Moments::default(); 2]; CROPS.len()];
    let mut done = 0;
    while done < samples {
        let coins: Vec<bool> = dice.bytes::<{ POOL }>().iter().map(|byte| byte & 1 == 1).collect();
        // A random input is drawn for either class, so that drawing it says nothing about the
        // class.
        let inputs: Vec<I> = coins
            .iter()
            .map(|coin| [fixed(), random(&mut dice)].into_iter().nth((*coin).into()).unwrap())
            .collect();
        let times: Vec<f64> =
            inputs.iter().map(|input| nanoseconds(&mut operation, input, repeats)).collect();
        let Some(limits) = limits else {
            // The first pool warms up and sets the limits.
            let mut sorted = times.clone();
            sorted.sort_by(f64::total_cmp);
            limits = Some(CROPS.map(|crop| {
                if crop == 1.0 { f64::INFINITY } else { sorted[(crop * POOL as f64) as usize] }
            }));
            continue;
        };
        for (coin, time) in coins.iter().zip(&times) {
            for (classes, limit) in classes.iter_mut().zip(&limits) {
                if time <= limit {
                    classes[usize::from(*coin)].add(*time);
                }
            }
        }
        done += POOL;
    }
    let per_operation = |moments: &Moments| moments.mean / repeats as f64;
    let of_crop = |classes: &[Moments; 2]| {
        (Moments::welch(classes).abs(), per_operation(&classes[0]) - per_operation(&classes[1]))
    };
    let (worst, difference) = classes
        .iter()
        .map(of_crop)
        .fold((0.0, 0.0), |one, two| if two.0 > one.0 { two } else { one });
    Measured { worst, difference, samples, each: per_operation(&classes[CROPS.len() - 1][0]) }
}

/// Measures, says what came of it, and holds it against the limit.
pub(crate) fn assert_constant_time<I>(
    fixed: impl FnMut() -> I,
    random: impl FnMut(&mut Randomness) -> I,
    operation: impl FnMut(&I),
) {
    let Measured { worst, difference, samples, each } = measure(SAMPLES, fixed, random, operation);
    println!(
        "long: |t| = {worst:.1} over {samples} samples of {each:.0} ns, whose means differ by {difference:.2} ns"
    );
    assert!(worst < LIMIT, "the time depends on the secret: |t| = {worst}");
}

/// Without this, a broken measure would find everything constant.
#[test]
#[ignore = "timing"]
fn constant_time_measure_finds_a_comparison_that_stops_early() {
    let ours = [7u8; 256];
    let leaky = |theirs: &[u8; 256]| {
        black_box(ours.iter().zip(theirs).all(|(a, b)| black_box(a) == b));
    };
    let Measured { worst, samples, .. } =
        measure(SAMPLES / 10, || [7u8; 256], |dice| dice.bytes(), leaky);
    println!("long: |t| = {worst:.0} over {samples} samples, as it must be");
    assert!(worst > 10.0 * LIMIT);
}

#[test]
#[ignore = "timing"]
fn constant_time_comparison_of_hashes() {
    let ours = [7u8; 32];
    assert_constant_time(
        || ours,
        |dice| dice.bytes::<32>(),
        |theirs| _ = black_box(theirs.ct_eq(&ours)),
    );
}

/// What a value that nobody draws may differ by from a usual one, as a share of the whole time.
const SPECIAL: f64 = 1e-3;

/// One secret scalar against random ones: first one like any other, then the one of fewest bits,
/// with which skipping of zeros shows most. Enough samples find any difference at all; of the
/// second only one that is worth anything counts.
fn scalar_operation<C: Curve>(operation: impl FnMut(&Secret<C>)) {
    scalar_operation_beside(1, operation);
}

/// The same, with another scalar of few bits.
fn scalar_operation_beside<C: Curve>(special: u64, mut operation: impl FnMut(&Secret<C>)) {
    let random = |dice: &mut Randomness| Secret(C::random_scalar(dice));
    let usual = C::random_scalar(&mut Randomness::from_seed([4; 32]));
    assert_constant_time(|| Secret(usual), random, &mut operation);
    let Measured { worst, difference, each, .. } =
        measure(SAMPLES, || Secret(C::scalar(special)), random, &mut operation);
    println!("long: with the scalar {special} |t| = {worst:.1}, means {difference:.2} ns apart");
    assert!(
        worst < LIMIT || difference.abs() < SPECIAL * each,
        "the time depends on the secret's form: |t| = {worst}"
    );
}

fn point<C: Curve>() -> C::Point {
    C::generator_times(&C::random_scalar(&mut Randomness::from_seed([1; 32])))
}

#[test]
#[ignore = "timing"]
fn constant_time_generator_times_a_secret_on_secp256k1() {
    scalar_operation::<Secp256k1>(|scalar| _ = black_box(Secp256k1::generator_times(&scalar.0)));
}

#[test]
#[ignore = "timing"]
fn constant_time_generator_times_a_secret_on_bls12_381() {
    scalar_operation::<Bls12381G1>(|scalar| _ = black_box(Bls12381G1::generator_times(&scalar.0)));
}

#[test]
#[ignore = "timing"]
fn constant_time_point_times_a_secret_on_secp256k1() {
    let point = point::<Secp256k1>();
    scalar_operation::<Secp256k1>(|scalar| _ = black_box(Secp256k1::times(&point, &scalar.0)));
}

#[test]
#[ignore = "timing"]
fn constant_time_point_times_a_secret_on_bls12_381() {
    let point = point::<Bls12381G1>();
    scalar_operation::<Bls12381G1>(|scalar| _ = black_box(Bls12381G1::times(&point, &scalar.0)));
}

/// What a base transfer's pads come from.
#[test]
#[ignore = "timing"]
fn constant_time_multiple_of_one_point() {
    let multiples = Multiples::new(point::<Secp256k1>());
    scalar_operation::<Secp256k1>(|scalar| _ = black_box(multiples.times(&scalar.0)));
}

#[test]
#[ignore = "timing"]
fn constant_time_sum_of_products_with_secrets() {
    let point = point::<Secp256k1>();
    scalar_operation::<Secp256k1>(|scalar| {
        black_box(Secp256k1::sum_of_products(&[
            (point, scalar.0),
            (-point, scalar.0),
            (point, -scalar.0),
        ]));
    });
}

#[test]
#[ignore = "timing"]
fn constant_time_inversion_of_a_secret() {
    scalar_operation::<Secp256k1>(|scalar| _ = black_box(Secp256k1::invert(&scalar.0)));
}

/// `lambda_i x_i`: the share is secret, the set is not.
#[test]
#[ignore = "timing"]
fn constant_time_addend_of_the_key() {
    let ids: Vec<_> = (1..=3).filter_map(PartyId::new).collect();
    let dealt = deal_key::<Secp256k1>(2, &ids, &mut Randomness::from_seed([1; 32]))
        .remove(&ids[0])
        .unwrap();
    let share = |secret| KeyShare::new(ids[0], dealt.commitments().to_vec(), secret).unwrap();
    assert_constant_time(
        || share(Secret(Secp256k1::scalar(1))),
        |dice| share(Secret(Secp256k1::random_scalar(dice))),
        |share| _ = black_box(share.addend(&ids[..2])),
    );
}

/// `H(m) x_i`, in the group G2. Once the hash itself has no denominator to divide by, and nobody
/// draws 1: three times it has.
#[test]
#[ignore = "timing"]
fn constant_time_bls_share() {
    let hash = "0".repeat(64);
    let message: BlsMessage =
        Identity::parse(&format!("{IDENTITY_PREFIX}{hash}/{hash}")).unwrap().into();
    let me = PartyId::new(1).unwrap();
    let share =
        |secret| KeyShare::<Bls12381G1>::new(me, vec![point::<Bls12381G1>()], secret).unwrap();
    scalar_operation_beside::<Bls12381G1>(3, |scalar| {
        _ = black_box(share(Secret(scalar.0)).sign(&message))
    });
}

/// `rho^-1 (f (h + r delta) + r w)` over the secrets `f` and `w`.
#[test]
#[ignore = "timing"]
fn constant_time_signature_share() {
    let mut dice = Randomness::from_seed([1; 32]);
    let [rho_inverse, factor, r] = [(); 3].map(|()| Secp256k1::random_scalar(&mut dice));
    let one = Secp256k1::scalar(1);
    assert_constant_time(
        || [one, one].map(Secret::<Secp256k1>),
        |dice| [(); 2].map(|()| Secret(Secp256k1::random_scalar(dice))),
        |[f, w]| _ = black_box(rho_inverse * (f.0 * factor + r * w.0)),
    );
}
