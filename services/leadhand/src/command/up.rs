//! up
use crate::cli::{Global, Up};
use crate::failure::{Exit, Failure};
pub(super) async fn run(_: &Global, _: Up) -> Result<Exit, Failure> { Ok(Exit::Done) }
