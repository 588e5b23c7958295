//! Ready policies, to begin with.

/// Their names.
pub(crate) const NAMES: [&str; 3] = ["geographic", "vertical", "segments"];

/// The document of one.
pub(crate) fn document(name: &str) -> Option<&'static str> {
    match name {
        "geographic" => Some(include_str!("../policies/geographic.yaml")),
        "vertical" => Some(include_str!("../policies/vertical.yaml")),
        "segments" => Some(include_str!("../policies/segments.yaml")),
        _ => None,
    }
}
