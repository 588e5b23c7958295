//! A month of fifty reps and 20,000 leads, in the model alone and in virtual time, for each way to mix push and pull.
//!
//! Reps keep their hours; some are quick and greedy, some slow and forgetful. Where all leads ended, what was missed and refused,
//! and how even it came out is printed; that nobody was locked out, nothing was late and the mix is exact is asserted, by what
//! the events tell.

use std::thread;

mod leads;
mod modes;
mod month;
mod report;
mod reps;

use modes::MODES;

/// How many simulations run at once.
const AT_ONCE: usize = 2;

#[test]
fn each_way_to_mix_push_and_pull_holds_for_a_month() {
    let leads = leads::month();
    for some in MODES.chunks(AT_ONCE) {
        let reports = thread::scope(|threads| {
            let leads = &leads;
            let runs: Vec<_> = some.iter().map(|mode| threads.spawn(move || month::run(*mode, leads))).collect();
            runs.into_iter().map(|run| run.join()).collect::<Vec<_>>()
        });
        for report in reports {
            println!("{}", report.expect("what must hold holds, else it is told above"));
        }
    }
}
