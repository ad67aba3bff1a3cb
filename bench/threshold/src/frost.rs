//! frost-secp256k1-tr: key generation.

use crate::measure::{Measure, Size};
use crate::meter::{Meter, Sample};
use frost_secp256k1_tr::Identifier;
use frost_secp256k1_tr::keys::dkg::{part1, part2, part3};
use rand_frost::OsRng;
use std::collections::BTreeMap;

/// One key of everybody.
pub fn dkg(size: Size) -> Vec<(Measure, Sample)> {
    let ids: Vec<_> =
        (1..=size.n).map(|number| Identifier::try_from(number).expect("above 0")).collect();
    let (others, mut meter) = (ids.len() - 1, Meter::new(ids.len()));
    let (mut first_secrets, mut first) = (Vec::new(), BTreeMap::new());
    for (at, id) in ids.iter().enumerate() {
        let (secret, package) =
            meter.time(at, || part1(*id, size.n, size.t, OsRng)).expect("part 1");
        meter.sent(at, others * package.serialize().expect("an encoding").len());
        first_secrets.push(secret);
        first.insert(*id, package);
    }
    let received = |me: &Identifier| {
        first
            .iter()
            .filter(|(id, _)| *id != me)
            .map(|(id, package)| (*id, package.clone()))
            .collect()
    };
    let first_received: Vec<BTreeMap<_, _>> = ids.iter().map(received).collect();
    let (mut second_secrets, mut second) = (Vec::new(), Vec::new());
    for (at, secret) in first_secrets.into_iter().enumerate() {
        let (secret, packages) =
            meter.time(at, || part2(secret, &first_received[at])).expect("part 2");
        packages
            .values()
            .for_each(|package| meter.sent(at, package.serialize().expect("an encoding").len()));
        second_secrets.push(secret);
        second.push((ids[at], packages));
    }
    for (at, id) in ids.iter().enumerate() {
        let others = second.iter().filter(|(from, _)| from != id);
        let received: BTreeMap<_, _> =
            others.map(|(from, packages)| (*from, packages[id].clone())).collect();
        meter
            .time(at, || part3(&second_secrets[at], &first_received[at], &received))
            .expect("part 3");
    }
    vec![(Measure::Dkg, meter.sample(1))]
}
