//! By what a lead's company is recognised: its domain, and its name without its legal form.
//!
//! A domain says more than a name, so accounts are matched by domain first. Two things stand between a host name and an
//! account: which part of it someone registered ([`domain`]), and whether anyone can have it ([`mail`]). A name says
//! something only after what varies in writing is taken off it ([`name`]).

pub mod domain;
pub mod mail;
pub mod name;

/// The longest name of a company, in characters.
pub const MAX_NAME: usize = 200;

/// The longest industry, in characters.
pub(crate) const MAX_INDUSTRY: usize = 100;

/// The longest name of a city, in characters.
pub(crate) const MAX_CITY: usize = 100;
