//! Names. Ids that come from outside are checked so that they can stand in a Redis key: no `{`, `}` or `:`.

use std::fmt;
use std::sync::Arc;

use crate::invalid::Invalid;
use crate::time::Millis;

fn check(value: &str, max: usize, allowed: fn(u8) -> bool, said: &str) -> Result<(), Invalid> {
    if value.is_empty() {
        return Err(Invalid::new("required"));
    }
    if value.len() > max || !value.bytes().all(allowed) {
        return Err(Invalid::new(format!("1 to {max} characters of {said}")));
    }
    Ok(())
}

fn slug_byte(b: u8) -> bool {
    b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-'
}

fn request_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.')
}

macro_rules! name {
    ($(#[$doc:meta])* $type:ident, $max:expr, $allowed:expr, $said:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(Arc<str>);

        impl $type {
            /// Takes the name if it is well formed.
            pub fn parse(value: &str) -> Result<Self, Invalid> {
                check(value, $max, $allowed, $said)?;
                Ok(Self(value.into()))
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&*self.0, f)
            }
        }
    };
}

name!(
    /// The tenant.
    Workspace, 64, slug_byte, "a-z 0-9 _ -"
);
name!(
    /// Who works leads.
    RepId, 64, slug_byte, "a-z 0-9 _ -"
);
name!(
    /// A group of reps.
    TeamId, 64, slug_byte, "a-z 0-9 _ -"
);
name!(
    /// Leads nobody owns yet.
    PoolId, 64, slug_byte, "a-z 0-9 _ -"
);
name!(
    /// Geography × industry × size, with reps.
    TerritoryId, 64, slug_byte, "a-z 0-9 _ -"
);
name!(
    /// Where a lead comes from.
    Source, 64, slug_byte, "a-z 0-9 _ -"
);
name!(
    /// A company already a customer, or one that a rep is named for.
    AccountId, 64, slug_byte, "a-z 0-9 _ -"
);
name!(
    /// Leads that meet a condition.
    SegmentId, 64, slug_byte, "a-z 0-9 _ -"
);
name!(
    /// The system that speaks of a rep's calendar.
    CalendarSource, 64, slug_byte, "a-z 0-9 _ -"
);
name!(
    /// A caller's name for one call, repeated when it retries.
    RequestId, 64, request_byte, "A-Z a-z 0-9 _ . -"
);

/// A lead's id: a UUID version 7, made by Leadhand.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LeadId(uuid::Uuid);

impl LeadId {
    /// Before any lead's.
    pub const MIN: Self = Self(uuid::Uuid::nil());

    /// The id of a lead accepted `at` this moment, made unique by 10 random bytes.
    pub fn new(at: Millis, random: [u8; 10]) -> Self {
        let millis = u64::try_from(at.0).unwrap_or(0);
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    /// Chance for a decision that needs some: of the id's random bytes.
    pub(crate) fn chance(self) -> u64 {
        self.0.as_u64_pair().1
    }

    /// The id's 16 bytes, as records keep many of them.
    pub fn bytes(self) -> [u8; 16] {
        self.0.into_bytes()
    }

    /// The id of these bytes.
    pub fn of_bytes(bytes: [u8; 16]) -> Self {
        Self(uuid::Uuid::from_bytes(bytes))
    }

    /// Takes an id that Leadhand gave out.
    pub fn parse(value: &str) -> Result<Self, Invalid> {
        if value.is_empty() {
            return Err(Invalid::new("required"));
        }
        match uuid::Uuid::try_parse(value) {
            Ok(id) if value.len() == 36 => Ok(Self(id)),
            _ => Err(Invalid::new("a lead id as RouteLead answered it")),
        }
    }
}

impl fmt::Display for LeadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.as_hyphenated(), f)
    }
}

impl fmt::Debug for LeadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The number that grows by one with each change of a lead's owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Fence(pub u64);

impl Fence {
    /// The fence of the next owner.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_that_could_break_a_key_are_refused() {
        for bad in ["", "a:b", "{a}", "a b", "Ana", "é", &"x".repeat(65)] {
            assert!(RepId::parse(bad).is_err(), "{bad:?}");
        }
        assert_eq!(RepId::parse("ana-2_b").unwrap().as_str(), "ana-2_b");
        assert!(RequestId::parse("Form.42-a_B").is_ok());
        assert!(RequestId::parse("a:b").is_err());
    }

    #[test]
    fn lead_ids_sort_by_time_and_read_back() {
        let early = LeadId::new(Millis(1_000), [255; 10]);
        let late = LeadId::new(Millis(1_001), [0; 10]);
        assert!(early < late && early.to_string() < late.to_string());
        assert_eq!(LeadId::parse(&early.to_string()), Ok(early));
        assert!(LeadId::parse("00000000000000000000000000000000").is_err());
    }
}
