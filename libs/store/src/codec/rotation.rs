//! Rotations.

use leadhand_domain::id::{RepId, TeamId};
use leadhand_domain::rotation::{Balance, Rotation, Seat};
use leadhand_proto::store::v1 as stored;
use leadhand_proto::store::v1::seat::Balance as StoredBalance;

use super::Fault;

pub(super) fn to_stored(rotation: &Rotation) -> stored::Rotation {
    stored::Rotation {
        team: rotation.team.to_string(),
        clock: Some(fixed(rotation.clock)),
        given: rotation.given,
        seats: rotation
            .seats
            .iter()
            .map(|seat| stored::Seat {
                rep: seat.rep.to_string(),
                weight: seat.weight,
                given: seat.given,
                balance: Some(match seat.balance {
                    Balance::Level(level) => StoredBalance::Level(fixed(level)),
                    Balance::Owed(owed) => StoredBalance::Owed(fixed(owed)),
                }),
            })
            .collect(),
    }
}

pub(super) fn from_stored(from: stored::Rotation) -> Result<Rotation, Fault> {
    let mut seats = Vec::with_capacity(from.seats.len());
    for seat in from.seats {
        seats.push(Seat {
            rep: RepId::parse(&seat.rep)?,
            weight: seat.weight,
            given: seat.given,
            balance: match seat.balance {
                Some(StoredBalance::Level(level)) => Balance::Level(number(&level)),
                Some(StoredBalance::Owed(owed)) => Balance::Owed(number(&owed)),
                None => return Err(Fault::Other("seat without balance")),
            },
        });
    }
    Ok(Rotation {
        team: TeamId::parse(&from.team)?,
        clock: from.clock.as_ref().map_or(0, number),
        given: from.given,
        seats,
    })
}

fn fixed(number: i128) -> stored::Fixed {
    // The halves of the two's complement: the shift keeps the sign, the mask keeps 64 bits.
    stored::Fixed { high: (number >> 64) as i64, low: (number & i128::from(u64::MAX)) as u64 }
}

fn number(fixed: &stored::Fixed) -> i128 {
    i128::from(fixed.high) << 64 | i128::from(fixed.low)
}
