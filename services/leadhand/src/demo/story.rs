//! What is shown while the demo runs: a bar where there is a terminal, else a line now and then; on standard error, so that
//! the report alone is the output.

use std::cell::Cell;
use std::io::{IsTerminal, stderr};

use indicatif::{ProgressBar, ProgressStyle};

use super::book::{Book, Did};
use crate::client::Session;
use crate::outline::Outline;
use crate::output;

const TEMPLATE: &str = "{bar:30} {pos} of {len} leads routed  {msg}";

/// The story as it is told.
#[derive(Debug)]
pub(super) struct Story {
    bar: Option<ProgressBar>,
    silent: bool,
    total: u64,
    /// How many tenths of the leads have been told of.
    tenths: Cell<u64>,
}

impl Story {
    /// Says what will be seen.
    pub(super) fn begin(session: &Session, outline: &Outline, total: u64) -> Self {
        let bar = (!session.json && stderr().is_terminal()).then(|| {
            let style = ProgressStyle::with_template(TEMPLATE);
            // The template is a constant that a test parses.
            ProgressBar::new(total).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        let story = Self { bar, silent: session.json, total, tenths: Cell::new(0) };
        story.say(&format!("the suite is up at {}: router, pool, rep-availability, notification", session.server));
        for team in &outline.teams {
            let reps: Vec<String> = team.reps.iter().map(|rep| format!("{} ({})", rep.id, rep.weight)).collect();
            story.say(&format!("team {} takes turns by weight: {}", team.id, reps.join(", ")));
        }
        story.say(&format!(
            "{total} leads arrive in batches; the reps call their leads and claim more from the pools\n"
        ));
        story
    }

    /// Tells of what is worth a line.
    pub(super) fn tell(&self, did: &Did) {
        match did {
            Did::Busy(busy) => {
                let ms = busy.to_ms - busy.from_ms;
                self.say(&format!(
                    "  {} is out of office for the next {}, says the calendar",
                    busy.rep,
                    output::millis(ms)
                ));
            }
            Did::ClaimRefused { rep, reason, retry_after: Some(wait) } => {
                self.say(&format!(
                    "  {rep} asks for one more claim: refused, {reason}, again in {}",
                    output::length(*wait)
                ));
            }
            Did::Resumed => self.say("  the event stream was interrupted and resumes"),
            Did::Failed { what, status } => self.say(&format!("  {what} failed: {}", status.message())),
            Did::Routed { .. }
            | Did::Claimed { .. }
            | Did::ClaimRefused { .. }
            | Did::Contacted { .. }
            | Did::Calendar
            | Did::Policy
            | Did::Seen(_) => {}
        }
    }

    /// Moves the bar, or prints a line at every tenth.
    pub(super) fn progress(&self, book: &Book) {
        let routed = book.assigned + book.pooled;
        let told = format!(
            "{} assigned, {} pooled, {} claimed ({} refused), {} contacted",
            book.assigned, book.pooled, book.claimed, book.refused, book.contacted
        );
        if let Some(bar) = &self.bar {
            bar.set_position(routed);
            bar.set_message(told);
        } else if self.total > 0 && routed * 10 / self.total > self.tenths.get() {
            self.tenths.set(routed * 10 / self.total);
            self.say(&format!("{routed:>5} of {} leads routed: {told}", self.total));
        }
    }

    /// Clears the bar away.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn say(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(text),
            None if self.silent => {}
            None => eprintln!("{text}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_has_a_legal_template() {
        assert!(ProgressStyle::with_template(TEMPLATE).is_ok());
    }
}
