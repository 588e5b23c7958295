//! `leadhand standing`: what a rep has and may still claim.

use std::time::Duration;

use jiff::Timestamp;
use leadhand_proto::pool::v1::{Block, Debt, GetStandingRequest, GetStandingResponse, Quota};
use serde_json::{Value, json};
use tonic::Status;

use crate::cli::Standing;
use crate::client::Session;
use crate::failure::{Exit, Failure};
use crate::{moment, output};

mod conduct;
mod tier;

/// Runs the command.
pub(super) async fn run(session: &Session, args: Standing) -> Result<Exit, Failure> {
    let standing = standing(session, &args.rep, args.lead).await?;
    if session.json {
        output::json(&standing_json(&args.rep, &standing))?;
        return Ok(Exit::Done);
    }
    output::line(format_args!(
        "{} owns {} leads, {} of them not yet contacted",
        args.rep, standing.open, standing.uncontacted
    ))?;
    let now = moment::now();
    let rows = standing.quotas.iter().map(|quota| {
        vec![
            format!("in {}", output::millis(quota.window_ms)),
            quota.used.to_string(),
            quota.limit.to_string(),
            left(quota).to_string(),
            next_free(quota, now),
        ]
    });
    output::line(format_args!(
        "{} of them claimed{}; tier {}, a lead opens {}{}",
        standing.claimed_uncontacted,
        standing.claimed_uncontacted_limit.map(|limit| format!(", {limit} allowed")).unwrap_or_default(),
        standing.tier,
        opens(standing.opens_after_ms),
        owed(&standing.debts),
    ))?;
    for block in &standing.blocks {
        let until = match &block.retry_at {
            Some(at) => format!(", until {}", output::local(Some(at))),
            None => String::new(),
        };
        output::line(format_args!("a claim would be refused: {} ({}){until}", block.message, block.reason))?;
    }
    for line in tier::lines(&standing).into_iter().chain(conduct::lines(&standing)) {
        output::line(format_args!("{line}"))?;
    }
    output::print_table(&output::table(&["claims", "made", "allowed", "left", "one more in"], &[1, 2, 3, 4], rows))?;
    for line in choosing(&standing) {
        output::line(line)?;
    }
    Ok(Exit::Done)
}

/// How a rep stands.
pub(crate) async fn standing(
    session: &Session,
    rep: &str,
    lead: Option<String>,
) -> Result<GetStandingResponse, Status> {
    let lead_id = lead.unwrap_or_default();
    let request = GetStandingRequest { workspace: session.workspace.clone(), rep_id: rep.to_owned(), lead_id };
    let send = |request| {
        let mut client = session.pool();
        async move { client.get_standing(request).await }
    };
    session.call(request, send).await
}

/// What a rep is choosing, and until when.
fn choosing(standing: &GetStandingResponse) -> Vec<String> {
    let until = |at: &Option<prost_types::Timestamp>| at.as_ref().map(|at| output::local(Some(at)));
    let window = until(&standing.window_until).map(|until| format!("to choose until {until}"));
    let hold = standing.hold.as_ref();
    let hold = hold.map(|hold| format!("looks at lead {} until {}", hold.lead_id, output::local(hold.until.as_ref())));
    let wait = until(&standing.claims_wait_until)
        .map(|until| format!("claims wait until {until}: nothing was chosen in time"));
    let skips = standing.skips_left.map(|left| match left {
        0 => "a claim is owed before the next detail".to_owned(),
        left => format!("{left} leads may be skipped before a claim is owed"),
    });
    [window, hold, wait, skips].into_iter().flatten().collect()
}

/// How a rep stands, for programs.
pub(super) fn standing_json(rep: &str, standing: &GetStandingResponse) -> Value {
    let quotas: Vec<Value> = standing
        .quotas
        .iter()
        .map(|quota| {
            json!({
                "window_ms": quota.window_ms,
                "limit": quota.limit,
                "used": quota.used,
                "left": left(quota),
                "next_free_at": output::rfc3339(quota.next_free_at.as_ref()),
            })
        })
        .collect();
    let mut told = json!({
        "rep_id": rep,
        "open": standing.open,
        "uncontacted": standing.uncontacted,
        "claims_left": claims_left(standing),
        "quotas": quotas,
        "claimed_uncontacted": standing.claimed_uncontacted,
        "claimed_uncontacted_limit": standing.claimed_uncontacted_limit,
        "tier": standing.tier,
        "opens_after_ms": standing.opens_after_ms,
        "tier_basis": tier::json(standing),
        "debts": standing.debts.iter().map(|debt| json!({ "reason": debt.reason, "leads": debt.leads })).collect::<Vec<_>>(),
        "blocks": standing.blocks.iter().map(block_json).collect::<Vec<_>>(),
        "window_until": output::rfc3339(standing.window_until.as_ref()),
        "hold": standing.hold.as_ref().map(|hold| {
            json!({ "lead_id": hold.lead_id, "until": output::rfc3339(hold.until.as_ref()) })
        }),
        "skips_left": standing.skips_left,
        "claims_wait_until": output::rfc3339(standing.claims_wait_until.as_ref()),
    });
    for (key, value) in conduct::json(standing) {
        told[key] = value;
    }
    told
}

fn block_json(block: &Block) -> Value {
    json!({
        "reason": block.reason,
        "message": block.message,
        "retry_at": output::rfc3339(block.retry_at.as_ref()),
    })
}

/// When a lead that enters a pool opens to a rep.
fn opens(after_ms: Option<i64>) -> String {
    match after_ms {
        Some(0) => "at once".to_owned(),
        Some(after) => format!("after {}", output::millis(after)),
        None => "never".to_owned(),
    }
}

/// What a rep owes.
fn owed(debts: &[Debt]) -> String {
    let told: Vec<_> = debts.iter().map(|debt| format!("{} ({})", debt.reason, debt.leads)).collect();
    if told.is_empty() { String::new() } else { format!("; owes {}", told.join(", ")) }
}

/// How many claims every quota together leaves, none during a suspension; `None` when there is no quota.
pub(super) fn claims_left(standing: &GetStandingResponse) -> Option<u32> {
    if standing.suspended_until.is_some() {
        return Some(0);
    }
    standing.quotas.iter().map(left).min()
}

/// What is left of each quota, shortest window first: `2 in 1 h, 9 in 1 d`.
pub(super) fn left_text(standing: &GetStandingResponse) -> String {
    let told: Vec<String> =
        standing.quotas.iter().map(|quota| format!("{} in {}", left(quota), output::millis(quota.window_ms))).collect();
    output::or_dash(&told.join(", "))
}

fn left(quota: &Quota) -> u32 {
    quota.limit.saturating_sub(quota.used)
}

fn next_free(quota: &Quota, now: Timestamp) -> String {
    match quota.next_free_at.as_ref().and_then(moment::from_wire) {
        Some(free) => output::length(Duration::try_from(free.duration_since(now)).unwrap_or_default()),
        None => "-".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tightest_quota_decides_what_is_left() {
        let quota = |window_ms, limit, used| Quota { window_ms, limit, used, next_free_at: None };
        let mut standing = GetStandingResponse {
            open: 4,
            uncontacted: 1,
            quotas: vec![quota(3_600_000, 3, 1), quota(86_400_000, 10, 9), quota(604_800_000, 40, 9)],
            ..GetStandingResponse::default()
        };
        assert_eq!(claims_left(&standing), Some(1));
        assert_eq!(left_text(&standing), "2 in 1 h, 1 in 1 d, 31 in 7 d");
        // A limit lowered below what was claimed leaves nothing.
        standing.quotas = vec![quota(3_600_000, 3, 5)];
        assert_eq!(claims_left(&standing), Some(0));
        standing.quotas.clear();
        assert_eq!((claims_left(&standing), left_text(&standing)), (None, "-".to_owned()));
    }
}
