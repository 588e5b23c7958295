//! Data that lies beside the repository and may be missing.

use std::path::PathBuf;

/// The path of a file of the shared data (`LEADHAND_DATA`, else `../shared/data` beside the repository); `None`, with the
/// reason printed, where it is not there. A test that gets `None` returns.
pub fn shared_data(file: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("LEADHAND_DATA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let path = folder.join(file);
    if path.is_file() {
        return Some(path);
    }
    println!("skipped: {} is not there; set LEADHAND_DATA to the folder that has {file}", path.display());
    None
}
