//! The lines in which programs tell what they measured.

use std::fmt::{self, Display};

use serde_json::{Map, Value, json};

use super::stopwatch::Times;

/// The name that this program goes by.
pub(crate) const PEER: &str = "elbo";

/// What a case measured, and numbers by which one sees what it computed.
pub(crate) struct Measured {
    pub(crate) times: Times,
    pub(crate) check: Vec<(&'static str, f64)>,
}

/// One case of one program on so many threads.
pub(crate) struct Line {
    pub(crate) case: String,
    pub(crate) peer: String,
    pub(crate) threads: usize,
    pub(crate) min_us: f64,
    pub(crate) median_us: f64,
    /// The whole line.
    json: Value,
}

impl Line {
    /// A line of this program.
    pub(crate) fn new(case: &str, threads: usize, measured: Measured) -> Self {
        let Measured { times, check } = measured;
        let cents = |us: f64| (us * 100.0).round() / 100.0;
        let (min_us, median_us) = (cents(times.min_us), cents(times.median_us));
        let check: Map<_, _> = check
            .into_iter()
            .map(|(name, value)| (name.to_owned(), json!(value)))
            .collect();
        let json = json!({
            "case": case,
            "peer": PEER,
            "threads": threads,
            "min_us": min_us,
            "median_us": median_us,
            "steps": times.steps,
            "version": env!("CARGO_PKG_VERSION"),
            "check": check,
        });
        Line {
            case: case.to_owned(),
            peer: PEER.to_owned(),
            threads,
            min_us,
            median_us,
            json,
        }
    }
    /// A line of any program; `None` if it tells of no times, such as one of a failure.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let json: Value = serde_json::from_str(text).ok()?;
        Some(Line {
            case: json["case"].as_str()?.to_owned(),
            peer: json["peer"].as_str()?.to_owned(),
            threads: json["threads"].as_u64()? as usize,
            min_us: json["min_us"].as_f64()?,
            median_us: json["median_us"].as_f64()?,
            json,
        })
    }
}

impl Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.json.fmt(f)
    }
}

/// The line of a case that cannot be run.
pub(crate) fn failure(case: &str, threads: usize, why: &str) -> Value {
    json!({"case": case, "peer": PEER, "threads": threads, "error": why})
}
