//! The first reading of an expression: its words and signs, and the caps that keep the parser within its stack.
//!
//! The parser is a recursive one: without optimisation a bracket costs it about 140 kB of stack (`cel` 0.15), and its one
//! cap is 96 levels of a rule. So whatever is too long or too deep is refused here, by a loop over the text.
//! That only holds while both read the same words: this scanner takes a subset of what CEL's lexer takes, and refuses
//! whatever it does not know.

use super::{Fault, MAX_DEPTH, MAX_NESTING, MAX_SOURCE, MAX_TOKENS};

/// A word or a sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    /// Where it starts, in bytes.
    pub(super) start: usize,
    /// Where it ends, in bytes.
    pub(super) end: usize,
    kind: Kind,
}

impl Token {
    /// How messages show it; texts are not repeated.
    pub(super) fn shown(&self, source: &str) -> String {
        match self.kind {
            Kind::Text => "text".to_owned(),
            Kind::Number => "number".to_owned(),
            Kind::Name | Kind::Sign => format!("`{}`", &source[self.start..self.end]),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Name,
    Number,
    Text,
    Sign,
}

/// How a place and a message become a fault.
type Said = (usize, String);

/// The words and signs of the text, or the first reason not to parse it.
pub(super) fn scan(source: &str) -> Result<Vec<Token>, Fault> {
    let said = |(offset, message): Said| Fault::at(source, offset, message);
    if source.len() > MAX_SOURCE {
        return Err(said((0, format!("an expression has at most {MAX_SOURCE} bytes"))));
    }
    let tokens = tokens(source).map_err(said)?;
    if let Some(token) = tokens.get(MAX_TOKENS) {
        return Err(said((token.start, format!("an expression has at most {MAX_TOKENS} words and signs"))));
    }
    if tokens.is_empty() {
        return Err(said((0, "an expression is needed".to_owned())));
    }
    measure(source, &tokens).map_err(said)?;
    Ok(tokens)
}

fn tokens(source: &str) -> Result<Vec<Token>, Said> {
    let mut tokens = Vec::new();
    let mut at = 0;
    let bytes = source.as_bytes();
    while let Some(byte) = bytes.get(at) {
        let rest = &source[at..];
        let (kind, length) = match byte {
            b' ' | b'\t' | b'\r' | b'\n' | 0x0c => {
                at += 1;
                continue;
            }
            b'/' if rest.starts_with("//") => {
                at += rest.find('\n').unwrap_or(rest.len());
                continue;
            }
            b'"' | b'\'' => (Kind::Text, text(rest, false).map_err(|message| (at, message.to_owned()))?),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => word(rest).map_err(|message| (at, message.to_owned()))?,
            b'0'..=b'9' => (Kind::Number, number(rest).map_err(|message| (at, message.to_owned()))?),
            b'.' if bytes.get(at + 1).is_some_and(u8::is_ascii_digit) => {
                (Kind::Number, number(rest).map_err(|message| (at, message.to_owned()))?)
            }
            _ => (Kind::Sign, sign(rest).map_err(|message| (at, message.to_owned()))?),
        };
        tokens.push(Token { start: at, end: at + length, kind });
        at += length;
    }
    Ok(tokens)
}

/// A name, or a text with a prefix: as in CEL's lexer the longer of the two.
fn word(rest: &str) -> Result<(Kind, usize), &'static str> {
    let length = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
    let quoted = rest[length..].starts_with(['"', '\'']);
    match &rest[..length] {
        "r" | "R" if quoted => Ok((Kind::Text, length + text(&rest[length..], true)?)),
        prefix if quoted && prefix.len() <= 2 && prefix.starts_with(['b', 'B']) => Err("bytes are not supported"),
        _ if quoted => Err("a sign is missing before the quote"),
        _ => Ok((Kind::Name, length)),
    }
}

/// The length of a text in quotes; `raw`: without escapes.
fn text(rest: &str, raw: bool) -> Result<usize, &'static str> {
    let triple = rest.starts_with("\"\"\"") || rest.starts_with("'''");
    let quote = &rest[..if triple { 3 } else { 1 }];
    let mut at = quote.len();
    while let Some(next) = rest[at..].chars().next() {
        match next {
            _ if rest[at..].starts_with(quote) => return Ok(at + quote.len()),
            '\n' | '\r' if !triple => return Err("a quote is not closed on its line"),
            '\\' if !raw => at += escape(&rest[at + 1..]).ok_or("a text has an escape that CEL does not know")? + 1,
            _ => at += next.len_utf8(),
        }
    }
    Err("a quote is not closed")
}

/// The length of an escape after its backslash, by CEL's grammar.
fn escape(rest: &str) -> Option<usize> {
    let digits = |skip: usize, n: usize, radix: u32| {
        let mut digits = rest.chars().skip(skip).take(n);
        (digits.clone().count() == n && digits.all(|c| c.is_digit(radix))).then_some(skip + n)
    };
    match rest.chars().next()? {
        'a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v' | '"' | '\'' | '\\' | '?' | '`' => Some(1),
        'x' | 'X' => digits(1, 2, 16),
        'u' => digits(1, 4, 16),
        'U' => digits(1, 8, 16),
        '0'..='3' => digits(0, 3, 8),
        _ => None,
    }
}

/// The length of a number.
fn number(rest: &str) -> Result<usize, &'static str> {
    let digits = |from: usize| rest[from..].bytes().take_while(u8::is_ascii_digit).count();
    let bytes = rest.as_bytes();
    let at = if let Some(hex) = rest.strip_prefix("0x") {
        2 + hex.bytes().take_while(u8::is_ascii_hexdigit).count()
    } else {
        let mut at = digits(0);
        if bytes.get(at) == Some(&b'.') && digits(at + 1) > 0 {
            at += 1 + digits(at + 1);
        }
        if matches!(bytes.get(at), Some(b'e' | b'E')) {
            let signed = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
            let exponent = digits(at + 1 + signed);
            at += if exponent > 0 { 1 + signed + exponent } else { 0 };
        }
        at
    };
    match bytes.get(at) {
        Some(b'u' | b'U') => Err("unsigned numbers are not supported: leave out the `u`"),
        Some(b) if b.is_ascii_alphanumeric() || *b == b'_' => Err("a number is malformed"),
        _ => Ok(at),
    }
}

/// The length of a sign.
fn sign(rest: &str) -> Result<usize, &'static str> {
    const PAIRS: [&str; 6] = ["==", "!=", "<=", ">=", "&&", "||"];
    if PAIRS.iter().any(|pair| rest.starts_with(pair)) {
        return Ok(2);
    }
    match rest.chars().next() {
        Some('<' | '>' | '!' | '(' | ')' | '[' | ']' | '.' | ',' | '-' | '+' | '*' | '/' | '%' | '?' | ':') => Ok(1),
        Some('=') => Err("unexpected `=`: equality is `==`"),
        Some('&') => Err("unexpected `&`: both is `&&`"),
        Some('|') => Err("unexpected `|`: either is `||`"),
        Some('{' | '}') => Err("maps and messages are not supported"),
        _ => Err("unexpected character"),
    }
}

/// What is measured between a pair of brackets, or at the top.
#[derive(Default)]
struct Level {
    /// Where the bracket is.
    start: usize,
    /// The sign that must close it; 0 at the top.
    closing: u8,
    /// How many `?` so far: each nests the rest of the level.
    choices: usize,
    /// How many operators so far in this operand of `&&`, `||`, `?:` or `,`: each nests what is on its left.
    chain: usize,
    /// The deepest pair of brackets so far in this operand.
    inner: usize,
    /// The deepest operand so far.
    deepest: usize,
}

impl Level {
    fn depth(&self) -> usize {
        self.deepest.max(self.choices + self.chain + self.inner)
    }

    fn next_operand(&mut self) {
        self.deepest = self.depth();
        (self.chain, self.inner) = (0, 0);
    }
}

/// Refuses what nests too deep: an upper bound of the depth of the parser's tree, found without building it.
fn measure(source: &str, tokens: &[Token]) -> Result<(), Said> {
    let mut outer: Vec<Level> = Vec::new();
    let mut level = Level::default();
    let mut after_operand = false;
    for token in tokens {
        let sign = source.as_bytes()[token.start];
        let word = &source[token.start..token.end];
        let is_operand = token.kind != Kind::Sign && word != "in";
        match word {
            _ if is_operand => {}
            "(" | "[" => {
                // After an operand it is a call or an index.
                level.chain += usize::from(after_operand);
                if outer.len() == MAX_NESTING {
                    return Err((token.start, format!("at most {MAX_NESTING} brackets inside each other")));
                }
                let closing = if sign == b'(' { b')' } else { b']' };
                outer.push(std::mem::replace(&mut level, Level { start: token.start, closing, ..Level::default() }));
            }
            ")" | "]" => match outer.pop() {
                Some(around) if level.closing == sign => {
                    let inner = 1 + level.depth();
                    level = around;
                    level.inner = level.inner.max(inner);
                }
                _ => return Err((token.start, format!("`{word}` closes nothing"))),
            },
            "&&" | "||" | ":" => level.next_operand(),
            "?" => {
                level.next_operand();
                level.choices += 1;
            }
            "," => {
                level.next_operand();
                level.choices = 0;
            }
            _ => level.chain += 1,
        }
        if level.depth() > MAX_DEPTH {
            return Err((token.start, format!("nested too deep: at most {MAX_DEPTH} operators on each other")));
        }
        after_operand = is_operand || matches!(word, ")" | "]");
    }
    match level.closing {
        0 => Ok(()),
        _ => Err((level.start, format!("`{}` is not closed", &source[level.start..=level.start]))),
    }
}
