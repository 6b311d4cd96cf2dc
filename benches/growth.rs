//! How time and memory of training and prediction grow with the size of the work.
//!
//! ```text
//! RAYON_NUM_THREADS=1 cargo bench --bench growth
//! ```
//!
//! For each of width, depth, batch, draws and rows of a prediction: microseconds of a step (the
//! least of many) or of the prediction, what that is for each unit of work, and the most bytes that
//! were alive at a time. Work that is linear keeps its time a unit; what is paid once, a small step
//! shows. `target/growth.svg` has the curves.
//!
//! The last line holds the memory of training 784-1200-1200-10 at batch 128 to its formula.

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::error::Error;
use std::ops::ControlFlow::{Break, Continue};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Instant;

use elbo::bayes::Noise;
use elbo::net::BayesNet;
use elbo::prelude::*;
use plotters::prelude::*;

use common::is_a_test;

/// The system's allocator, counting bytes that are alive, and the most of them.
struct Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

#[allow(unsafe_code)]
// SAFETY: every call is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        MOST.fetch_max(
            LIVE.fetch_add(layout.size(), Relaxed) + layout.size(),
            Relaxed,
        );
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller keeps the contract of `dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// `f`, and the most bytes above those before it that were alive meanwhile.
fn peak<R>(f: impl FnOnce() -> R) -> (R, usize) {
    let before = LIVE.load(Relaxed);
    MOST.store(before, Relaxed);
    let result = f();
    (result, MOST.load(Relaxed) - before)
}

/// Columns of the inputs.
const COLUMNS: usize = 64;

macro_rules! nets {
    ($($name:ident $width:literal;)+) => {$(
        bayes_net! {
            /// Two hidden layers.
            net $name(x: [COLUMNS]) -> y {
                h1 = relu(linear(x, $width));
                h2 = relu(linear(h1, $width));
                mean = linear(h2, 1);
                y ~ Normal(mean, 0.5);
            }
        }
    )+};
}
nets! { W128 128; W256 256; W512 512; W1024 1024; }

bayes_net! {
    /// Four hidden layers.
    net D4(x: [COLUMNS]) -> y {
        h1 = relu(linear(x, 256));
        h2 = relu(linear(h1, 256));
        h3 = relu(linear(h2, 256));
        h4 = relu(linear(h3, 256));
        mean = linear(h4, 1);
        y ~ Normal(mean, 0.5);
    }
}

bayes_net! {
    /// Eight hidden layers.
    net D8(x: [COLUMNS]) -> y {
        h1 = relu(linear(x, 256));
        h2 = relu(linear(h1, 256));
        h3 = relu(linear(h2, 256));
        h4 = relu(linear(h3, 256));
        h5 = relu(linear(h4, 256));
        h6 = relu(linear(h5, 256));
        h7 = relu(linear(h6, 256));
        h8 = relu(linear(h7, 256));
        mean = linear(h8, 1);
        y ~ Normal(mean, 0.5);
    }
}

bayes_net! {
    /// Digits.
    net Digits(x: [784]) -> y {
        h1 = relu(linear(x, 1200));
        h2 = relu(linear(h1, 1200));
        logits = linear(h2, 10);
        y ~ Categorical(logits);
    }
}

/// What was measured of one size.
struct Point {
    size: usize,
    /// Units of work: weights of the hidden layers, layers, rows or draws.
    work: f64,
    us: f64,
    bytes: usize,
}

fn data(rows: usize, columns: usize) -> elbo::Result<Dataset> {
    let mut x = vec![0.0; rows * columns];
    Noise::new(0).fill_normal(&mut x);
    let x: Vec<&[f64]> = x.chunks(columns).collect();
    let y: Vec<f64> = x.iter().map(|x| f64::from(x[0] > 0.0)).collect();
    Dataset::from_rows(&x, &y)
}

/// The least time of a step, and the most memory, of some steps.
fn steps<N: BayesNet>(batch: usize, draws: u64, columns: usize) -> elbo::Result<(f64, usize)> {
    let data = data(4 * batch, columns)?;
    let mut model = Model::new(N::fresh(0));
    let (mut best, mut count, mut last) = (f64::INFINITY, 0, Instant::now());
    let trainer = Trainer::new(Adam::new(1e-4)).epochs(usize::MAX).quiet();
    let trainer = trainer.batch_size(batch).draws(draws);
    let started = Instant::now();
    let (history, bytes) = peak(|| {
        trainer.fit_with(&mut model, &data, |_| {
            best = best.min(last.elapsed().as_secs_f64() * 1e6);
            last = Instant::now();
            count += 1;
            let done = count >= 30 && (started.elapsed().as_secs_f64() > 0.5 || is_a_test());
            if done { Break(()) } else { Continue(()) }
        })
    });
    history?;
    Ok((best, bytes))
}

/// The least time of a prediction of so many rows by 20 draws, and the most memory beside its result.
fn prediction(rows: usize) -> elbo::Result<(f64, usize)> {
    let mut model = Model::new(W128::fresh(0));
    let trainer = Trainer::new(Adam::new(1e-4)).epochs(1).quiet();
    trainer.fit(&mut model, &data(64, COLUMNS)?)?;
    let data = data(rows, COLUMNS)?;
    let (mut best, mut most) = (f64::INFINITY, 0);
    for _ in 0..if is_a_test() { 1 } else { 3 } {
        let start = Instant::now();
        let (result, bytes) = peak(|| model.predict(&data).draws(20).run());
        best = best.min(start.elapsed().as_secs_f64() * 1e6);
        drop(result?);
        most = bytes;
    }
    Ok((best, most))
}

fn main() -> Result<(), Box<dyn Error>> {
    let weights = |width: usize| (COLUMNS * width + width * width) as f64;
    let point = |size, work, (us, bytes)| Point {
        size,
        work,
        us,
        bytes,
    };
    let width = vec![
        point(128, weights(128), steps::<W128>(128, 1, COLUMNS)?),
        point(256, weights(256), steps::<W256>(128, 1, COLUMNS)?),
        point(512, weights(512), steps::<W512>(128, 1, COLUMNS)?),
        point(1024, weights(1024), steps::<W1024>(128, 1, COLUMNS)?),
    ];
    let depth = vec![
        point(2, 2.0, steps::<W256>(128, 1, COLUMNS)?),
        point(4, 4.0, steps::<D4>(128, 1, COLUMNS)?),
        point(8, 8.0, steps::<D8>(128, 1, COLUMNS)?),
    ];
    let mut batch = vec![];
    for rows in [32, 128, 512, 2048] {
        batch.push(point(rows, rows as f64, steps::<W256>(rows, 1, COLUMNS)?));
    }
    let mut draws = vec![];
    for count in [1, 2, 4, 8] {
        draws.push(point(
            count as usize,
            count as f64,
            steps::<W256>(128, count, COLUMNS)?,
        ));
    }
    let mut rows = vec![];
    for count in [1_000, 10_000, 100_000, 1_000_000] {
        if count <= 10_000 || !is_a_test() {
            rows.push(point(count, count as f64, prediction(count)?));
        }
    }
    let figures = [
        ("width, at batch 128", "weight", width),
        ("hidden layers of 256", "layer", depth),
        ("rows of a batch, at width 256", "row", batch),
        ("draws a step, at width 256 and batch 128", "draw", draws),
        (
            "rows of a prediction, at width 128 and 20 draws",
            "row",
            rows,
        ),
    ];
    for (name, unit, points) in &figures {
        println!("\n| {name} | us | ns a {unit} | MB at most | bytes a {unit} |");
        println!("| ---: | ---: | ---: | ---: | ---: |");
        for Point {
            size,
            work,
            us,
            bytes,
        } in points
        {
            let (each, mega) = (1e3 * us / work, *bytes as f64 / 1e6);
            let bytes = *bytes as f64 / work;
            println!("| {size} | {us:.1} | {each:.2} | {mega:.2} | {bytes:.0} |");
        }
    }
    draw(&figures)?;

    let parameters: usize = 784 * 1200 + 1200 + 1200 * 1200 + 1200 + 1200 * 10 + 10;
    // mu, rho, two moments and a gradient of each.
    let formula = (4 * parameters * (2 + 4 + 2)) as f64;
    let (_, bytes) = steps::<Digits>(128, 1, 784)?;
    println!(
        "\n784-1200-1200-10 at batch 128: {:.1} MB at most; mu, rho, their moments and gradients are \
         {:.1} MB, of which that is {:.3}",
        bytes as f64 / 1e6,
        formula / 1e6,
        bytes as f64 / formula
    );
    Ok(())
}

/// The curves, each relative to its first point, on logarithmic axes.
fn draw(figures: &[(&str, &str, Vec<Point>)]) -> Result<(), Box<dyn Error>> {
    let root = SVGBackend::new("target/growth.svg", (960, 420)).into_drawing_area();
    root.fill(&WHITE)?;
    for (area, what) in root.split_evenly((1, 2)).iter().zip(["time", "memory"]) {
        let caption = format!("{what}, of the smallest = 1");
        let mut chart = ChartBuilder::on(area)
            .caption(caption, ("sans-serif", 18))
            .margin(12)
            .x_label_area_size(36)
            .y_label_area_size(48)
            .build_cartesian_2d((1.0..1000.0).log_scale(), (0.5..1000.0).log_scale())?;
        chart.configure_mesh().x_desc("work").draw()?;
        for (k, (name, _, points)) in figures.iter().enumerate() {
            let color = Palette99::pick(k).to_rgba();
            let first = &points[0];
            let line = points.iter().map(|point| {
                let y = match what {
                    "time" => point.us / first.us,
                    _ => point.bytes as f64 / first.bytes as f64,
                };
                (point.work / first.work, y)
            });
            let series = LineSeries::new(line, color.stroke_width(2));
            let label = name.split(',').next().unwrap_or_default();
            let legend = move |(x, y)| PathElement::new([(x, y), (x + 16, y)], color);
            chart.draw_series(series)?.label(label).legend(legend);
        }
        chart.configure_series_labels().border_style(BLACK).draw()?;
    }
    root.present()?;
    Ok(())
}
