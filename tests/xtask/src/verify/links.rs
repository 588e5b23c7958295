//! Links in Markdown files.

use std::fs;
use std::path::Path;

/// The links of `file` that lead to no file and no heading of the repository. Links to other sites are not followed.
pub(super) fn dead(root: &Path, file: &Path, text: &str) -> Vec<String> {
    let folder = root.join(file.parent().unwrap_or(Path::new("")));
    let lost = |target: &&String| !resolves(&folder, text, target);
    let targets = targets(text);
    let here = targets.iter().filter(|target| !is_elsewhere(target));
    here.filter(lost).map(|target| format!("{}: the link {target} leads nowhere", file.display())).collect()
}

fn resolves(folder: &Path, text: &str, target: &str) -> bool {
    let (path, anchor) = match target.split_once('#') {
        Some((path, anchor)) => (path, Some(anchor)),
        None => (target, None),
    };
    let path_exists = path.is_empty() || folder.join(path).exists();
    let anchor_exists = anchor.is_none_or(|anchor| {
        let other = (!path.is_empty()).then(|| fs::read_to_string(folder.join(path)).unwrap_or_default());
        let text = other.as_deref().unwrap_or(text);
        prose(text).any(|line| line.starts_with('#') && slug(line) == anchor)
    });
    path_exists && anchor_exists
}

fn is_elsewhere(target: &str) -> bool {
    target.contains("://") || target.starts_with("mailto:")
}

/// The targets of all inline links and images, outside code.
fn targets(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in prose(text) {
        // Every second piece between backticks is code.
        let words: String = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
        let mut rest = words.as_str();
        while let Some((_, after)) = rest.split_once("](") {
            let Some((target, after)) = after.split_once(')') else {
                break;
            };
            // A title may follow the target.
            found.extend(target.split_whitespace().next().map(str::to_owned));
            rest = after;
        }
    }
    found
}

/// The lines outside fenced code blocks.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut in_code = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        in_code ^= fence;
        !in_code && !fence
    })
}

/// The anchor that a heading gets on the usual hosting sites.
fn slug(heading: &str) -> String {
    let kept =
        heading.trim_start_matches('#').trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process;

    fn dead_in(text: &str) -> Vec<String> {
        dead(process::root(), Path::new("libs/README.md"), text)
    }

    #[test]
    fn links_to_files_and_headings_are_followed() {
        let text =
            "# What it does\n[a](../Cargo.toml) ![b](domain \"title\") [c](#what-it-does) [d](https://example.org/x)";
        assert_eq!(dead_in(text), Vec::<String>::new());
    }

    #[test]
    fn what_leads_nowhere_is_named() {
        assert_eq!(
            dead_in("[a](no/such.md), [b](#no-heading)"),
            ["libs/README.md: the link no/such.md leads nowhere", "libs/README.md: the link #no-heading leads nowhere",]
        );
    }

    #[test]
    fn code_holds_no_links() {
        assert_eq!(dead_in("`[a](no/such)` and\n```\n[b](no/such)\n# heading\n```\n"), Vec::<String>::new());
        assert_eq!(dead_in("```\n# Heading\n```\n[b](#heading)").len(), 1);
    }

    #[test]
    fn headings_become_anchors() {
        assert_eq!(slug("## How a commit works: `EVALSHA`, once"), "how-a-commit-works-evalsha-once");
    }
}
