//! Availability between the domain and the wire.

use leadhand_domain::availability::status::{Reason, Status};
use leadhand_domain::calendar::Kind;
use leadhand_domain::invalid::Invalid;

use crate::availability::v1 as wire;
use crate::time::timestamp;

/// Whether a rep is available, on the wire.
pub fn status(status: Status) -> wire::Status {
    wire::Status {
        available: status.reason().is_none(),
        until: status.until().map(timestamp),
        reason: status.reason().map_or(wire::UnavailableReason::Unspecified, reason).into(),
    }
}

/// Why a rep is unavailable, on the wire.
pub fn reason(reason: Reason) -> wire::UnavailableReason {
    use wire::UnavailableReason as To;
    match reason {
        Reason::Left => To::Left,
        Reason::NotStarted => To::NotStarted,
        Reason::Paused => To::Paused,
        Reason::Leave => To::Leave,
        Reason::Pto => To::Pto,
        Reason::OutOfOffice => To::OutOfOffice,
        Reason::AllDay => To::AllDay,
        Reason::OutsideHours => To::OutsideHours,
        Reason::MeetingsAllDay => To::MeetingsAllDay,
        Reason::Meeting => To::Meeting,
        Reason::Stale => To::Stale,
        Reason::NotSeen => To::NotSeen,
    }
}

/// Why a rep is unavailable, from the wire.
pub fn read_reason(number: i32) -> Result<Reason, Invalid> {
    let known = Reason::ALL.into_iter().find(|known| i32::from(reason(*known)) == number);
    known.ok_or_else(|| Invalid::new("not an UnavailableReason"))
}

/// What an interval says of the rep, from the wire; unspecified is a meeting.
pub fn kind(number: i32) -> Result<Kind, Invalid> {
    let known = u32::try_from(number).ok().and_then(Kind::of);
    known.ok_or_else(|| Invalid::new("not an IntervalKind"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_the_numbers_of_the_wire() {
        for (kind_here, name) in Kind::ALL.iter().zip([
            "MEETING",
            "ALL_DAY",
            "OUT_OF_OFFICE",
            "PTO",
            "LEAVE",
            "TENTATIVE",
            "FREE",
            "WORKING",
        ]) {
            let there = wire::IntervalKind::from_str_name(&format!("INTERVAL_KIND_{name}")).unwrap();
            assert_eq!(kind(there.into()), Ok(*kind_here));
        }
        assert_eq!(kind(0), Ok(Kind::Meeting));
        assert!(kind(9).is_err() && kind(-1).is_err());
    }

    #[test]
    fn reasons_come_in_the_order_in_which_they_are_told() {
        let numbers: Vec<_> = Reason::ALL.into_iter().map(|here| i32::from(reason(here))).collect();
        assert_eq!(numbers, (1..=12).collect::<Vec<_>>());
        assert!(Reason::ALL.into_iter().all(|here| read_reason(reason(here).into()) == Ok(here)));
        assert!(read_reason(0).is_err() && read_reason(13).is_err());
    }
}
