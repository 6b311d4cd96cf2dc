//! The table of lines.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display};

use super::line::{Line, PEER};

/// A table in Markdown: for each case the programs, the fastest first, with minimum and median in
/// microseconds and the minimum as a multiple of elbo's, on each number of threads.
pub(crate) struct Table<'a> {
    threads: BTreeSet<usize>,
    cases: BTreeMap<&'a str, Programs<'a>>,
}

type Programs<'a> = BTreeMap<&'a str, Row<'a>>;

/// The lines of a program for a case, by the number of threads.
type Row<'a> = BTreeMap<usize, &'a Line>;

impl<'a> Table<'a> {
    /// Of several lines that speak of the same, the last one holds.
    pub(crate) fn new(lines: &'a [Line]) -> Self {
        let mut cases: BTreeMap<_, Programs<'_>> = BTreeMap::new();
        for line in lines {
            let programs = cases.entry(line.case.as_str()).or_default();
            let row = programs.entry(line.peer.as_str()).or_default();
            row.insert(line.threads, line);
        }
        Table {
            threads: lines.iter().map(|line| line.threads).collect(),
            cases,
        }
    }
}

impl Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "| case | program |")?;
        for n in &self.threads {
            let s = if *n == 1 { "" } else { "s" };
            write!(f, " {n} thread{s}: min | median | ratio |")?;
        }
        let columns = " ---: |".repeat(3 * self.threads.len());
        writeln!(f, "\n| --- | --- |{columns}")?;
        for (case, programs) in &self.cases {
            let own = programs.get(PEER);
            let mut rows: Vec<_> = programs.iter().collect();
            rows.sort_by(|(_, a), (_, b)| least(a).total_cmp(&least(b)));
            for (program, row) in rows {
                write!(f, "| {case} | {program} |")?;
                for n in &self.threads {
                    cells(f, row.get(n), own.and_then(|own| own.get(n)))?;
                }
                writeln!(f)?;
            }
        }
        Ok(())
    }
}

/// The minimum on the fewest threads.
fn least(row: &Row<'_>) -> f64 {
    let first = row.values().next();
    first.map_or(f64::INFINITY, |line| line.min_us)
}

/// Minimum, median and ratio; empty where nothing was measured.
fn cells(f: &mut fmt::Formatter<'_>, line: Option<&&Line>, own: Option<&&Line>) -> fmt::Result {
    let Some(line) = line else {
        return write!(f, " | | |");
    };
    write!(f, " {:.1} | {:.1} |", line.min_us, line.median_us)?;
    match own {
        Some(own) => write!(f, " {:.2} |", line.min_us / own.min_us),
        None => write!(f, " |"),
    }
}
