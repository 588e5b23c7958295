//! A month of fifty reps and 20,000 leads, in the model alone and in virtual time, for each way to mix push and pull.
//!
//! Reps keep their hours; some are quick and greedy, some slow and forgetful. Where all leads ended, what was missed and refused,
//! and how even it came out is printed; that nobody was locked out, nothing was late and the mix is exact is asserted, by what
//! the events tell.

use std::sync::LazyLock;

mod leads;
mod modes;
mod month;
mod report;
mod reps;

use leads::Arrival;
use modes::Mode;

/// The same leads for all.
static LEADS: LazyLock<Vec<Arrival>> = LazyLock::new(leads::month);

fn holds_for_a_month(mode: Mode) {
    println!("{}", month::run(mode, &LEADS));
}

#[test]
fn the_pool_comes_first_then_a_rep_then_the_manager() {
    holds_for_a_month(Mode::PoolFirst);
}

#[test]
fn a_rep_comes_first_then_the_pool_then_the_manager() {
    holds_for_a_month(Mode::PushFirst);
}

#[test]
fn sixty_of_a_hundred_are_pushed() {
    holds_for_a_month(Mode::Share(60));
}

#[test]
fn seventy_of_a_hundred_are_pushed() {
    holds_for_a_month(Mode::Share(70));
}

#[test]
fn hot_leads_are_pushed() {
    holds_for_a_month(Mode::Hot);
}

#[test]
fn leads_of_strategic_accounts_are_pushed() {
    holds_for_a_month(Mode::Strategic);
}

#[test]
fn each_source_goes_its_own_way() {
    holds_for_a_month(Mode::Source);
}
