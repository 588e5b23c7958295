//! The policies that come with the command line do what their comments say: thousands of leads each, every decision compared
//! with the same said once more, slowly, in plain code; on the pure core, and through routers and Redis.

mod core;
mod whole;
