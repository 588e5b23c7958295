//! A reader for the YAML that `kubectl kustomize` writes, and for the services' configuration files.
//!
//! That is a small and regular part of YAML: block mappings and sequences, plain and quoted scalars, literal blocks,
//! comments, `{}` and `[]`. Anything else (anchors, tags, folded blocks, flow collections) is refused with its line, so
//! nothing is ever misread. Scalars stay text: a rule that wants a number says so.

use std::fmt;

/// One node of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Yaml {
    /// Nothing was written.
    Null,
    /// A scalar's text, without its quotes.
    Text(String),
    /// A sequence.
    List(Vec<Yaml>),
    /// A mapping, in the order written.
    Map(Vec<(String, Yaml)>),
}

/// What was refused, and where.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    line: usize,
    why: &'static str,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.why)
    }
}

static NULL: Yaml = Yaml::Null;

impl Yaml {
    /// The node at a path of keys, `spec.template.spec`; null where there is none. Keys with dots need [`Self::get`].
    pub(crate) fn at(&self, path: &str) -> &Yaml {
        path.split('.').fold(self, |node, key| node.get(key))
    }

    /// The value of a key; null where there is none.
    pub(crate) fn get(&self, key: &str) -> &Yaml {
        self.entries().iter().find(|(name, _)| name == key).map_or(&NULL, |(_, value)| value)
    }

    /// The entries of a mapping; none of anything else.
    pub(crate) fn entries(&self) -> &[(String, Yaml)] {
        if let Self::Map(entries) = self { entries } else { &[] }
    }

    /// The items of a sequence; none of anything else.
    pub(crate) fn items(&self) -> &[Yaml] {
        if let Self::List(items) = self { items } else { &[] }
    }

    /// A scalar's text; empty for anything else.
    pub(crate) fn text(&self) -> &str {
        if let Self::Text(text) = self { text } else { "" }
    }

    /// A scalar as a number.
    pub(crate) fn number(&self) -> Option<u64> {
        self.text().parse().ok()
    }

    /// Whether anything was written.
    pub(crate) fn is_null(&self) -> bool {
        *self == Self::Null
    }
}

/// Reads all documents of a text.
pub(crate) fn read(text: &str) -> Result<Vec<Yaml>, Refused> {
    let mut documents = Vec::new();
    let mut reader = Reader { lines: Vec::new(), next: 0 };
    let numbered = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    for (number, line) in numbered.chain([(0, "---")]) {
        if line == "---" {
            if reader.lines.iter().any(|line| !line.is_blank()) {
                documents.push(reader.document()?);
            }
            reader = Reader { lines: Vec::new(), next: 0 };
        } else {
            reader.lines.push(Line::new(number, line));
        }
    }
    Ok(documents)
}

#[derive(Clone)]
struct Line<'a> {
    number: usize,
    indent: usize,
    /// Without its indentation; whole, with comment.
    rest: &'a str,
}

impl<'a> Line<'a> {
    fn new(number: usize, line: &'a str) -> Self {
        let rest = line.trim_start_matches(' ');
        Self { number, indent: line.len() - rest.len(), rest: rest.trim_end() }
    }

    fn is_blank(&self) -> bool {
        self.rest.is_empty() || self.rest.starts_with('#')
    }

    fn refuse<T>(&self, why: &'static str) -> Result<T, Refused> {
        Err(Refused { line: self.number, why })
    }

    fn is_item(&self) -> bool {
        self.rest == "-" || self.rest.starts_with("- ")
    }
}

struct Reader<'a> {
    lines: Vec<Line<'a>>,
    next: usize,
}

impl<'a> Reader<'a> {
    fn document(&mut self) -> Result<Yaml, Refused> {
        let Some(first) = self.peek() else {
            return Ok(Yaml::Null);
        };
        let node = self.block(first.indent)?;
        match self.peek() {
            None => Ok(node),
            Some(line) => line.refuse("is indented less than what it follows"),
        }
    }

    /// The next line that is neither blank nor only a comment.
    fn peek(&mut self) -> Option<Line<'a>> {
        while self.lines.get(self.next)?.is_blank() {
            self.next += 1;
        }
        self.lines.get(self.next).cloned()
    }

    fn block(&mut self, indent: usize) -> Result<Yaml, Refused> {
        match self.peek() {
            Some(line) if line.is_item() => self.list(indent),
            Some(line) if split_entry(&line)?.is_some() => self.map(indent),
            Some(line) => {
                self.next += 1;
                self.scalar(&line, line.rest, indent)
            }
            None => Ok(Yaml::Null),
        }
    }

    fn list(&mut self, indent: usize) -> Result<Yaml, Refused> {
        let mut items = Vec::new();
        while let Some(line) = self.peek().filter(|line| line.indent >= indent) {
            if line.indent > indent {
                return line.refuse("is indented more than the item before it");
            }
            if !line.is_item() {
                break;
            }
            // What follows the dash is a block of its own, indented by dash and blanks.
            let rest = line.rest[1..].trim_start();
            if rest.is_empty() || rest.starts_with('#') {
                self.next += 1;
                items.push(self.nested(indent + 1)?);
            } else {
                let inner = indent + line.rest.len() - rest.len();
                self.lines[self.next] = Line { indent: inner, rest, ..line };
                items.push(self.block(inner)?);
            }
        }
        Ok(Yaml::List(items))
    }

    fn map(&mut self, indent: usize) -> Result<Yaml, Refused> {
        let mut entries: Vec<(String, Yaml)> = Vec::new();
        while let Some(line) = self.peek().filter(|line| line.indent >= indent) {
            if line.indent > indent {
                return line.refuse("is indented more than the entry before it");
            }
            if line.is_item() {
                break;
            }
            let Some((key, rest)) = split_entry(&line)? else {
                return line.refuse("has neither a key nor a dash");
            };
            if entries.iter().any(|(name, _)| *name == key) {
                return line.refuse("repeats a key");
            }
            self.next += 1;
            let value = if rest.is_empty() || rest.starts_with('#') {
                match self.peek() {
                    // A sequence may stand right below its key.
                    Some(next) if next.indent == indent && next.is_item() => self.list(indent)?,
                    _ => self.nested(indent + 1)?,
                }
            } else {
                self.scalar(&line, rest, indent + 1)?
            };
            entries.push((key, value));
        }
        Ok(Yaml::Map(entries))
    }

    /// A block indented by at least so much, or nothing.
    fn nested(&mut self, least: usize) -> Result<Yaml, Refused> {
        match self.peek() {
            Some(line) if line.indent >= least => self.block(line.indent),
            _ => Ok(Yaml::Null),
        }
    }

    /// A scalar that begins with `rest`; its further lines are indented by at least `least`.
    fn scalar(&mut self, line: &Line<'a>, rest: &'a str, least: usize) -> Result<Yaml, Refused> {
        match rest.as_bytes().first() {
            Some(b'|') => self.literal(line, rest, least),
            Some(b'\'' | b'"') => match unquote(rest) {
                Some((text, after)) if is_end(after) => Ok(Yaml::Text(text)),
                _ => line.refuse("has a quoted text that does not end on the line, or not at its end"),
            },
            Some(b'{') if is_end(rest.trim_start_matches("{}")) => Ok(Yaml::Map(Vec::new())),
            Some(b'[') if is_end(rest.trim_start_matches("[]")) => Ok(Yaml::List(Vec::new())),
            Some(b'{' | b'[' | b'>' | b'&' | b'*' | b'!' | b'%' | b'@' | b'`') => {
                line.refuse("uses a part of YAML that is not read here")
            }
            _ => {
                let mut text = plain(rest).to_owned();
                while let Some(next) = self.peek().filter(|next| next.indent >= least) {
                    text.push(' ');
                    text.push_str(plain(next.rest));
                    self.next += 1;
                }
                Ok(if text == "null" || text == "~" { Yaml::Null } else { Yaml::Text(text) })
            }
        }
    }

    /// A literal block: its lines as they are, without the indentation of the first.
    fn literal(&mut self, line: &Line<'a>, rest: &str, least: usize) -> Result<Yaml, Refused> {
        if !["|", "|-", "|+"].contains(&rest) {
            return line.refuse("has a block with an indentation of its own");
        }
        let indent = self.lines[self.next..].iter().find(|line| !line.rest.is_empty()).map_or(0, |line| line.indent);
        let mut text = String::new();
        while let Some(line) = self.lines.get(self.next) {
            if !line.rest.is_empty() && (line.indent < least || line.indent < indent) {
                break;
            }
            text.push_str(&" ".repeat(line.indent.saturating_sub(indent)));
            text.push_str(line.rest);
            text.push('\n');
            self.next += 1;
        }
        match rest {
            "|-" => text.truncate(text.trim_end_matches('\n').len()),
            "|" => text.truncate(text.trim_end_matches('\n').len() + 1),
            _ => {}
        }
        Ok(Yaml::Text(text))
    }
}

/// The key of a line and what follows it, if the line has a key.
fn split_entry<'a>(line: &Line<'a>) -> Result<Option<(String, &'a str)>, Refused> {
    let (key, rest) = if line.rest.starts_with(['\'', '"']) {
        let Some((key, after)) = unquote(line.rest) else {
            return line.refuse("has a quoted text that does not end on the line");
        };
        let Some(rest) = after.strip_prefix(':') else {
            return Ok(None);
        };
        (key, rest)
    } else if let Some((key, rest)) = line.rest.split_once(": ") {
        (key.to_owned(), rest)
    } else if let Some(key) = plain(line.rest).strip_suffix(':') {
        (key.to_owned(), "")
    } else {
        return Ok(None);
    };
    if key.starts_with(['{', '[', '&', '*', '!', '?', '#']) {
        return line.refuse("uses a part of YAML that is not read here");
    }
    Ok(Some((key, rest.trim_start())))
}

/// A quoted text and what follows it.
fn unquote(rest: &str) -> Option<(String, &str)> {
    let quote = rest.chars().next()?;
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        let doubled = quote == '\'' && c == quote && chars.peek().is_some_and(|(_, next)| *next == quote);
        if c == quote && !doubled {
            return Some((text, &rest[at + 1..]));
        }
        if doubled {
            chars.next();
            text.push(quote);
        } else if quote == '"' && c == '\\' {
            text.push(match chars.next()?.1 {
                'n' => '\n',
                't' => '\t',
                same @ ('"' | '\\' | '/') => same,
                _ => return None,
            });
        } else {
            text.push(c);
        }
    }
    None
}

/// A plain scalar without the comment behind it.
fn plain(rest: &str) -> &str {
    rest.split_once(" #").map_or(rest, |(text, _)| text).trim_end()
}

fn is_end(rest: &str) -> bool {
    plain(rest).trim().is_empty() || rest.trim_start().starts_with('#')
}

#[cfg(test)]
#[path = "yaml_tests.rs"]
mod tests;
