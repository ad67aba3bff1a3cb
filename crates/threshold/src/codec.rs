//! Bytes on the link: fixed-width big-endian numbers, `u32` element counts, canonical points and
//! scalars, nothing left over.

use thiserror::Error;

/// Why bytes are not a message.
#[derive(Debug, Error, PartialEq, Eq, Clone, Copy)]
pub enum DecodeError {
    /// The bytes end before the value does.
    #[error("the message ends too early")]
    TooShort,
    /// Bytes are left after the value, or there are more than the form allows.
    #[error("bytes are left over after the message")]
    TooLong,
    /// The bytes are of the right length and say what no encoder writes; names what they should be.
    #[error("`{0}` is not in its canonical form")]
    NotCanonical(&'static str),
}

/// Writes itself in the one form that [`Decode`] accepts.
pub trait Encode {
    /// Appends the one form of this value.
    fn encode(&self, out: &mut Vec<u8>);

    /// The one form of this value, by itself.
    fn encoded(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode(&mut out);
        out
    }
}

/// Reads what [`Encode`] wrote, and rejects everything else.
pub trait Decode: Sized {
    /// Reads one value from the front of what is left.
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError>;

    /// Decodes the whole of `bytes`.
    fn decode_all(bytes: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader(bytes);
        let value = Self::decode(&mut reader)?;
        if reader.0.is_empty() { Ok(value) } else { Err(DecodeError::TooLong) }
    }
}

/// What is still to be read.
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    /// The next `count` bytes.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(DecodeError::TooShort)?;
        self.0 = rest;
        Ok(taken)
    }

    /// The next `N` bytes.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or(DecodeError::TooShort)?;
        self.0 = rest;
        Ok(*taken)
    }
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Encode for $number {
            fn encode(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_be_bytes());
            }
        }
        impl Decode for $number {
            fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
                Ok(<$number>::from_be_bytes(reader.array()?))
            }
        }
    )*};
}
numbers!(u16, u32, u64);

impl<const N: usize> Encode for [u8; N] {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }
}

impl<const N: usize> Decode for [u8; N] {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.array()
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, out: &mut Vec<u8>) {
        (self.len() as u32).encode(out);
        for item in self {
            item.encode(out);
        }
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let count = u32::decode(reader)? as usize;
        // Nothing encodes to less than a byte, so the count cannot make us allocate more than the
        // message is long.
        if count > reader.0.len() {
            return Err(DecodeError::TooShort);
        }
        let mut items = Vec::new();
        for _ in 0..count {
            items.push(T::decode(reader)?);
        }
        Ok(items)
    }
}

/// A run of raw bytes, encoded in one copy.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Bytes(pub Vec<u8>);

impl Encode for Bytes {
    fn encode(&self, out: &mut Vec<u8>) {
        (self.0.len() as u32).encode(out);
        out.extend_from_slice(&self.0);
    }
}

impl Decode for Bytes {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let count = u32::decode(reader)? as usize;
        Ok(Bytes(reader.take(count)?.to_vec()))
    }
}

/// Where a field stands in an encoded message; the tests that alter one field at a time walk these.
pub type FieldSpans = Vec<(&'static str, core::ops::Range<usize>)>;

/// A message body: a struct whose fields are encoded in order.
pub trait Message: Encode + Decode {
    /// The kind, as errors and tests name it.
    const KIND: &'static str;

    /// Every field with the bytes it takes in [`Encode::encoded`].
    fn field_spans(&self) -> FieldSpans;
}

/// Declares message structs with [`Encode`], [`Decode`] and [`Message`]. A message over any curve
/// is declared as `Name<C: Curve>`.
#[macro_export]
macro_rules! messages {
    ($($(#[$meta:meta])* $visibility:vis struct $name:ident $(<$curve:ident: $bound:path>)? { $($(#[$field_meta:meta])* $field_visibility:vis $field:ident: $type:ty),* $(,)? })*) => {$(
        $(#[$meta])*
        $visibility struct $name $(<$curve: $bound>)? { $($(#[$field_meta])* $field_visibility $field: $type),* }

        impl $(<$curve: $bound>)? $crate::codec::Encode for $name $(<$curve>)? {
            fn encode(&self, out: &mut Vec<u8>) {
                $($crate::codec::Encode::encode(&self.$field, out);)*
            }
        }

        impl $(<$curve: $bound>)? $crate::codec::Decode for $name $(<$curve>)? {
            fn decode(reader: &mut $crate::codec::Reader<'_>) -> Result<Self, $crate::codec::DecodeError> {
                Ok($name { $($field: $crate::codec::Decode::decode(reader)?),* })
            }
        }

        impl $(<$curve: $bound>)? $crate::codec::Message for $name $(<$curve>)? {
            const KIND: &'static str = stringify!($name);

            fn field_spans(&self) -> $crate::codec::FieldSpans {
                let mut out = Vec::new();
                let mut spans = Vec::new();
                $(
                    let start = out.len();
                    $crate::codec::Encode::encode(&self.$field, &mut out);
                    spans.push((stringify!($field), start..out.len()));
                )*
                spans
            }
        }
    )*};
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_of_fixed_width_and_big_endian() {
        assert_eq!(0x0102u16.encoded(), [1, 2]);
        assert_eq!(0x0102_0304u32.encoded(), [1, 2, 3, 4]);
        assert_eq!(0x0102_0304_0506_0708u64.encoded(), [1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(u32::decode_all(&[1, 2, 3, 4]), Ok(0x0102_0304));
    }

    #[test]
    fn every_length_but_the_right_one_is_refused() {
        assert_eq!(u32::decode_all(&[0; 3]), Err(DecodeError::TooShort));
        assert_eq!(u32::decode_all(&[0; 5]), Err(DecodeError::TooLong));
        assert_eq!(<[u8; 3]>::decode_all(&[1, 2]), Err(DecodeError::TooShort));
        assert_eq!(<[u8; 3]>::decode_all(&[1, 2, 3]), Ok([1, 2, 3]));
        assert_eq!([4u8, 5].encoded(), [4, 5]);
    }

    #[test]
    fn lists_carry_their_count_and_bytes_their_length() {
        let list = vec![[1u8], [2], [3]];
        assert_eq!(list.encoded(), [0, 0, 0, 3, 1, 2, 3]);
        assert_eq!(Vec::<[u8; 1]>::decode_all(&list.encoded()), Ok(list));
        assert_eq!(Vec::<[u8; 1]>::decode_all(&[0, 0, 0, 0]), Ok(vec![]));
        assert_eq!(Bytes(vec![9, 8]).encoded(), [0, 0, 0, 2, 9, 8]);
        assert_eq!(Bytes::decode_all(&[0, 0, 0, 2, 9, 8]), Ok(Bytes(vec![9, 8])));
        assert_eq!(Bytes::decode_all(&[0, 0, 0, 2, 9]), Err(DecodeError::TooShort));
        assert_eq!(Bytes::decode_all(&[0, 0, 0, 1, 9, 8]), Err(DecodeError::TooLong));
    }

    /// Reads nothing, and would do so four thousand million times if a count could say so.
    #[derive(PartialEq, Eq, Debug)]
    struct Never;

    impl Decode for Never {
        fn decode(_: &mut Reader<'_>) -> Result<Self, DecodeError> {
            panic!("a count beyond the bytes at hand is refused before anything is read")
        }
    }

    #[test]
    fn a_count_beyond_the_bytes_at_hand_reads_nothing() {
        assert_eq!(Vec::<Never>::decode_all(&[0xff; 8]), Err(DecodeError::TooShort));
        assert_eq!(Vec::<Never>::decode_all(&[0, 0, 0, 3, 1, 2]), Err(DecodeError::TooShort));
    }

    #[test]
    fn a_reader_gives_what_is_next_and_keeps_the_rest() {
        let mut reader = Reader(&[1, 2, 3, 4, 5]);
        assert_eq!(reader.take(2), Ok(&[1, 2][..]));
        assert_eq!(reader.array(), Ok([3, 4]));
        assert_eq!(reader.take(2), Err(DecodeError::TooShort));
        assert_eq!((reader.array::<2>(), reader.0), (Err(DecodeError::TooShort), &[5][..]));
    }

    messages! {
        #[derive(PartialEq, Eq, Debug)]
        struct Pair { first: u16, second: Bytes }
    }

    #[test]
    fn a_message_is_its_fields_in_order_and_knows_where_they_stand() {
        let pair = Pair { first: 7, second: Bytes(vec![1, 2]) };
        assert_eq!(pair.encoded(), [0, 7, 0, 0, 0, 2, 1, 2]);
        assert_eq!(Pair::decode_all(&pair.encoded()).as_ref(), Ok(&pair));
        assert_eq!(
            (Pair::KIND, pair.field_spans()),
            ("Pair", vec![("first", 0..2), ("second", 2..8)])
        );
    }
}
