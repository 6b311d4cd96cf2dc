//! What elbo takes for the work by which libraries for Bayesian networks are compared.
//!
//! ```text
//! cargo bench --bench peers                                 all cases at 1 and 2 threads: a table
//! cargo bench --bench peers -- --case B,C --threads 2       a line of JSON for each case
//! cargo bench --bench peers -- --table lines.jsonl          the table of such lines of many programs
//! ```
//!
//! Every case goes the way of a user's program: nets of `bayes_net!`, [`Trainer`], `predict`. A
//! step is sample, forward, loss, backward, Adam. Posteriors start at mu from N(0, 0.1²) and rho
//! = -3, priors are N(0, 1), the loss is mean NLL + KL / n, there is one draw a step. One batch of
//! inputs meets eight sets of targets, so that the loss cannot reach 0: gradients that vanish into
//! denormal numbers would change the time.
//!
//! | case | work |
//! | --- | --- |
//! | A | 13-50-1 with relu, batch 32, Gaussian likelihood of standard deviation 1, n = 506 |
//! | B | 784-400-400-10, batch 128, categorical, n = 60,000 |
//! | C | 784-1200-1200-10, the same |
//! | D | B with the scale mixture (0.5, 1, exp(-6)), its KL at the draw |
//! | EB, EC | B and C with point weights |
//! | F | prediction of 1,000 rows with B: mean probabilities of 100 draws |
//! | G | LeNet on 1x28x28: 6 and 16 filters of 5x5 with pools, 120-84-10, batch 64, n = 60,000 |
//! | H | x = sin(x) x + c, 3,333 times, forward and backward |
//!
//! # Beside other libraries
//!
//! A runner calls each program with `--case A,B --threads 1 --seconds 4 --warmup 1`, keeps the
//! machine quiet and one thread on one core, and collects the lines; `--table` then shows them
//! side by side, with each time as a multiple of elbo's. A line is
//!
//! ```text
//! {"case": "B", "peer": "elbo", "threads": 1, "min_us": 1.0, "median_us": 1.1, "steps": 100,
//!  "version": "0.1.0", "check": {"loss": 2.3, "kl0": 1210650.0}}
//! ```
//!
//! and `check` holds what was computed, by which a runner knows that the work was the same: the KL
//! at the start and the loss at the end, the mean of the sums of probabilities in F, dx/dc in H.
//!
//! [`Trainer`]: elbo::train::Trainer

mod lenet;
mod line;
mod mlp;
mod options;
mod predict;
mod scalar;
mod stopwatch;
mod table;
mod train;

use std::fs;
use std::process::ExitCode;

use line::{Line, Measured};
use options::{Options, Task};
use stopwatch::Stopwatch;
use table::Table;

/// One kind of work.
struct Case {
    name: &'static str,
    /// Does the work again and again, until the stopwatch says that it is enough.
    run: fn(Stopwatch) -> elbo::Result<Measured>,
}

const CASES: &[Case] = &[
    case("A", mlp::a),
    case("B", mlp::b),
    case("C", mlp::c),
    case("D", mlp::d),
    case("EB", mlp::eb),
    case("EC", mlp::ec),
    case("F", predict::f),
    case("G", lenet::g),
    case("H", scalar::h),
];

const fn case(name: &'static str, run: fn(Stopwatch) -> elbo::Result<Measured>) -> Case {
    Case { name, run }
}

/// Runs a case on so many threads.
fn run(name: &str, threads: usize, options: &Options) -> Result<Line, String> {
    let Some(case) = CASES.iter().find(|case| case.name == name) else {
        return Err(format!("there is no case {name}"));
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.map_err(|error| error.to_string())?;
    let stopwatch = Stopwatch::new(options.warmup, options.seconds);
    let measured = pool.install(|| (case.run)(stopwatch));
    let measured = measured.map_err(|error| error.to_string())?;
    Ok(Line::new(name, threads, measured))
}

fn main() -> ExitCode {
    match Options::of(std::env::args().skip(1)).and_then(|options| work(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => {
            eprintln!("{complaint}");
            ExitCode::FAILURE
        }
    }
}

fn work(options: &Options) -> Result<(), String> {
    match &options.task {
        Task::Nothing => {}
        Task::Cases { names, threads } => {
            for name in names {
                match run(name, *threads, options) {
                    Ok(line) => println!("{line}"),
                    Err(why) => println!("{}", line::failure(name, *threads, &why)),
                }
            }
        }
        Task::All { threads } => {
            let mut lines = vec![];
            for case in CASES {
                for &threads in threads {
                    eprintln!("{}, threads: {threads}", case.name);
                    lines.push(run(case.name, threads, options)?);
                }
            }
            print!("{}", Table::new(&lines));
        }
        Task::Table { file } => {
            let text = fs::read_to_string(file)
                .map_err(|error| format!("--table {}: {error}", file.display()))?;
            let lines: Vec<Line> = text.lines().filter_map(Line::parse).collect();
            print!("{}", Table::new(&lines));
        }
    }
    Ok(())
}
