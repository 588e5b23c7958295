//! Makes bad messages out of good ones, and the values that make them bad.

use leadhand_tests::START;
use prost::Message;
use prost_types::Timestamp;

/// A malformed message: every field of it is good but the named one.
pub(crate) struct Case {
    /// The field, as BadRequest must name it.
    pub(crate) names: String,
    /// The fields of the proto that it is a case for.
    pub(crate) covers: Vec<String>,
    pub(crate) message: Vec<u8>,
}

/// A method with a good message of it, and bad ones.
pub(crate) struct Method {
    pub(crate) path: String,
    pub(crate) good: Vec<u8>,
    pub(crate) cases: Vec<Case>,
}

impl Method {
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().expect("a name")
    }
}

/// Makes bad messages out of a good one.
pub(crate) struct Spoil<M> {
    good: M,
    cases: Vec<Case>,
}

impl<M: Message + Clone> Spoil<M> {
    pub(crate) fn new(good: M) -> Self {
        Self { good, cases: Vec::new() }
    }

    /// A case for each of these values of a field.
    pub(crate) fn field<V>(mut self, name: &str, values: impl IntoIterator<Item = V>, set: impl Fn(&mut M, V)) -> Self {
        for value in values {
            let mut message = self.good.clone();
            set(&mut message, value);
            let case = Case { names: name.into(), covers: vec![name.into()], message: message.encode_to_vec() };
            self.cases.push(case);
        }
        self
    }

    /// A case in which a field is faulty in a way that another field's name tells.
    pub(crate) fn named(mut self, covers: &[&str], names: &str, set: impl Fn(&mut M)) -> Self {
        let mut message = self.good.clone();
        set(&mut message);
        let covers = covers.iter().map(|field| (*field).to_owned()).collect();
        self.cases.push(Case { names: names.into(), covers, message: message.encode_to_vec() });
        self
    }

    pub(crate) fn of(self, path: &str) -> Method {
        Method { path: path.into(), good: self.good.encode_to_vec(), cases: self.cases }
    }
}

/// What no name may be.
pub(crate) fn names() -> Vec<String> {
    let mut bad: Vec<String> =
        ["", " ", "a b", "Ana", "a:b", "{a}", "a}", "é", "a\0", "a\n", "../a", "*"].map(str::to_owned).into();
    bad.extend(["x".repeat(65), "x".repeat(1 << 20)]);
    bad
}

pub(crate) fn request_ids() -> Vec<String> {
    names().into_iter().filter(|name| name != "Ana").collect()
}

pub(crate) fn lead_ids() -> Vec<String> {
    let mut bad = names();
    bad.extend(
        [
            "00000000000070008000000000000000",
            "{00000000-0000-7000-8000-000000000000}",
            "urn:uuid:00000000-0000-7000-8000-000000000000",
            "g0000000-0000-7000-8000-000000000000",
            "00000000-0000-7000-8000-0000000000000",
        ]
        .map(str::to_owned),
    );
    bad
}

pub(crate) fn texts(most: usize) -> Vec<String> {
    vec!["x".repeat(most + 1), "é".repeat(most + 1), "x".repeat(1 << 20), "a\0b".into(), "a\u{1b}[31m".into()]
}

pub(crate) fn moments() -> Vec<Timestamp> {
    let at = |seconds, nanos| Timestamp { seconds, nanos };
    vec![
        at(i64::MIN, 0),
        at(i64::MAX, 0),
        at(i64::MAX, i32::MAX),
        at(253_402_300_800, 0),
        at(-62_135_596_801, 0),
        at(START / 1000, -1),
        at(START / 1000, 1_000_000_000),
        at(START / 1000, i32::MIN),
    ]
}

pub(crate) fn moment(ms: i64) -> Timestamp {
    Timestamp { seconds: ms.div_euclid(1000), nanos: (ms.rem_euclid(1000) * 1_000_000) as i32 }
}
