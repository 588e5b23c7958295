//! Deadlines carried out, as the workers of the pool service do.

use leadhand_domain::answer::{Answer, Destination};
use leadhand_domain::change::Due;
use leadhand_domain::conduct;
use leadhand_domain::guardrail::selection;
use leadhand_domain::id::{Fence, LeadId};
use leadhand_domain::record::Record;
use leadhand_domain::route::{Again, Nobody};
use leadhand_domain::time::{Millis, Span};
use leadhand_domain::timer::{self, Step};

use super::{Answered, Asked, World};

impl World {
    /// Lets time pass: what becomes due until `to` is carried out at the first of the moments at which workers look, every so
    /// often from `from` on.
    pub fn pass(&mut self, from: Millis, to: Millis, tick: Span) {
        while let Some((at, _)) = self.deadlines.next().filter(|(at, _)| *at <= to) {
            let ticks = (at.since(from).0.max(0) as u64).div_ceil(tick.0 as u64);
            let now = Millis(from.0 + ticks as i64 * tick.0);
            if now > to {
                return;
            }
            self.carry_out(now);
        }
    }

    /// Carries out what is due at `now`, the longest due first.
    ///
    /// # Panics
    /// When a deadline is still due after it was carried out, so that workers would be at it for ever.
    pub fn carry_out(&mut self, now: Millis) {
        while let Some((at, due)) = self.deadlines.next().filter(|(at, _)| *at <= now) {
            let due = due.clone();
            let before = self.events.len();
            self.fire(&due, now);
            let still = self.deadlines.next().is_some_and(|(next, next_due)| next == at && *next_due == due);
            assert!(!still || self.events.len() > before, "{due:?} of {at} stays due at {now}");
        }
    }

    /// Carries out what is due at `now`, these in this order first.
    pub fn carry_out_in(&mut self, order: &[&Due], now: Millis) {
        order.iter().for_each(|due| self.fire(due, now));
        self.carry_out(now);
    }

    fn fire(&mut self, due: &Due, now: Millis) {
        match due {
            Due::Drain => self.drain(now),
            Due::Tiers => self.calculate_tiers(now),
            Due::Floor => self.hold_to_floor(now),
            Due::Suspension(rep) => {
                let ended = self.transact(None, |records, _| conduct::end(records, rep, now));
                ended.expect("it is decided whatever there is");
            }
            Due::Contact(lead) | Due::Offer(lead) | Due::Action(lead) => self.fire_lead(due, *lead, now),
            Due::Pool(lead) | Due::Held(lead) | Due::Hold(lead) => self.fire_lead(due, *lead, now),
        }
    }

    fn fire_lead(&mut self, due: &Due, lead: LeadId, now: Millis) {
        let policy = self.policy.clone();
        match timer::step(self.lead(lead), due, Some(&policy), now) {
            Step::Route(fence, because @ Again::Unclaimed(_)) => {
                let since = self.lead(lead).map(|lead| lead.placed_at).unwrap_or_default();
                let asked = rerouted(format!("unclaimed-{lead}-{}-{}", fence.0, since.0));
                if self.reroute(Some(asked), lead, fence, because, now).is_err() {
                    let later =
                        self.transact(None, |records, policy| timer::postpone(records, lead, Some(policy), now));
                    later.expect("it is put ahead whatever there is");
                }
            }
            Step::Route(fence, because) => {
                let named = |kind: &str| rerouted(format!("{kind}-{lead}-{}", fence.0));
                let asked = match because {
                    Again::ContactMissed => Some(named("contact")),
                    Again::OfferLapsed => Some(named("offer")),
                    Again::NotActedOn => Some(named("action")),
                    _ => None,
                };
                self.again(asked, lead, fence, because, now).expect("what has come is carried out");
            }
            Step::Remind(fence) => {
                let asked = asked("Remind", format!("remind-{lead}-{}", fence.0));
                let reminded = self.transact(Some(asked), |records, _| timer::remind(records, lead, fence, now));
                reminded.expect("somebody is to be reminded");
            }
            Step::Lapse(rep) => {
                let lapsed = self.transact(None, |records, _| selection::lapse(records, lead, &rep, now));
                lapsed.expect("a hold has passed");
            }
            Step::Drop | Step::Later(_) => {
                let settled =
                    self.transact(None, |records, policy| timer::settle(records, due, lead, Some(policy), now));
                settled.expect("nothing is to be done");
            }
        }
    }

    /// Routes a lead again; whether it is held then.
    fn again(
        &mut self,
        asked: Option<Asked>,
        lead: LeadId,
        fence: Fence,
        because: Again,
        now: Millis,
    ) -> Answered<bool> {
        let done = self.reroute(asked, lead, fence, because, now)?;
        Ok(matches!(done.answer, Answer::Routed(routed) if routed.to == Destination::Held))
    }

    /// Tries the held leads again, longest waiting first; one that stays held tells of all that wait for the same.
    fn drain(&mut self, now: Millis) {
        self.deadlines.cancel(&Due::Drain);
        let mut nobody = Nobody::default();
        let waiting: Vec<_> = self.held.iter().filter_map(|lead| self.kept(lead)).collect();
        for record in &waiting {
            let Record::Lead(lead) = &**record else { continue };
            if nobody.is_for(lead, now) {
                continue;
            }
            let stays_held = self.again(None, lead.id, lead.fence, Again::Retried, now);
            if let (Ok(true), Some(tried)) = (stays_held, self.lead(lead.id)) {
                nobody.note(tried, now);
            }
        }
    }
}

fn rerouted(id: String) -> Asked {
    asked("RerouteLead", id)
}

fn asked(method: &'static str, id: String) -> Asked {
    Asked { method, caller: String::new(), id }
}
