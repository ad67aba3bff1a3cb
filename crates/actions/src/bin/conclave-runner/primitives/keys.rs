//! The keys of tokens, in the forms in which they are passed around.

use pkcs1::{RsaPrivateKeyRef, RsaPublicKeyRef};
use pkcs8::der::{Decode, Encode};
use pkcs8::spki::SubjectPublicKeyInfoRef;
use pkcs8::{ObjectIdentifier, PrivateKeyInfoRef};
use rquickjs::{Ctx, Function, Object, Result};
use sec1::EcPrivateKey;
use x509_cert::Certificate;

use super::bytes;

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const ELLIPTIC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");

/// Adds the functions to `object`.
pub(super) fn define<'js>(ctx: &Ctx<'js>, object: &Object<'js>) -> Result<()> {
    object.set("readKey", Function::new(ctx.clone(), read)?)
}

enum Key {
    Rsa { modulus: Vec<u8>, exponent: Vec<u8>, secret: Option<Vec<u8>> },
    Elliptic { curve: &'static str, point: Vec<u8>, secret: Option<Vec<u8>> },
}

/// The key in a block of this label, as hex by the names of its parts; `undefined` when it is none
/// that is known.
fn read<'js>(ctx: Ctx<'js>, label: String, der: String) -> Result<Option<Object<'js>>> {
    let Some(key) = parse(&label, &bytes(&ctx, &der)?) else { return Ok(None) };
    let object = Object::new(ctx)?;
    let secret = match key {
        Key::Rsa { modulus, exponent, secret } => {
            object.set("type", "rsa")?;
            object.set("modulus", hex::encode(modulus))?;
            object.set("exponent", hex::encode(exponent))?;
            secret
        }
        Key::Elliptic { curve, point, secret } => {
            object.set("type", "ec")?;
            object.set("curve", curve)?;
            object.set("point", hex::encode(point))?;
            secret
        }
    };
    if let Some(secret) = secret {
        object.set("secret", hex::encode(secret))?;
    }
    Ok(Some(object))
}

fn parse(label: &str, der: &[u8]) -> Option<Key> {
    match label {
        "PUBLIC KEY" => public(der),
        "CERTIFICATE" => {
            let certificate = Certificate::from_der(der).ok()?;
            public(&certificate.tbs_certificate().subject_public_key_info().to_der().ok()?)
        }
        "RSA PUBLIC KEY" => rsa_public(der),
        "PRIVATE KEY" => {
            let info = PrivateKeyInfoRef::from_der(der).ok()?;
            match info.algorithm.oid {
                RSA => rsa_private(info.private_key.as_bytes()),
                ELLIPTIC => elliptic_private(
                    info.private_key.as_bytes(),
                    info.algorithm.parameters_oid().ok(),
                ),
                _ => None,
            }
        }
        "RSA PRIVATE KEY" => rsa_private(der),
        "EC PRIVATE KEY" => elliptic_private(der, None),
        _ => None,
    }
}

fn public(der: &[u8]) -> Option<Key> {
    let info = SubjectPublicKeyInfoRef::from_der(der).ok()?;
    let key = info.subject_public_key.as_bytes()?;
    match info.algorithm.oid {
        RSA => rsa_public(key),
        ELLIPTIC => elliptic(info.algorithm.parameters_oid().ok()?, key, None),
        _ => None,
    }
}

fn rsa_public(der: &[u8]) -> Option<Key> {
    let key = RsaPublicKeyRef::from_der(der).ok()?;
    let [modulus, exponent] =
        [key.modulus, key.public_exponent].map(|number| number.as_bytes().to_vec());
    Some(Key::Rsa { modulus, exponent, secret: None })
}

fn rsa_private(der: &[u8]) -> Option<Key> {
    let key = RsaPrivateKeyRef::from_der(der).ok()?;
    let [modulus, exponent] =
        [key.modulus, key.public_exponent].map(|number| number.as_bytes().to_vec());
    Some(Key::Rsa { modulus, exponent, secret: Some(der.to_vec()) })
}

/// The curve stands inside the key, or around it.
fn elliptic_private(der: &[u8], around: Option<ObjectIdentifier>) -> Option<Key> {
    let key = EcPrivateKey::from_der(der).ok()?;
    let curve = key.parameters.and_then(|parameters| parameters.named_curve()).or(around)?;
    elliptic(curve, key.public_key?, Some(key.private_key.to_vec()))
}

fn elliptic(curve: ObjectIdentifier, point: &[u8], secret: Option<Vec<u8>>) -> Option<Key> {
    let curve = match curve {
        P256 => "prime256v1",
        P384 => "secp384r1",
        _ => return None,
    };
    Some(Key::Elliptic { curve, point: point.to_vec(), secret })
}
