//! Optimizers follow, to the rounding of f32, the trajectories of another program in f64
//! (`tests/truth/make_optimizers.py`) and those of plain loops over random gradients.
//!
//! Every trajectory gets the gradients of its reference, rounded once, so that its error is the
//! optimizer's alone and grows with the steps instead of feeding on itself.

mod common;

use std::collections::BTreeSet;

use common::{array, number, truth};
use elbo::optim::{Adam, Optimizer, Sgd};
use elbo::tape::{Module, Parameters, Path};
use elbo::{Tape, Tensor};
use proptest::prelude::*;
use serde_json::Value;

/// Half a unit in the last place of f32, and 1% for products of such errors.
const U: f64 = 1.01 * f32::EPSILON as f64 / 2.0;

/// Parameters without a net around them.
#[derive(Debug)]
struct Leaves<T>(Vec<T>);

impl<T> Module<T> for Leaves<T> {
    type Of<U> = Leaves<U>;
    fn map<U>(&self, path: Path<'_>, f: &mut dyn FnMut(Path<'_>, &T) -> U) -> Leaves<U> {
        Leaves(self.0.iter().map(|leaf| f(path.at("leaf"), leaf)).collect())
    }
    fn visit(&self, path: Path<'_>, f: &mut dyn FnMut(Path<'_>, &T)) {
        self.0.iter().for_each(|leaf| f(path.at("leaf"), leaf));
    }
    fn visit_mut(&mut self, path: Path<'_>, f: &mut dyn FnMut(Path<'_>, &mut T)) {
        self.0.iter_mut().for_each(|leaf| f(path.at("leaf"), leaf));
    }
}

/// One step of all leaves along the given gradients: those of Σ g x.
fn step(optimizer: &mut impl Optimizer, leaves: &mut Leaves<Tensor>, gradients: &[Vec<f64>]) {
    let mut tape = Tape::new();
    let on = leaves.on(&tape);
    let mut loss = tape.scalar(0.0);
    for (x, g) in on.0.iter().zip(gradients) {
        let g = Tensor::from_fn(x.shape(), |i| g[i] as f32);
        loss = loss + (*x * tape.constant(&g)).sum();
    }
    loss.backward();
    optimizer.step(leaves, &mut tape);
}

/// The settings of an optimizer, and how far its f32 may be from f64.
#[derive(Clone, Copy, Debug)]
enum Settings {
    Sgd {
        rate: f64,
        momentum: f64,
    },
    Adam {
        rate: f64,
        betas: [f64; 2],
        epsilon: f64,
    },
}

impl Settings {
    /// The error of a number after t steps that start at most X away from 0, along gradients of
    /// at most G.
    ///
    /// Both: x is rounded at the start and once a step, t + 1 times half a unit of X.
    ///
    /// Momentum m: v = m v + g is at most V = G / (1 - m). A step rounds g, m, the product and the
    /// sum, so that its error is m times the one before and 4 u V: 4 u V / (1 - m) in all. The
    /// rate, and its product with v, add 2 u V to it.
    ///
    /// Adam: by the same sum the error of m̂ is at most 3 u (t + 1) G. The relative error of v,
    /// a sum of positive terms each rounded six times and three times a step more, is
    /// 3 u (t + 1), and its root has half of that. With the roundings of the root, both scales,
    /// epsilon, the rate, product, sum and quotient, the step lr m̂ / √v̂ is off by
    /// lr R u (4.5 (t + 1) + 7), where R = G / √v̂ ≤ √t β₂^(-t/2) because v holds the square of G
    /// with weight (1 - β₂) β₂^t at least, and 1 - β₂^t ≤ t (1 - β₂).
    fn tolerance(self, t: usize, x: f64, g: f64) -> f64 {
        let steps = t as f64;
        let start = U * (steps + 1.0) * x;
        start
            + match self {
                Settings::Sgd { rate, momentum } => {
                    let v = g / (1.0 - momentum);
                    U * steps * rate * v * (4.0 / (1.0 - momentum) + 2.0)
                }
                Settings::Adam { rate, betas, .. } => {
                    let of_step = |s: usize| {
                        let s = s as f64;
                        s.sqrt() * betas[1].powf(-s / 2.0) * (4.5 * (s + 1.0) + 7.0)
                    };
                    U * rate * (1..=t).map(of_step).sum::<f64>()
                }
            }
    }

    /// Holds the optimizer to a trajectory of one number or more: `x[t]` after t steps along
    /// `g[0] .. g[t - 1]`.
    fn follows(self, what: &str, x: &[Vec<Vec<f64>>], g: &[Vec<Vec<f64>>]) -> Result<(), String> {
        match self {
            Settings::Sgd { rate, momentum } => {
                let sgd = Sgd::new(rate).momentum(momentum);
                self.run(sgd, what, x, g)
            }
            Settings::Adam {
                rate,
                betas,
                epsilon,
            } => {
                let adam = Adam::new(rate).betas(betas).epsilon(epsilon);
                self.run(adam, what, x, g)
            }
        }
    }
    fn run(
        self,
        mut optimizer: impl Optimizer,
        what: &str,
        x: &[Vec<Vec<f64>>],
        g: &[Vec<Vec<f64>>],
    ) -> Result<(), String> {
        optimizer.validate().map_err(|e| e.to_string())?;
        let largest = |all: &[Vec<Vec<f64>>], k: usize, i: usize| {
            all.iter().map(|a| a[k][i].abs()).fold(0.0, f64::max)
        };
        let leaf = |x: &Vec<f64>| Tensor::from_fn([x.len()], |i| x[i] as f32);
        let mut leaves = Leaves(x[0].iter().map(leaf).collect());
        for t in 1..x.len() {
            step(&mut optimizer, &mut leaves, &g[t - 1]);
            for (k, wanted) in x[t].iter().enumerate() {
                for (i, &wanted) in wanted.iter().enumerate() {
                    let got = f64::from(leaves.0[k].as_slice()[i]);
                    let [x, g] = [largest(&x[..=t], k, i), largest(&g[..t], k, i)];
                    let bound = self.tolerance(t, x, g);
                    if (got - wanted).abs() > bound {
                        return Err(format!(
                            "{what}, step {t}, leaf {k}[{i}]: got {got}, wanted {wanted}, off by \
                             {:e} where {bound:e} is allowed",
                            (got - wanted).abs()
                        ));
                    }
                }
            }
        }
        Ok(())
    }

    /// The same rule as a plain loop in f64.
    fn plain(self, start: &[Vec<f64>], g: &[Vec<Vec<f64>>]) -> Vec<Vec<Vec<f64>>> {
        let zeros: Vec<Vec<f64>> = start.iter().map(|x| vec![0.0; x.len()]).collect();
        let (mut first, mut second) = (zeros.clone(), zeros);
        let mut x = vec![start.to_vec()];
        for (t, g) in g.iter().enumerate() {
            let mut next = x[t].clone();
            for (k, g) in g.iter().enumerate() {
                for (i, &g) in g.iter().enumerate() {
                    let (m, v) = (&mut first[k][i], &mut second[k][i]);
                    next[k][i] -= match self {
                        Settings::Sgd { rate, momentum } => {
                            *m = momentum * *m + g;
                            rate * *m
                        }
                        Settings::Adam {
                            rate,
                            betas: [b1, b2],
                            epsilon,
                        } => {
                            *m = b1 * *m + (1.0 - b1) * g;
                            *v = b2 * *v + (1.0 - b2) * g * g;
                            let n = t as i32 + 1;
                            let m_hat = *m / (1.0 - b1.powi(n));
                            let v_hat = *v / (1.0 - b2.powi(n));
                            rate * m_hat / (v_hat.sqrt() + epsilon)
                        }
                    };
                }
            }
            x.push(next);
        }
        x
    }
}

/// The gradient at x of a function of the file.
fn gradient(file: &Value, function: &str, x: &[f64]) -> Vec<f64> {
    if function == "rosenbrock" {
        let bend = x[1] - x[0] * x[0];
        return vec![-400.0 * x[0] * bend - 2.0 * (1.0 - x[0]), 200.0 * bend];
    }
    let functions = file["functions"].as_array().unwrap();
    let quadratic = functions.iter().find(|f| f["id"] == function).unwrap();
    let (a, b) = (array::<f64>(&quadratic["a"]), array::<f64>(&quadratic["b"]));
    let row = |i: usize| a.row(i).iter().zip(x).map(|(a, x)| a * x).sum::<f64>();
    (0..x.len()).map(|i| row(i) - b.as_slice()[i]).collect()
}

#[test]
fn trajectories_equal_those_of_another_program() {
    let file = truth("optimizers.json");
    let mut run = BTreeSet::new();
    for case in file["trajectories"].as_array().unwrap() {
        let setting = |name: &str| number(&case["settings"][name]);
        let variant = case["variant"].as_str().unwrap();
        let settings = match variant {
            "sgd" | "sgd-momentum" => Settings::Sgd {
                rate: setting("lr"),
                momentum: case["settings"]["momentum"].as_f64().unwrap_or(0.0),
            },
            "adam" | "adam-betas" => Settings::Adam {
                rate: setting("lr"),
                betas: [setting("beta1"), setting("beta2")],
                epsilon: setting("eps"),
            },
            other => panic!("{other}"),
        };
        let all = array::<f64>(&case["x"]);
        let x: Vec<_> = (0..all.shape().dim(0))
            .map(|t| vec![all.row(t).to_vec()])
            .collect();
        let function = case["function"].as_str().unwrap();
        let g: Vec<_> = x
            .iter()
            .map(|x| vec![gradient(&file, function, &x[0])])
            .collect();
        assert_eq!(x.len(), 21);
        let followed = settings.follows(&case["id"].to_string(), &x, &g);
        assert_eq!(followed, Ok(()));
        run.insert(variant);
    }
    assert_eq!(run.len(), 4);
}

/// The defaults of Kingma and Ba (2015), and no momentum.
#[test]
fn defaults_are_those_of_the_paper() {
    let start = vec![vec![0.3, -2.0]];
    let g: Vec<_> = (0..9)
        .map(|t| vec![vec![f64::from(t).sin(), 1.0]])
        .collect();
    let run = |mut adam: Adam| {
        let mut leaves = Leaves(vec![Tensor::new([2], vec![0.3f32, -2.0])]);
        for g in &g {
            step(&mut adam, &mut leaves, g);
        }
        leaves.0[0].clone()
    };
    let written = Adam::new(0.05).betas([0.9, 0.999]).epsilon(1e-8);
    assert_eq!(run(Adam::new(0.05)), run(written));
    let plain = Sgd::new(0.05);
    let settings = Settings::Sgd {
        rate: 0.05,
        momentum: 0.0,
    };
    assert_eq!(
        settings.run(plain, "default", &settings.plain(&start, &g), &g),
        Ok(())
    );
}

/// Everything that can be set, so that a trajectory of the file which becomes possible is run.
#[test]
fn trajectories_that_are_not_run_lack_a_setting() {
    let file = truth("optimizers.json");
    let later: Vec<&str> = file["later"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    println!("of the full file do not exist yet: {}", later.join(", "));
    assert!(later.len() > 20, "{later:?}");
    let words = BTreeSet::from(["new", "betas", "epsilon", "momentum"].map(str::to_owned));
    let mut set = BTreeSet::new();
    for file in rust_files("src/optim") {
        set.extend(public_functions(&file));
    }
    assert_eq!(
        set, words,
        "a new setting or optimizer: add its trajectories in tests/truth/trim.py"
    );
    let modules: Vec<_> = rust_files("src/optim").collect();
    assert_eq!(modules.len(), 3, "{modules:?}: a new optimizer, as above");
    let mut trainer = BTreeSet::new();
    for file in rust_files("src/train") {
        trainer.extend(public_functions(&file));
    }
    assert!(
        trainer.contains("batch_size"),
        "the reader of sources is blind"
    );
    let possible: Vec<_> = trainer
        .iter()
        .filter(|name| {
            ["clip", "schedule", "warmup", "decay"]
                .iter()
                .any(|word| name.contains(word))
        })
        .collect();
    assert!(
        possible.is_empty(),
        "{possible:?}: add their trajectories in tests/truth/trim.py"
    );
}

fn rust_files(folder: &str) -> impl Iterator<Item = std::path::PathBuf> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
}

/// The names after `pub fn` in a source file.
fn public_functions(file: &std::path::Path) -> Vec<String> {
    let source = std::fs::read_to_string(file).unwrap();
    let name = |line: &str| {
        let rest = line.trim().strip_prefix("pub fn ")?;
        rest.split(['(', '<']).next().map(str::to_owned)
    };
    source.lines().filter_map(name).collect()
}

#[test]
fn a_leaf_that_no_gradient_reaches_stays_and_the_next_keeps_its_memory() {
    let mut sgd = Sgd::new(0.5).momentum(0.5);
    let mut leaves = Leaves(vec![Tensor::scalar(1.0f32), Tensor::scalar(8.0f32)]);
    for wanted in [7.5, 6.75, 5.875] {
        let mut tape = Tape::new();
        leaves.on(&tape).0[1].backward();
        sgd.step(&mut leaves, &mut tape);
        assert_eq!(leaves.0[0].item(), 1.0);
        assert_eq!(leaves.0[1].item(), wanted);
    }
}

/// Gradients of either sign from 1e-3 to 1e3, and zeros.
fn gradients() -> impl Strategy<Value = f64> {
    prop_oneof![
        1 => Just(0.0),
        9 => (any::<bool>(), -3.0..3.0f64).prop_map(|(minus, e)| 10f64.powf(e) * if minus { -1.0 } else { 1.0 }),
    ]
}

fn settings() -> impl Strategy<Value = Settings> {
    prop_oneof![
        (1e-4..1.0f64, 0.0..0.99f64).prop_map(|(rate, momentum)| Settings::Sgd { rate, momentum }),
        (1e-4..1.0f64, 0.0..0.99f64, 0.5..0.9999f64, -8.0..-1.0f64).prop_map(
            |(rate, b1, b2, e)| {
                Settings::Adam {
                    rate,
                    betas: [b1, b2],
                    epsilon: 10f64.powf(e),
                }
            }
        ),
    ]
}

proptest! {
    #[test]
    fn steps_along_random_gradients_are_those_of_a_plain_loop(
        settings in settings(),
        start in [prop::collection::vec(-10.0..10.0f64, 5), prop::collection::vec(-0.1..0.1f64, 2)],
        g in prop::collection::vec((prop::collection::vec(gradients(), 5), prop::collection::vec(gradients(), 2)), 1..30),
    ) {
        let g: Vec<Vec<Vec<f64>>> = g.into_iter().map(|(a, b)| vec![a, b]).collect();
        let x = settings.plain(&start, &g);
        let followed = settings.follows(&format!("{settings:?}"), &x, &g);
        prop_assert_eq!(followed, Ok(()));
    }
}
