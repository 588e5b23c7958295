//! The policy as people write it: the YAML document's shape, before anything is checked.

use schemars::JsonSchema;
use serde::Deserialize;

mod availability;
mod guardrails;
mod people;
mod spanned;

pub(super) use availability::{Availability, Class, Meetings, WhenStale};
pub(super) use guardrails::{
    Acceptance, Guardrails, Kind, Misses, Pool, Priority, Selection, Share, Tiers, Transparency,
};
pub(super) use people::{Back, By, Member, Rep, Rotation, Team};
pub(super) use spanned::{Spanned, Text};

/// The whole document.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    /// Who takes what nobody else can; absent: such leads are held.
    #[serde(default)]
    pub(super) manager: Option<Text>,
    /// What is to be said of reps beyond their team: their manager, that they have left. Managers are reps too.
    #[serde(default)]
    pub(super) reps: Vec<Rep>,
    /// Groups of reps that leads rotate among.
    #[serde(default)]
    pub(super) teams: Vec<Team>,
    /// Where leads wait that nobody owns.
    #[serde(default)]
    pub(super) pools: Vec<Pool>,
    /// Customers and their owners; by the thousand, load them with `UpsertAccounts`.
    #[serde(default)]
    pub(super) accounts: Vec<Account>,
    /// Target companies, each assigned to a rep.
    #[serde(default)]
    pub(super) named_accounts: Vec<Account>,
    /// What happens to a lead of a customer; absent: it goes to the account's owner, else to the next route.
    #[serde(default)]
    pub(super) account_owner: Option<Owned>,
    /// What happens to a lead of a target company; absent: it goes to the rep it is assigned to, else to the next route.
    #[serde(default)]
    pub(super) named_account: Option<Owned>,
    /// Names for several countries or regions, beside those that are built in, such as `EMEA` and `us-west`.
    #[serde(default)]
    pub(super) groups: Vec<Group>,
    /// Names for several cities.
    #[serde(default)]
    pub(super) metros: Vec<Metro>,
    /// Whose leads come from where, of which industry and size: the most specific that matches acts.
    #[serde(default)]
    pub(super) territories: Vec<Territory>,
    /// Who is expert in an industry: the most specific that matches acts.
    #[serde(default)]
    pub(super) specialisations: Vec<Specialisation>,
    /// Named conditions on a lead, for routes to refer to.
    #[serde(default)]
    pub(super) segments: Vec<Segment>,
    /// The routing order after territories and specialisations: the first route that matches acts.
    #[serde(default)]
    pub(super) routes: Vec<Route>,
    /// What happens to a lead that no route matches.
    pub(super) default: Spanned<Action>,
    /// Who is asked when a lead's routes have nobody, before the manager.
    #[serde(default)]
    pub(super) backup: Option<Backup>,
    /// How many leads a rep may claim.
    #[serde(default)]
    pub(super) quotas: Quotas,
    /// What else a rep meets between looking at a pool and owning a lead.
    #[serde(default)]
    pub(super) guardrails: Guardrails,
    /// Which leads matter more or less than others.
    #[serde(default)]
    pub(super) priority: Priority,
    /// How soon an owner must make contact: a length of time such as `2h` or `90m`, from `1m` to `720h`; absent: `2h`.
    #[serde(default)]
    pub(super) contact_sla: Option<Text>,
    /// Whether only the owner's working time counts towards it, without holidays and leave; absent: no.
    #[serde(default)]
    pub(super) contact_sla_in_working_time: bool,
    /// For how long a lead is recognised when it comes in again: `0h` to `8760h`; absent: `720h`, 30 days.
    #[serde(default)]
    pub(super) duplicates_within: Option<Text>,
    /// Whether what a new lead lacks of its company is asked for before it is routed, of the service that the router's
    /// configuration names; absent: no.
    #[serde(default)]
    pub(super) enrich: bool,
    /// What makes a rep unavailable.
    #[serde(default)]
    pub(super) availability: Option<Availability>,
}

/// A company that has an owner.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Account {
    /// The account's id.
    pub(super) id: Text,
    /// Whose it is.
    pub(super) owner: Text,
    /// The company's name; its legal form does not matter.
    #[serde(default)]
    pub(super) name: Option<Text>,
    /// Its domain.
    #[serde(default)]
    pub(super) domain: Option<Text>,
    /// Its other domains.
    #[serde(default)]
    pub(super) aliases: Vec<Text>,
    /// Domains of its subsidiaries: the account is their parent.
    #[serde(default)]
    pub(super) subsidiaries: Vec<Text>,
    /// Whether it is one of those that matter most; routes can ask for it.
    #[serde(default)]
    pub(super) strategic: bool,
    /// Since when it is an account, as a date such as `2024-05-01`: of several that match alike, the oldest acts.
    #[serde(default)]
    pub(super) since: Option<Text>,
}

/// Declares a part of the document that says what to do with a lead, beside its own fields.
macro_rules! acting {
    ($(#[$doc:meta])* $type:ident { $($(#[$field_doc:meta])* $field:ident: $field_type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $type {
            $($(#[$field_doc])* pub(super) $field: $field_type,)*
            /// Give it to this rep.
            #[serde(default)]
            pub(super) rep: Option<Text>,
            /// Rotate among this team.
            #[serde(default)]
            pub(super) rotate: Option<Text>,
            /// Put it into this pool.
            #[serde(default)]
            pub(super) pool: Option<Text>,
            /// Escalate it to the manager.
            #[serde(default)]
            pub(super) manager: bool,
            /// What if nobody of these can take it; absent: the next route.
            #[serde(default)]
            pub(super) otherwise: Option<Spanned<Otherwise>>,
            /// Push only so many of a hundred; the others go into a pool. With `rep` or `rotate`.
            #[serde(default)]
            pub(super) push: Option<Push>,
            /// The rep must accept before it counts.
            #[serde(default)]
            pub(super) offer: Option<Offer>,
            /// What the rep does nothing about goes into a pool. With `rep` or `rotate`.
            #[serde(default)]
            pub(super) push_first: Option<PushFirst>,
        }

        impl $type {
            /// What to do.
            pub(super) fn acts(&self) -> Acts<'_> {
                Acts {
                    rep: self.rep.as_ref(),
                    rotate: self.rotate.as_ref(),
                    pool: self.pool.as_ref(),
                    manager: self.manager,
                    otherwise: self.otherwise.as_ref(),
                    push: self.push.as_ref(),
                    offer: self.offer.as_ref(),
                    push_first: self.push_first.as_ref(),
                }
            }
        }
    };
}

/// What to do with a lead, wherever it is said: exactly one of the first four.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Acts<'a> {
    pub(super) rep: Option<&'a Text>,
    pub(super) rotate: Option<&'a Text>,
    pub(super) pool: Option<&'a Text>,
    pub(super) manager: bool,
    pub(super) otherwise: Option<&'a Spanned<Otherwise>>,
    pub(super) push: Option<&'a Push>,
    pub(super) offer: Option<&'a Offer>,
    pub(super) push_first: Option<&'a PushFirst>,
}

acting! {
    /// One step of the routing order.
    Route {
        /// What people call it; decisions quote it.
        name: Text,
        /// The lead's source is one of these; absent: any.
        #[serde(default)]
        sources: Option<Vec<Text>>,
        /// The lead's score is known and at least this; absent: any.
        #[serde(default)]
        min_score: Option<Spanned<i64>>,
        /// The lead is in this segment; absent: any.
        #[serde(default)]
        segment: Option<Text>,
        /// A condition on the lead, in CEL; absent: any.
        #[serde(default)]
        when: Option<Text>,
        /// The lead's company is an account, and strategic; absent: any.
        #[serde(default)]
        strategic: Option<bool>,
    }
}

acting! {
    /// Where leads come from that somebody has; of the lists that are there, one entry of each must match.
    Territory {
        /// The territory's id.
        id: Text,
        /// ISO 3166-1 codes.
        #[serde(default)]
        countries: Vec<Text>,
        /// ISO 3166-2 codes.
        #[serde(default)]
        regions: Vec<Text>,
        /// Cities.
        #[serde(default)]
        cities: Vec<City>,
        /// Names of metros.
        #[serde(default)]
        metros: Vec<Text>,
        /// Names of groups.
        #[serde(default)]
        groups: Vec<Text>,
        /// IANA names, such as `America/Denver`.
        #[serde(default)]
        time_zones: Vec<Text>,
        /// Industries: `naics:54`, `sic:73`, or keywords.
        #[serde(default)]
        industries: Vec<Text>,
        /// Numbers of employees: `smb`, `mid-market`, `enterprise`, or ranges such as `50-499` and `500+`.
        #[serde(default)]
        sizes: Vec<Text>,
        /// Teams whose it is beside whom its action names: with `guardrails.territory_only` they may claim from it.
        #[serde(default)]
        teams: Vec<Text>,
    }
}

acting! {
    /// An industry that somebody is expert in.
    Specialisation {
        /// The specialisation's id.
        id: Text,
        /// Industries: `naics:54`, `sic:73`, or keywords.
        industries: Vec<Text>,
    }
}

acting! {
    /// What to do with a lead.
    Action {}
}

/// A city in a country or region.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct City {
    /// An ISO 3166-1 or ISO 3166-2 code.
    #[serde(rename = "in")]
    pub(super) within: Text,
    /// The city; case and accents do not matter.
    pub(super) city: Text,
}

/// Several countries or regions under one name.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Group {
    /// The name.
    pub(super) name: Text,
    /// ISO 3166-1 and ISO 3166-2 codes, and names of other groups.
    pub(super) members: Vec<Text>,
}

/// Several cities under one name.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Metro {
    /// The name.
    pub(super) name: Text,
    /// The cities.
    pub(super) cities: Vec<City>,
}

/// A named condition on a lead.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Segment {
    /// The segment's id.
    pub(super) id: Text,
    /// The condition, in CEL.
    pub(super) when: Text,
}

/// What happens to a lead whose company has an owner.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Owned {
    /// What if the owner cannot take it; absent: the next route.
    #[serde(default)]
    pub(super) otherwise: Option<Spanned<Otherwise>>,
    /// The owner must accept before it counts.
    #[serde(default)]
    pub(super) offer: Option<Offer>,
    /// Whether it counts as a turn of the owner in the rotation of the owner's team, the first that lists them; absent: no.
    #[serde(default)]
    pub(super) counts: bool,
}

/// Where a lead goes when its first choice cannot take it: exactly one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Otherwise {
    /// To the next route that matches.
    #[serde(default)]
    pub(super) next: bool,
    /// To this rep.
    #[serde(default)]
    pub(super) rep: Option<Text>,
    /// To this team.
    #[serde(default)]
    pub(super) rotate: Option<Text>,
    /// Into this pool.
    #[serde(default)]
    pub(super) pool: Option<Text>,
    /// To the manager.
    #[serde(default)]
    pub(super) manager: bool,
}

/// Who is asked when nobody else can: exactly one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Backup {
    /// This rep.
    #[serde(default)]
    pub(super) rep: Option<Text>,
    /// This team.
    #[serde(default)]
    pub(super) rotate: Option<Text>,
}

/// How many leads are pushed, and where the others go.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Push {
    /// Of a hundred leads: 1 to 99.
    pub(super) percent: Spanned<i64>,
    /// The others go into this pool.
    pub(super) rest: Text,
}

/// A lead is the rep's at first, and goes into a pool when the rep does nothing about it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PushFirst {
    /// How long the rep has to record an activity or contact: `1m` to `720h`; absent: `30m`.
    #[serde(default)]
    pub(super) within: Option<Text>,
    /// The pool.
    pub(super) pool: Text,
}

/// A rep is asked before a lead counts as the rep's.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Offer {
    /// How long the rep has to accept: `10s` to `24h`; absent: `5m`.
    #[serde(default)]
    pub(super) within: Option<Text>,
    /// Whether the rep may decline; absent: yes.
    #[serde(default)]
    pub(super) refusable: Option<bool>,
}

/// How many leads a rep may claim in any window of a length; absent: the default.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Quotas {
    /// In any hour; 3.
    #[serde(default)]
    pub(super) hour: Option<Spanned<i64>>,
    /// In any 24 hours; 10.
    #[serde(default)]
    pub(super) day: Option<Spanned<i64>>,
    /// In any 7 days; 40.
    #[serde(default)]
    pub(super) week: Option<Spanned<i64>>,
}
