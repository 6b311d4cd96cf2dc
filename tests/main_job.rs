//! The main example does its job: over five seeds the net of `examples/diagnosis.rs`, trained as
//! there, is right on at least 96% of the patients that it has not seen, and referring the tenth
//! of whom it is least sure does not make it worse on the others.

use diagnosis::Diagnosis;
use elbo::prelude::*;
use rayon::prelude::*;

#[allow(dead_code, unreachable_pub)] // the program around the net
#[path = "../examples/diagnosis.rs"]
mod diagnosis;

/// Accuracy on the test rows: of all, and of the nine tenths that the net is surest of.
fn run(seed: u64) -> [f64; 2] {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/wdbc.csv");
    let target = Target::column("diagnosis").positive("malignant");
    let data = Dataset::from_csv(file, target).unwrap();
    let (train, test) = data.split(0.8, seed);
    let mut model = Model::new(Diagnosis::new(seed)).standardize();
    let trainer = Trainer::new(Adam::new(3e-3))
        .epochs(400)
        .batch_size(64)
        .draws(2)
        .seed(seed)
        .quiet();
    trainer.fit(&mut model, &train).unwrap();

    let prediction = model.predict(&test).draws(200).run().unwrap();
    let truth: Vec<usize> = test
        .labels("diagnosis")
        .unwrap()
        .iter()
        .map(|&label| usize::from(label == "malignant"))
        .collect();
    let right: Vec<bool> = prediction
        .probability()
        .iter()
        .zip(&truth)
        .map(|(&p, &y)| (p > 0.5) == (y == 1))
        .collect();
    let mut surest: Vec<usize> = (0..test.rows()).collect();
    let entropy = prediction.entropy();
    surest.sort_by(|&a, &b| entropy[a].total_cmp(&entropy[b]));
    let share =
        |rows: &[usize]| rows.iter().filter(|&&row| right[row]).count() as f64 / rows.len() as f64;
    let kept = test.rows() - test.rows() / 10;
    [share(&surest), share(&surest[..kept])]
}

#[test]
fn the_main_example_is_right_on_96_percent_and_knows_where_it_is_not() {
    let seeds: Vec<u64> = (1..=5).collect();
    let results: Vec<[f64; 2]> = seeds.par_iter().map(|&seed| run(seed)).collect();
    println!("{results:?}");
    let mean = |k: usize| results.iter().map(|r| r[k]).sum::<f64>() / seeds.len() as f64;
    let [all, referred] = [mean(0), mean(1)];
    assert!(all >= 0.96, "{all}: {results:?}");
    assert!(referred >= all, "{all} to {referred}: {results:?}");
}

/// The settings above are those of the example.
#[test]
fn the_example_trains_with_these_settings() {
    let words = |source: &str| source.split_whitespace().collect::<String>();
    let [example, own] = [
        include_str!("../examples/diagnosis.rs"),
        include_str!("main_job.rs"),
    ]
    .map(words);
    for setting in [
        "data.split(0.8,seed)",
        "Model::new(Diagnosis::new(seed)).standardize()",
        "Trainer::new(Adam::new(3e-3)).epochs(400).batch_size(64).draws(2).seed(seed)",
        "model.predict(&test).draws(200).run()",
    ] {
        assert!(example.contains(setting), "the example: {setting}");
        assert!(own.matches(setting).count() == 2, "this test: {setting}");
    }
}
