//! What keeps pull fair: the rules that a rep meets between looking at a pool and owning a lead.
//!
//! One small file for each family of rules, and [`settings`] with what the policy says of all of them.

pub mod selection;
pub mod settings;
