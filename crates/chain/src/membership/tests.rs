use alloy::primitives::{B256, U256};

use super::*;

fn answer(count: u8) -> membersReturn {
    let list = (1..=count)
        .map(|id| MemberView {
            id: U256::from(id),
            nodeAddress: Address::repeat_byte(id),
            ip: 0x7f00_0001,
            port: 7470 + u32::from(id),
            meshIp: 0x7f00_0001,
            meshPort: 7570 + u32::from(id),
            identityKey: B256::repeat_byte(id),
        })
        .collect();
    let threshold = (2 * u64::from(count)).div_ceil(3);
    membersReturn { epochNumber: U256::from(1), threshold: U256::from(threshold), list }
}

fn check(answer: membersReturn) -> Result<Membership, String> {
    checked(31337, Address::repeat_byte(0xee), answer)
}

#[test]
fn a_consistent_answer_is_taken_over() {
    let membership = check(answer(5)).unwrap();
    assert_eq!((membership.epoch, membership.threshold), (1, 4));
    assert!(membership.is_started());
    let third = &membership.members[2];
    assert_eq!((third.id, third.identity), (3, [3; 32]));
    assert_eq!(third.http, "127.0.0.1:7473".parse().unwrap());
    assert_eq!(third.mesh, "127.0.0.1:7573".parse().unwrap());
    assert_eq!(membership.member_of(Address::repeat_byte(3)), Some(third));
    assert_eq!(membership.member_of(Address::ZERO), None);
}

#[test]
fn before_the_start_there_is_no_threshold() {
    let before = membersReturn { epochNumber: U256::ZERO, threshold: U256::ZERO, ..answer(1) };
    let membership = check(before).unwrap();
    assert!(!membership.is_started());
    assert_eq!(membership.members.len(), 1);
}

#[test]
fn members_are_bounded() {
    assert_eq!(check(answer(MAX_MEMBERS as u8)).unwrap().members.len(), MAX_MEMBERS);
    assert!(check(answer(MAX_MEMBERS as u8 + 1)).is_err());
}

#[test]
fn ids_may_have_gaps_but_ascend_and_fit_into_two_bytes() {
    let with_ids = |ids: [u64; 3]| {
        let mut answer = answer(3);
        answer.list.iter_mut().zip(ids).for_each(|(view, id)| view.id = U256::from(id));
        check(answer).map(|membership| membership.members.iter().map(|m| m.id).collect::<Vec<_>>())
    };
    assert_eq!(with_ids([2, 9, 65_535]), Ok(vec![2, 9, 65_535]));
    for ids in [[0, 1, 2], [2, 1, 3], [1, 2, 2], [1, 2, 65_536], [1, 2, u64::MAX]] {
        assert!(with_ids(ids).is_err(), "{ids:?}");
    }
}

#[test]
fn a_threshold_is_at_least_two_thirds_and_at_most_everybody() {
    let with_threshold = |threshold: u64| {
        check(membersReturn { threshold: U256::from(threshold), ..answer(5) })
            .map(|membership| membership.threshold)
    };
    assert_eq!((with_threshold(4), with_threshold(5)), (Ok(4), Ok(5)));
    for threshold in [0, 3, 6, u64::MAX] {
        assert!(with_threshold(threshold).is_err(), "{threshold}");
    }
}

#[test]
fn contradictions_are_refused() {
    type Alteration = fn(&mut membersReturn);
    let table: [(&str, Alteration); 11] = [
        ("epoch", |a| a.epochNumber = U256::MAX),
        ("threshold", |a| a.threshold -= U256::from(1)),
        ("threshold before the start", |a| a.epochNumber = U256::ZERO),
        ("too few", |a| *a = answer(2)),
        ("id", |a| a.list[1].id = U256::from(3)),
        ("port zero", |a| a.list[1].port = 0),
        ("port above 65535", |a| a.list[1].meshPort = 65_536),
        ("same address", |a| a.list[1].nodeAddress = a.list[0].nodeAddress),
        ("same identity", |a| a.list[1].identityKey = a.list[0].identityKey),
        ("same HTTP endpoint", |a| a.list[1].port = a.list[0].port),
        ("same mesh endpoint", |a| a.list[1].meshPort = a.list[0].meshPort),
    ];
    for (name, alter) in table {
        let mut altered = answer(3);
        alter(&mut altered);
        assert!(check(altered).is_err(), "{name}");
    }
}
