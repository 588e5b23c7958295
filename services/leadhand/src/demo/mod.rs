//! demo
use crate::cli::{Global, Demo};
use crate::failure::{Exit, Failure};
pub(crate) async fn run(_: &Global, _: Demo) -> Result<Exit, Failure> { Ok(Exit::Done) }
