//! Ties are broken by a recorded seed, so that neither the order of a list nor a name gives an advantage. The hash is fixed
//! here: decisions are replayed by later versions.

use crate::id::RepId;

/// Of two reps equally due, the one with the smaller number is first. `count` is how many leads it has had, so that the
/// answer of one round says nothing about the next.
pub(super) fn tie(seed: u64, rep: &RepId, count: u64) -> u64 {
    // FNV-1a over the name, then the finalizer of splitmix64 (Steele, Lea, Flood, OOPSLA 2014), which spreads it.
    let name = rep
        .as_str()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    mix(mix(name ^ seed).wrapping_add(count))
}

/// The finalizer of splitmix64.
pub(super) fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed by an independent implementation (Python); stored decisions rest on these.
    #[test]
    fn the_hash_stays_as_it_is() {
        let ana = RepId::parse("ana").unwrap();
        assert_eq!(mix(0), 0xe220_a839_7b1d_cdaf, "the first output of splitmix64 seeded with 0");
        assert_eq!(tie(0, &ana, 0), 0x26fd_bd15_811d_44ed);
        assert_eq!(tie(7, &ana, 3), 0xda47_6159_7c74_5297);
    }
}
