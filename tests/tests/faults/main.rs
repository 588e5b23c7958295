//! What happens to the services when something happens to Redis: nothing acknowledged is lost, nothing is done twice, what
//! cannot be done is refused at once, and everything works again by itself.

mod crash;
mod failover;
mod freeze;
mod full;
mod probe;

use leadhand_proto::status::told;
use leadhand_tests::Suite;
use leadhand_tests::load::Target;
use tonic::{Code, Status};

/// Each replica, as a target of the load: claims go to another replica than routes.
fn targets(suite: &Suite) -> Vec<Target> {
    let channels: Vec<_> = suite.replicas.iter().map(|replica| replica.channel.clone()).collect();
    let turned = channels.iter().cycle().skip(1);
    channels.iter().zip(turned).map(|(router, pool)| Target { router: router.clone(), pool: pool.clone() }).collect()
}

/// The store does not answer, and the caller is told when to come back.
fn is_refused(status: &Status) -> bool {
    let told = told(status);
    (status.code(), told.reason.as_str()) == (Code::Unavailable, "STORE_UNAVAILABLE") && told.retry_after.is_some()
}

/// As [`is_refused`], or the replicas were in each other's way until the caller was asked to come back.
fn may_be_repeated(status: &Status) -> bool {
    is_refused(status) || (status.code() == Code::Aborted && told(status).retry_after.is_some())
}
