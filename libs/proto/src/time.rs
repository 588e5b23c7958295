//! Between the domain's moments and `google.protobuf.Timestamp`.

use leadhand_domain::invalid::Invalid;
use leadhand_domain::time::Millis;
use prost_types::Timestamp;

/// The moment on the wire.
pub fn timestamp(at: Millis) -> Timestamp {
    let millis = at.0.rem_euclid(1000);
    Timestamp {
        seconds: at.0.div_euclid(1000),
        // Below 1000, so the product is below 10^9.
        nanos: i32::try_from(millis).unwrap_or(0) * 1_000_000,
    }
}

/// The moment from the wire, cut to milliseconds. Years 1 to 9999, as `Timestamp` defines.
pub fn millis(at: &Timestamp) -> Result<Millis, Invalid> {
    const YEARS_1_TO_9999: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;
    if !YEARS_1_TO_9999.contains(&at.seconds) || !(0..1_000_000_000).contains(&at.nanos) {
        return Err(Invalid::new("not a timestamp of the years 1 to 9999"));
    }
    Ok(Millis(at.seconds * 1000 + i64::from(at.nanos) / 1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_before_and_after_the_epoch_read_back() {
        for at in [-1_500, -1, 0, 1, 1_700_000_000_123] {
            assert_eq!(millis(&timestamp(Millis(at))), Ok(Millis(at)));
        }
        assert!(millis(&Timestamp { seconds: 0, nanos: -1 }).is_err());
        assert!(millis(&Timestamp { seconds: i64::MAX, nanos: 0 }).is_err());
    }
}
