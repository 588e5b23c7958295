//! Rotations.

use leadhand_domain::id::{RepId, TeamId};
use leadhand_domain::rotation::{Balance, Course, Head, RANGE, Seat};
use leadhand_proto::store::v1 as stored;
use leadhand_proto::store::v1::balance::Standing;

use super::Fault;

pub(super) fn head_to_stored(head: &Head) -> stored::Rotation {
    stored::Rotation {
        team: head.team.to_string(),
        clock: Some(fixed(head.leads.clock)),
        given: head.given,
        seed: head.seed,
        turns: head.turns,
        middle: Some(fixed(head.leads.middle)),
        score_clock: Some(fixed(head.scores.clock)),
        score_middle: Some(fixed(head.scores.middle)),
        room: head.room,
    }
}

pub(super) fn head_from_stored(from: stored::Rotation) -> Result<Head, Fault> {
    Ok(Head {
        team: TeamId::parse(&from.team)?,
        seed: from.seed,
        given: from.given,
        turns: from.turns,
        leads: Course { clock: number_or_0(from.clock)?, middle: number_or_0(from.middle)? },
        scores: Course { clock: number_or_0(from.score_clock)?, middle: number_or_0(from.score_middle)? },
        room: from.room,
    })
}

pub(super) fn seat_to_stored(seat: &Seat) -> stored::Seat {
    stored::Seat {
        rep: seat.rep.to_string(),
        weight: seat.weight,
        given: seat.given,
        team: seat.team.to_string(),
        credited: seat.credited,
        charged: seat.charged,
        score_sum: seat.score_sum,
        last_turn: seat.last_turn,
        waiting: seat.waiting,
        leads: seat.leads.map(balance_to_stored),
        scores: seat.scores.map(balance_to_stored),
    }
}

pub(super) fn seat_from_stored(from: stored::Seat) -> Result<Seat, Fault> {
    Ok(Seat {
        team: TeamId::parse(&from.team)?,
        rep: RepId::parse(&from.rep)?,
        weight: from.weight,
        given: from.given,
        credited: from.credited,
        charged: from.charged,
        score_sum: from.score_sum,
        last_turn: from.last_turn,
        waiting: from.waiting,
        leads: from.leads.map(balance_from_stored).transpose()?,
        scores: from.scores.map(balance_from_stored).transpose()?,
    })
}

fn balance_to_stored(balance: Balance) -> stored::Balance {
    match balance {
        Balance::Present { level, until } => {
            stored::Balance { standing: Some(Standing::Level(fixed(level))), until: until.map(fixed), from: None }
        }
        Balance::Away { owed, from } => {
            stored::Balance { standing: Some(Standing::Owed(fixed(owed))), until: None, from: from.map(fixed) }
        }
    }
}

fn balance_from_stored(from: stored::Balance) -> Result<Balance, Fault> {
    match from.standing {
        Some(Standing::Level(level)) => {
            Ok(Balance::Present { level: number(level)?, until: from.until.map(number).transpose()? })
        }
        Some(Standing::Owed(owed)) => {
            Ok(Balance::Away { owed: number(owed)?, from: from.from.map(number).transpose()? })
        }
        None => Err(Fault::Other("seat without balance")),
    }
}

fn fixed(number: i128) -> stored::Fixed {
    // The halves of the two's complement: the shift keeps the sign, the mask keeps 64 bits.
    stored::Fixed { high: (number >> 64) as i64, low: (number & i128::from(u64::MAX)) as u64 }
}

fn number_or_0(fixed: Option<stored::Fixed>) -> Result<i128, Fault> {
    fixed.map_or(Ok(0), number)
}

fn number(fixed: stored::Fixed) -> Result<i128, Fault> {
    let number = i128::from(fixed.high) << 64 | i128::from(fixed.low);
    // The domain takes in no more; to bend the number to it would be a guess.
    if (-RANGE..=RANGE).contains(&number) { Ok(number) } else { Err(Fault::Other("rotation out of range")) }
}
