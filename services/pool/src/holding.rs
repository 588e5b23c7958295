//! Telling how many leads nobody can take, and since when: none of them waits unseen.

use std::time::Duration;

use leadhand_domain::time::Millis;
use leadhand_kit::{Clock, Context};
use leadhand_store::{Error, Store};
use opentelemetry::metrics::Gauge;
use tokio_util::sync::CancellationToken;

/// How often it is looked.
const TICK: Duration = Duration::from_secs(2);

/// Looks at the holding pools of all workspaces. Each replica that does tells the same: take the largest.
#[derive(Debug, Clone)]
pub(crate) struct Watch {
    store: Store,
    clock: Clock,
    leads: Gauge<u64>,
    longest: Gauge<f64>,
}

impl Watch {
    pub(crate) fn new(ctx: &Context, store: Store) -> Self {
        let meter = ctx.meter();
        Self {
            store,
            clock: ctx.clock.clone(),
            leads: meter
                .u64_gauge("leadhand.holding.leads")
                .with_description("leads that nobody can take, in all workspaces")
                .build(),
            longest: meter
                .f64_gauge("leadhand.holding.longest")
                .with_unit("s")
                .with_description("how long the one of them that waits longest has been waiting")
                .build(),
        }
    }

    /// Looks again and again, until the process is to end.
    pub(crate) async fn run(self, shutdown: CancellationToken) {
        loop {
            match self.look().await {
                Ok((leads, longest)) => {
                    self.leads.record(leads, &[]);
                    self.longest.record(longest, &[]);
                }
                Err(error) => tracing::debug!(%error, "the holding pools cannot be looked at"),
            }
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(TICK) => {}
            }
        }
    }

    /// How many leads wait, and for how many seconds the first of them.
    async fn look(&self) -> Result<(u64, f64), Error> {
        let (mut leads, mut since): (u64, Option<Millis>) = (0, None);
        for workspace in self.store.workspaces().await? {
            let depth = self.store.held_depth(&workspace).await?;
            leads += depth.leads;
            since = since.into_iter().chain(depth.oldest).min();
        }
        let waiting = since.map_or(0, |since| Millis(self.clock.now_ms()).since(since).0.max(0));
        // Milliseconds of any length of time there is are exact.
        Ok((leads, waiting as f64 / 1_000.0))
    }
}
