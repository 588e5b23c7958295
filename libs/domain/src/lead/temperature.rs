//! How promising a lead is.

/// How promising a lead is, by its score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Temperature {
    /// 80 and more.
    Hot,
    /// 50 to 79.
    Warm,
    /// Below 50, or not known.
    Cold,
}

impl Temperature {
    /// Of a score.
    pub fn of(score: Option<u8>) -> Self {
        match score {
            Some(80..) => Self::Hot,
            Some(50..) => Self::Warm,
            _ => Self::Cold,
        }
    }

    /// As policies and programs spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hot => "hot",
            Self::Warm => "warm",
            Self::Cold => "cold",
        }
    }
}
