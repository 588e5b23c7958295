//! `leadhand standing`: what a rep has and may still claim.

use std::time::Duration;

use jiff::Timestamp;
use leadhand_proto::pool::v1::{GetStandingRequest, GetStandingResponse, Quota};
use serde_json::{Value, json};
use tonic::Status;

use crate::cli::Standing;
use crate::client::Session;
use crate::failure::{Exit, Failure};
use crate::{moment, output};

/// Runs the command.
pub(super) async fn run(session: &Session, args: Standing) -> Result<Exit, Failure> {
    let standing = standing(session, &args.rep).await?;
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
    output::print_table(&output::table(&["claims", "made", "allowed", "left", "one more in"], &[1, 2, 3, 4], rows))?;
    for line in choosing(&standing) {
        output::line(line)?;
    }
    Ok(Exit::Done)
}

/// How a rep stands.
pub(crate) async fn standing(session: &Session, rep: &str) -> Result<GetStandingResponse, Status> {
    let request = GetStandingRequest { workspace: session.workspace.clone(), rep_id: rep.to_owned() };
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
    json!({
        "rep_id": rep,
        "open": standing.open,
        "uncontacted": standing.uncontacted,
        "claims_left": claims_left(standing),
        "quotas": quotas,
        "window_until": output::rfc3339(standing.window_until.as_ref()),
        "hold": standing.hold.as_ref().map(|hold| {
            json!({ "lead_id": hold.lead_id, "until": output::rfc3339(hold.until.as_ref()) })
        }),
        "skips_left": standing.skips_left,
        "claims_wait_until": output::rfc3339(standing.claims_wait_until.as_ref()),
    })
}

/// How many claims every quota together leaves; `None` when there is no quota.
pub(super) fn claims_left(standing: &GetStandingResponse) -> Option<u32> {
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
