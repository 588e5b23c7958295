//! The pure core: what Leadhand decides and why.
//!
//! Every operation is a function from a snapshot, a command, a policy and a moment to a [`change::Change`] or a
//! [`refusal::Refusal`]. Nothing here reads a clock, draws a random number, or does I/O; whoever calls hands those in. So
//! every decision can be tested in microseconds and replayed to the same answer.
//!
//! | module | holds |
//! |---|---|
//! | [`id`], [`time`] | names and moments |
//! | [`lead`], [`intake`] | a lead, and how one is normalised |
//! | [`company`], [`industry`] | by what a lead's company and its line of business are recognised |
//! | [`geography`], [`territory`] | where a lead is, and which territory it falls into |
//! | [`expression`] | a condition on a lead, in CEL |
//! | [`policy`] | the workspace's document, checked and indexed |
//! | [`record`], [`change`], [`event`], [`answer`] | what is stored, changed, told and remembered |
//! | [`rotation`], [`quota`], [`calendar`], [`presence`], [`working`] | the rules a decision consults |
//! | [`guardrail`] | what keeps pull fair |
//! | [`conduct`] | what is held against a rep, and what it leads to |
//! | [`figures`], [`tiers`] | what reps make of leads, and the tiers that follow from it each week |
//! | [`floor`], [`rounds`] | what else comes by the calendar |
//! | [`route`], [`view`], [`skip`], [`claim`], [`contact`], [`availability`], [`visibility`] | the decisions |
//! | [`assign`], [`offboard`], [`activity`], [`erase`] | what managers order and owners record |
//! | [`search`] | leads by what people type |
//! | [`explain`] | why a lead went where it went |

pub mod accept;
pub mod account;
pub mod activity;
pub mod answer;
pub mod assign;
pub mod availability;
pub mod calendar;
pub mod change;
pub mod claim;
pub mod company;
pub mod conduct;
pub mod contact;
pub mod enrichment;
pub mod erase;
pub mod event;
pub mod explain;
pub mod expression;
pub mod feed;
pub mod figures;
pub mod floor;
mod fold;
pub mod geography;
pub mod guardrail;
pub mod id;
pub mod industry;
pub mod intake;
pub mod invalid;
pub mod lead;
pub mod likeness;
pub mod offboard;
pub mod outcome;
pub mod policy;
pub mod presence;
pub mod quota;
pub mod record;
pub mod refusal;
pub mod rotation;
pub mod rounds;
pub mod route;
pub mod search;
pub mod skip;
pub mod territory;
pub mod tiers;
pub mod time;
pub mod timer;
pub mod update;
pub mod view;
pub mod visibility;
pub mod working;
