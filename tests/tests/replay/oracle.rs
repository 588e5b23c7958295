//! Who gets a lead when an input is another one, worked out by itself: from the numbers that a stored choice shows, in
//! floating point, by the rule as it is written down.

use leadhand_domain::rotation::{Kind, ONE, Standing, Trace};

/// Two that are due within this are equally due.
const NEAR: f64 = 1e-9;

/// Who goes first: who is owed enough, then who is due first, then the smallest of what needs no reckoning.
type Due = (bool, f64, (i128, u64));

/// A candidate as one may reckon with it.
#[derive(Debug, Clone, Default)]
struct Chair {
    rep: String,
    weight: f64,
    given: u64,
    /// By leads: what it is owed before the lead.
    stands: f64,
    /// The same to the last binary place, with the weight.
    owed: (i128, u32),
    /// By score, its level; by load, what it has to do and its last turn.
    exact: (i128, u64),
}

/// What is another one.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Input<'a> {
    /// A rep's weight, by this factor.
    Weight(&'a str, f64),
    /// A rep, who is away.
    Away(&'a str),
}

/// Who gets the lead then; `None` when that cannot be told: the trace does not show all who were present, nobody is left, or
/// two are nearly equally due.
pub(crate) fn chosen(trace: &Trace, input: Input<'_>) -> Option<String> {
    if trace.candidates.len() != trace.present as usize {
        return None;
    }
    let sum: f64 = trace.candidates.iter().map(|candidate| f64::from(candidate.weight)).sum();
    let mut chairs: Vec<Chair> = trace
        .candidates
        .iter()
        .map(|candidate| {
            let weight = f64::from(candidate.weight);
            let rep = candidate.rep.to_string();
            let chair = Chair { rep, weight, given: candidate.given, ..Chair::default() };
            match candidate.standing {
                // The trace counts the lead as due; each is due its share of it.
                Standing::Owed(owed) => {
                    let stands = owed as f64 / ONE as f64 - weight / sum;
                    Chair { stands, owed: (owed, candidate.weight), ..chair }
                }
                Standing::Score(level) => Chair { exact: (level, 0), ..chair },
                Standing::Load { open, last_turn } => Chair { exact: (open.into(), last_turn), ..chair },
            }
        })
        .collect();
    match input {
        // What is owed stays when the weight changes.
        Input::Weight(rep, factor) => {
            chairs.iter_mut().filter(|chair| chair.rep == rep).for_each(|chair| chair.weight *= factor);
        }
        Input::Away(rep) => leave(&mut chairs, rep, trace.kind),
    }
    let due: Vec<Due> = match trace.kind {
        Kind::Load | Kind::Score => chairs.iter().map(|chair| (false, 0.0, chair.exact)).collect(),
        _ => by_leads(&chairs),
    };
    let first = due.iter().copied().min_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)))?;
    let due = chairs.iter().zip(&due);
    let tied = due.filter(|(_, due)| due.0 == first.0 && (due.1 - first.1).abs() < NEAR && due.2 == first.2);
    let mut tied: Vec<_> = tied.map(|(chair, _)| chair).collect();
    // Of two by leads that are nearly equally due, the last of 64 binary places decides: it is not for floating point to tell.
    if tied.iter().any(|chair| chair.owed != tied[0].owed) {
        return None;
    }
    tied.sort_by_key(|chair| tie(trace.seed, &chair.rep, chair.given));
    Some(tied.first()?.rep.clone())
}

/// By leads, what those who stay are owed is measured against each other: it sums to nothing again.
fn leave(chairs: &mut Vec<Chair>, rep: &str, kind: Kind) {
    chairs.retain(|chair| chair.rep != rep);
    if matches!(kind, Kind::Load | Kind::Score) {
        return;
    }
    let (owed, weights) = chairs.iter().fold((0.0, 0.0), |(o, w), chair| (o + chair.stands, w + chair.weight));
    for chair in chairs {
        chair.stands -= chair.weight * owed / weights;
    }
}

/// Of those who are owed `1/(2n−2)` with this lead counted, the one first who would be the first to be owed too much.
fn by_leads(chairs: &[Chair]) -> Vec<Due> {
    let sum: f64 = chairs.iter().map(|chair| chair.weight).sum();
    let n = chairs.len() as f64;
    let least = if n > 1.0 { 1.0 / (2.0 * n - 2.0) } else { 0.0 };
    let due = |chair: &Chair| {
        let owed = chair.stands + chair.weight / sum;
        (owed < least - NEAR, (1.0 - least - owed) / chair.weight, (0, 0))
    };
    chairs.iter().map(due).collect()
}

/// Which of two who are equally due goes first: FNV-1a over the name and the seed, spread by the finalizer of splitmix64.
fn tie(seed: u64, rep: &str, given: u64) -> u64 {
    let spread = |number: u64| {
        let z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let mut name = 0xcbf2_9ce4_8422_2325_u64;
    for byte in rep.bytes() {
        name = (name ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    spread(spread(name ^ seed).wrapping_add(given))
}
