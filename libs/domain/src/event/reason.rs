//! What reps and platforms say why they do something.

/// Why a rep declines an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeclineReason {
    /// Too much to do.
    Busy,
    /// Not the rep's field.
    NotMyField,
    /// The rep has to do with the prospect in another way.
    ConflictOfInterest,
    /// The rep does not speak the prospect's language.
    Language,
    /// Anything else.
    Other,
}

/// Why an owner gives a lead back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReleaseReason {
    /// Too much to do.
    Busy,
    /// Not the rep's field.
    NotMyField,
    /// The rep has to do with the prospect in another way.
    ConflictOfInterest,
    /// The rep does not speak the prospect's language.
    Language,
    /// It was lost for doing nothing about it in time; no rep says so.
    NotActedOn,
    /// Anything else.
    Other,
}

/// Why a lead is credited back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreditReason {
    /// Nobody could be reached: the address or the number is wrong, or made up.
    Unreachable,
    /// It is another lead once more.
    Duplicate,
    /// It was never one to be won: a student, a competitor, a supplier.
    NotALead,
    /// It was not this team's to work.
    WrongTeam,
    /// Anything else.
    Other,
}
