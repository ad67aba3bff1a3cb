use super::*;
use k256::elliptic_curve::ops::Reduce;
use k256::elliptic_curve::point::AffineCoordinates;
use k256::elliptic_curve::sec1::ToSec1Point;
use k256::{FieldBytes, ProjectivePoint};

/// A call whose signature was split in two.
fn signed_by(replies: impl Fn(Reply, Reply) -> Vec<Reply>) -> Call {
    let (key, nonce, digest) = (Scalar::from(0xfeed_u64), Scalar::from(0xbeef_u64), [0x42; 32]);
    let big_r = (ProjectivePoint::GENERATOR * nonce).to_affine();
    let (h, r) = (
        <Scalar as Reduce<FieldBytes>>::reduce(&digest.into()),
        <Scalar as Reduce<FieldBytes>>::reduce(&big_r.x()),
    );
    let s = nonce.invert().unwrap() * (h + r * key);
    let share = |scalar: Scalar| Reply::Share {
        big_r: compressed(big_r.into()),
        scalar: scalar.to_bytes().into(),
        assignment: None,
    };
    let public_key = compressed(ProjectivePoint::GENERATOR * key);
    Call {
        public_key,
        digest: Digest::new(digest),
        replies: replies(share(Scalar::from(5u64)), share(s - Scalar::from(5u64))),
    }
}

fn compressed(point: ProjectivePoint) -> [u8; 33] {
    point.to_affine().to_sec1_point(true).as_bytes().try_into().unwrap()
}

fn refused(code: ErrorCode, message: &str, id: &str) -> Reply {
    let body = ErrorBody { correlation_id: Some(id.into()), ..ErrorBody::new(code, message, None) };
    Reply::Refused(Box::new(body))
}

fn silent() -> Reply {
    Reply::Silent("nobody there".into())
}

#[test]
fn two_shares_of_one_signature_are_signed_whatever_the_third_node_does() {
    for third in [Reply::Empty, silent(), refused(ErrorCode::ConclaveRetry, "again", "a")] {
        let call = signed_by(|one, two| vec![one, third.clone(), two]);
        assert!(matches!(call.verdict(), Verdict::Signed(_)), "{third:?}");
    }
}

#[test]
fn one_share_alone_is_no_success_of_all_nodes() {
    let wrong = |call: Call| assert!(matches!(call.verdict(), Verdict::Wrong(_)), "{call}");
    wrong(signed_by(|one, _| vec![one, Reply::Empty, Reply::Empty]));
    wrong(signed_by(|one, _| vec![one.clone(), one, silent()]));
    wrong(signed_by(|_, _| vec![Reply::Empty, Reply::Empty, Reply::Empty]));
    wrong(signed_by(|one, _| vec![one, Reply::Nonsense { status: 200 }, silent()]));
}

#[test]
fn shares_of_two_nonces_are_never_right() {
    let other = Reply::Share {
        big_r: compressed(ProjectivePoint::GENERATOR),
        scalar: [1; 32],
        assignment: None,
    };
    let call = signed_by(|one, _| vec![one, other.clone(), silent()]);
    assert_eq!(call.verdict(), Verdict::Wrong("two sets answered one call".into()));
}

#[test]
fn refusals_are_retryable_only_in_the_same_words() {
    let again = |id| refused(ErrorCode::ConclaveRetry, "again", id);
    let verdict = |two: Reply, three: Reply| {
        signed_by(|one, _| vec![one, two.clone(), three.clone()]).verdict()
    };
    assert_eq!(verdict(again("a"), again("b")), Verdict::Retryable);
    assert_eq!(verdict(again("a"), silent()), Verdict::Retryable);
    assert!(matches!(
        verdict(again("a"), refused(ErrorCode::ConclaveRetry, "once more", "a")),
        Verdict::Wrong(_)
    ));
    assert!(matches!(
        verdict(again("a"), refused(ErrorCode::RequestTimeout, "again", "a")),
        Verdict::Wrong(_)
    ));
}
