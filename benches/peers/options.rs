//! The command line.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// What to do, and for how long.
pub(crate) struct Options {
    pub(crate) task: Task,
    /// Measured time of a case.
    pub(crate) seconds: Duration,
    pub(crate) warmup: Duration,
}

pub(crate) enum Task {
    /// A table of all cases.
    All { threads: Vec<usize> },
    /// A line for each of some cases.
    Cases { names: Vec<String>, threads: usize },
    /// The table of the lines of a file.
    Table { file: PathBuf },
    /// For `cargo test --benches`, which only wants to know that the program starts.
    Nothing,
}

impl Options {
    /// Reads the arguments; a complaint if one is unknown or has no value that fits.
    pub(crate) fn of(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let (mut names, mut threads, mut file, mut nothing) = (None, None, None, false);
        let (mut seconds, mut warmup) = (4.0, 1.0);
        while let Some(flag) = arguments.next() {
            let mut value = || {
                arguments
                    .next()
                    .ok_or(format!("{flag}: a value is missing"))
            };
            match flag.as_str() {
                "--bench" => {} // cargo says so to every benchmark
                "--test" => nothing = true,
                "--case" => names = Some(value()?.split(',').map(str::to_owned).collect()),
                "--threads" => threads = Some(number(&flag, &value()?)?),
                "--seconds" => seconds = number(&flag, &value()?)?,
                "--warmup" => warmup = number(&flag, &value()?)?,
                "--table" => file = Some(PathBuf::from(value()?)),
                _ => return Err(format!("{flag}: there is no such option")),
            }
        }
        let task = match (nothing, file, names) {
            (true, _, _) => Task::Nothing,
            (_, Some(file), _) => Task::Table { file },
            (_, _, Some(names)) => Task::Cases {
                names,
                threads: threads.unwrap_or(1),
            },
            _ => Task::All {
                threads: threads.map_or(vec![1, 2], |threads| vec![threads]),
            },
        };
        Ok(Options {
            task,
            seconds: duration("--seconds", seconds)?,
            warmup: duration("--warmup", warmup)?,
        })
    }
}

fn number<T: FromStr>(flag: &str, value: &str) -> Result<T, String> {
    value
        .parse()
        .map_err(|_| format!("{flag} {value}: that is no number that fits"))
}

fn duration(flag: &str, seconds: f64) -> Result<Duration, String> {
    Duration::try_from_secs_f64(seconds).map_err(|error| format!("{flag} {seconds}: {error}"))
}
