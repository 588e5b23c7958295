//! Generated gRPC code, conversions between the wire and the domain, and the table of refusals.
//!
//! The modules follow the packages of `proto/`. What services share at the edge stands beside them: [`status`] builds
//! every error that leaves a service.

pub mod act_wire;
pub mod availability_wire;
pub mod body;
pub mod conduct_wire;
pub mod decision_wire;
pub mod lead_wire;
pub mod refusal;
pub mod status;
pub mod tier_wire;
pub mod time;

/// Code generated from `proto/leadhand/`, one module a package.
#[allow(missing_docs, clippy::all, clippy::pedantic, unreachable_pub)]
mod generated {
    pub mod lead {
        pub mod v1 {
            tonic::include_proto!("leadhand.lead.v1");
        }
    }
    pub mod event {
        pub mod v1 {
            tonic::include_proto!("leadhand.event.v1");
        }
    }
    pub mod router {
        pub mod v1 {
            tonic::include_proto!("leadhand.router.v1");
        }
    }
    pub mod explain {
        pub mod v1 {
            tonic::include_proto!("leadhand.explain.v1");
        }
    }
    pub mod policy {
        pub mod v1 {
            tonic::include_proto!("leadhand.policy.v1");
        }
    }
    pub mod pool {
        pub mod v1 {
            tonic::include_proto!("leadhand.pool.v1");
        }
    }
    pub mod account {
        pub mod v1 {
            tonic::include_proto!("leadhand.account.v1");
        }
    }
    pub mod availability {
        pub mod v1 {
            tonic::include_proto!("leadhand.availability.v1");
        }
    }
    pub mod notification {
        pub mod v1 {
            tonic::include_proto!("leadhand.notification.v1");
        }
    }
    pub mod management {
        pub mod v1 {
            tonic::include_proto!("leadhand.management.v1");
        }
    }
    pub mod record {
        pub mod v1 {
            tonic::include_proto!("leadhand.record.v1");
        }
    }
    pub mod enrichment {
        pub mod v1 {
            tonic::include_proto!("leadhand.enrichment.v1");
        }
    }
    pub mod store {
        pub mod v1 {
            tonic::include_proto!("leadhand.store.v1");
        }
    }
}

pub use generated::{
    account, availability, enrichment, event, explain, lead, management, notification, policy, pool, record, router,
    store,
};

/// The compiled `proto/` with its imports, for server reflection.
pub const FILE_DESCRIPTOR_SET: &[u8] = tonic::include_file_descriptor_set!("leadhand_descriptor");
