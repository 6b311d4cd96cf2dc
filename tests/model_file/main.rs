//! A model file is the model: load(save(m)) = m, bit for bit, in this process and in another;
//! and whatever else a file may be, loading it is an error that says so, never a panic, never
//! more memory than the file's own size asks for.

mod memory;
mod nets;
mod raw;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use elbo::bayes::{Ledger, Noise, Pass};
use elbo::data::{Dataset, Target};
use elbo::net::{BayesNet, Model, Net};
use elbo::optim::Adam;
use elbo::tape::{self, Module};
use elbo::train::Trainer;
use elbo::{Error, Tape, Tensor};
use proptest::prelude::*;
use serde_json::json;

use nets::Wine;
use raw::{Folder, Raw, checksum, file};

/// Columns whose scaling has no short decimal form.
fn data() -> Dataset {
    let rows = 24;
    let names = ["acid", "sugar", "alcohol"];
    let mut builder = Dataset::builder();
    for (column, name) in names.iter().enumerate() {
        let values: Vec<f64> = (0..rows)
            .map(|row| ((row * (column + 2)) as f64 * 0.7).sin() / 3.0 + 10.0)
            .collect();
        builder = builder.column(*name, values);
    }
    let quality: Vec<f64> = (0..rows)
        .map(|row| (row as f64 * 0.9).cos() * 7.0)
        .collect();
    let quality_column = Target::column("quality");
    builder.target(quality_column, quality).build().unwrap()
}

fn trainer() -> Trainer<Adam> {
    Trainer::new(Adam::new(0.01))
        .epochs(2)
        .batch_size(8)
        .quiet()
}

fn trained<N: BayesNet>() -> Model<N> {
    let mut model = Model::new(N::fresh(1)).standardize();
    trainer().fit(&mut model, &data()).unwrap();
    model
}

/// Every parameter with its path, as bits.
fn parameters<N: BayesNet>(model: &Model<N>) -> Vec<(String, Vec<u32>)> {
    let mut all = vec![];
    model.net().visit(tape::Path::ROOT, &mut |path, leaf| {
        all.push((path.to_string(), bits(leaf)));
    });
    all
}

fn bits(tensor: &Tensor) -> Vec<u32> {
    tensor
        .as_slice()
        .iter()
        .map(|value| value.to_bits())
        .collect()
}

/// The likelihood's parameters for all rows in three draws, as bits, from data in the user's
/// units.
fn outputs<N: BayesNet>(model: &Model<N>) -> Vec<u32> {
    let tape = Tape::new();
    let inputs = model.schema().unwrap().inputs(&data()).unwrap();
    let inputs: Vec<_> = inputs.iter().map(|x| tape.constant(x)).collect();
    let ledger = Ledger::default();
    let net = model.net().map_on(&mut |_, leaf| tape.parameter(leaf));
    let mut all = vec![];
    for draw in 0..3 {
        let pass = Pass::new(&tape, &ledger, Noise::new(5).draw(draw));
        let output = N::output_values(&net.forward(&inputs, &pass));
        output.visit(tape::Path::ROOT, &mut |_, leaf| all.extend(bits(leaf)));
    }
    all
}

fn load<N: BayesNet>(path: &Path) -> Result<Model<N>, Error> {
    Model::load(path)
}

/// The error's text, without the folder.
fn refusal<N: BayesNet>(path: &Path) -> String {
    let error = load::<N>(path).map(drop).unwrap_err();
    assert!(matches!(error, Error::ModelFile { .. }), "{error:?}");
    let folder = format!("{}/", path.parent().unwrap().display());
    error.to_string().replace(&folder, "")
}

#[test]
fn a_loaded_model_is_the_saved_one() {
    let folder = Folder::new("same");
    let path = folder.at("wine.safetensors");
    let mut model = trained::<Wine>();
    model.save(&path).unwrap();
    let mut loaded = load::<Wine>(&path).unwrap();
    assert_eq!(parameters(&loaded), parameters(&model));
    assert_eq!(loaded.schema(), model.schema());
    assert_eq!(loaded.record(), model.record());
    assert_eq!(outputs(&loaded), outputs(&model));
    let predicted = |model: &Model<Wine>| format!("{:?}", model.predict(&data()).run().unwrap());
    assert_eq!(predicted(&loaded), predicted(&model));
    assert_eq!(loaded.summary().to_string(), model.summary().to_string());

    // Trained on, both go the same way.
    let [a, b] = [&mut model, &mut loaded].map(|model| trainer().fit(model, &data()).unwrap());
    assert_eq!(a, b);
    assert_eq!(parameters(&loaded), parameters(&model));
}

/// Every posterior has its leaves in the file, and so has a prior that learns its scale.
#[test]
fn a_model_of_every_posterior_comes_back() {
    type Families = nets::families::Wine;
    let folder = Folder::new("families");
    let path = folder.at("wine");
    let mut model = trained::<Families>();
    model.save(&path).unwrap();
    let mut loaded = load::<Families>(&path).unwrap();
    assert_eq!(parameters(&loaded), parameters(&model));
    assert_eq!(outputs(&loaded), outputs(&model));
    let names: Vec<String> = parameters(&model)
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    for name in [
        "h.weight.rows",
        "h.weight.columns",
        "h.weight.prior_rho",
        "h.bias.rho",
        "mean.weight.factor",
        "mean.bias.factor",
        "rest.weight.factor",
        "more.bias.rho",
    ] {
        assert!(
            names.iter().any(|known| known == name),
            "{name} in {names:?}"
        );
    }
    let [a, b] = [&mut model, &mut loaded].map(|model| trainer().fit(model, &data()).unwrap());
    assert_eq!(a, b);
    assert_eq!(parameters(&loaded), parameters(&model));
}

#[test]
fn a_model_without_data_keeps_its_wish_to_standardize() {
    let folder = Folder::new("untrained");
    let path = folder.at("wine");
    for standardize in [false, true] {
        let mut model = Model::new(Wine::new(3));
        if standardize {
            model = model.standardize();
        }
        model.save(&path).unwrap();
        let mut loaded = load::<Wine>(&path).unwrap();
        assert_eq!(parameters(&loaded), parameters(&model));
        assert!(loaded.schema().is_none() && loaded.record().is_none());
        trainer().fit(&mut loaded, &data()).unwrap();
        let scaling = &loaded.schema().unwrap().inputs[0].scaling;
        assert_eq!(scaling.is_some(), standardize);
    }
}

#[test]
fn the_same_model_gives_the_same_bytes() {
    let folder = Folder::new("bytes");
    let [a, b] = ["a", "b"].map(|name| folder.at(name));
    trained::<Wine>().save(&a).unwrap();
    trained::<Wine>().save(&b).unwrap();
    let bytes = fs::read(&a).unwrap();
    assert_eq!(bytes, fs::read(&b).unwrap());
    // and so does a loaded one
    load::<Wine>(&a).unwrap().save(&b).unwrap();
    assert_eq!(bytes, fs::read(&b).unwrap());
}

#[test]
fn any_reader_of_safetensors_finds_the_parameters() {
    let folder = Folder::new("reader");
    let path = folder.at("wine");
    let model = trained::<Wine>();
    model.save(&path).unwrap();
    let raw = Raw::read(&path);
    let mut at = 0;
    for (name, bits) in parameters(&model) {
        let entry = &raw.tensors[&name];
        let end = at + 4 * bits.len();
        assert_eq!(entry["dtype"], "F32");
        assert_eq!(entry["data_offsets"], json!([at, end]), "{name}");
        let numbers: Vec<u8> = bits.iter().flat_map(|bits| bits.to_le_bytes()).collect();
        assert_eq!(raw.numbers[at..end], numbers, "{name}");
        at = end;
    }
    assert_eq!(at, raw.numbers.len());
    let header = fs::read(&path).unwrap().len() - raw.numbers.len();
    assert_eq!(header % 8, 0, "numbers are aligned");
    assert_eq!(raw.model["format"], 1);
    assert_eq!(raw.model["nodes"][0]["expression"], "relu(linear(x, 4))");
    assert_eq!(raw.model["targets"][0]["distribution"], "Normal(mean, std)");
}

/// A finite number, all of them alike.
fn finite() -> impl Strategy<Value = f32> {
    any::<u32>()
        .prop_map(f32::from_bits)
        .prop_filter("finite", |value| value.is_finite())
}

proptest! {
    #[test]
    fn every_finite_parameter_comes_back(values in prop::collection::vec(finite(), 64)) {
        let mut net = Wine::new(0);
        let mut values = values.into_iter().cycle();
        net.visit_mut(tape::Path::ROOT, &mut |_, leaf| {
            leaf.as_mut_slice().fill_with(|| values.next().unwrap());
        });
        let model = Model::new(net);
        let folder = Folder::new("finite");
        let path = folder.at("wine");
        model.save(&path).unwrap();
        prop_assert_eq!(parameters(&load::<Wine>(&path).unwrap()), parameters(&model));
    }
}

/// Names the file that a child process works on.
const CHILD: &str = "ELBO_TEST_MODEL_FILE";

/// This program again, running only the test `name` on the file at `path`.
fn child(name: &str, path: &Path) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["--exact", name, "--ignored", "--nocapture"])
        .env(CHILD, path);
    command
}

fn child_path() -> PathBuf {
    env::var_os(CHILD).expect("run by a test").into()
}

#[test]
#[ignore = "the other process of a_fresh_process_predicts_the_same_bits"]
fn child_predicts() {
    let model = load::<Wine>(&child_path()).unwrap();
    println!("\noutputs {:?}", outputs(&model));
}

#[test]
fn a_fresh_process_predicts_the_same_bits() {
    let folder = Folder::new("process");
    let path = folder.at("wine");
    let model = trained::<Wine>();
    model.save(&path).unwrap();
    let run = child("child_predicts", &path).output().unwrap();
    assert!(run.status.success(), "{run:?}");
    let printed = String::from_utf8(run.stdout).unwrap();
    let wanted = format!("outputs {:?}", outputs(&model));
    assert!(printed.lines().any(|line| line == wanted), "{printed}");
}

#[test]
#[ignore = "the other process of writers_and_readers_do_not_meet"]
fn child_saves() {
    let path = child_path();
    let model = trained::<Wine>();
    for _ in 0..50 {
        model.save(&path).unwrap();
    }
}

#[test]
fn writers_and_readers_do_not_meet() {
    let folder = Folder::new("race");
    let path = folder.at("wine");
    let model = trained::<Wine>();
    model.save(&path).unwrap();
    let spawn = |_| child("child_saves", &path).spawn().unwrap();
    let mut children: Vec<_> = (0..2).map(spawn).collect();
    for _ in 0..50 {
        model.save(&path).unwrap();
        assert_eq!(
            parameters(&load::<Wine>(&path).unwrap()),
            parameters(&model)
        );
    }
    for child in &mut children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(folder.names(), ["wine"], "nothing temporary is left");
}

#[test]
fn a_save_that_fails_leaves_the_old_file() {
    let folder = Folder::new("fails");
    let path = folder.put("wine", "old");
    let mut net = Wine::new(1);
    net.mean.weight.mu.as_mut_slice()[2] = f32::NAN;
    let error = Model::new(net).save(&path).unwrap_err();
    assert!(matches!(error, Error::ModelFile { .. }));
    assert_eq!(
        error.differences(),
        ["parameter `mean.weight.mu`: 1 of 4 numbers, the first is NaN at index 2"]
    );
    assert_eq!(fs::read(&path).unwrap(), b"old");

    let model = Model::new(Wine::new(1));
    fs::create_dir(folder.at("directory")).unwrap();
    for (place, reason) in [
        ("directory", "it is a directory"),
        ("missing/wine", "No such file or directory (os error 2)"),
        ("wine/wine", "Not a directory (os error 20)"),
    ] {
        let place = folder.at(place);
        let error = model.save(&place).unwrap_err();
        assert!(matches!(
            error,
            Error::Io {
                action: "write",
                ..
            }
        ));
        if cfg!(target_os = "linux") {
            let wanted = format!("cannot write {}: {reason}", place.display());
            let text = error.to_string();
            assert!(text.starts_with(&wanted), "{text}");
        }
    }
    assert_eq!(folder.names(), ["directory", "wine"]);
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_keeps_its_file() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("read-only");
    let path = folder.put("wine", "old");
    let mode = |mode| fs::set_permissions(folder.at(""), fs::Permissions::from_mode(mode));
    mode(0o555).unwrap();
    let saved = Model::new(Wine::new(1)).save(&path);
    // For the superuser no folder is read-only.
    let superuser = fs::write(folder.at("probe"), "").is_ok();
    mode(0o755).unwrap();
    if !superuser {
        assert!(matches!(
            saved,
            Err(Error::Io {
                action: "write",
                ..
            })
        ));
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(folder.names(), ["wine"]);
    }
}

#[test]
fn every_truncation_is_an_error() {
    let folder = Folder::new("truncated");
    let path = folder.at("wine");
    trained::<Wine>().save(&path).unwrap();
    let bytes = fs::read(&path).unwrap();
    for length in 0..bytes.len() {
        fs::write(&path, &bytes[..length]).unwrap();
        let text = refusal::<Wine>(&path);
        let wanted = if length == 0 {
            "wine: is empty; "
        } else {
            "wine: is truncated: "
        };
        assert!(text.starts_with(wanted), "{length}: {text}");
    }
    let cut = bytes.len() - 1;
    fs::write(&path, &bytes[..cut]).unwrap();
    assert_eq!(
        refusal::<Wine>(&path),
        format!(
            "wine: is truncated: it has {cut} bytes, its header accounts for {}; \
             copy or download it again",
            bytes.len()
        )
    );
    fs::write(&path, [&bytes[..], b"more"].concat()).unwrap();
    assert!(refusal::<Wine>(&path).starts_with("wine: is too long: "));
}

/// What loading a small file may hold: the file, its parsed header and a net.
const BOUND: usize = 1 << 20;

#[test]
fn every_flipped_bit_is_refused_in_little_memory() {
    let folder = Folder::new("flipped");
    let path = folder.at("wine");
    trained::<Wine>().save(&path).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    // All bits of the numbers, and to save time one of each byte of the header.
    let header = bytes.len() - Raw::read(&path).numbers.len();
    let of_header = (0..header).map(|byte| 8 * byte + byte % 8);
    for bit in of_header.chain(8 * header..8 * bytes.len()) {
        let mask = 1 << (bit % 8);
        bytes[bit / 8] ^= mask;
        fs::write(&path, &bytes).unwrap();
        let (loaded, peak) = memory::peak(|| load::<Wine>(&path));
        assert!(peak < BOUND, "bit {bit}: {peak} bytes");
        let error = loaded.map(drop).expect_err(&format!("bit {bit}"));
        assert!(matches!(error, Error::ModelFile { .. }), "{bit}: {error}");
        bytes[bit / 8] ^= mask;
    }
}

#[test]
fn damage_is_told_by_its_place() {
    let folder = Folder::new("damage");
    let path = folder.at("wine");
    trained::<Wine>().save(&path).unwrap();
    let good = Raw::read(&path);
    assert_eq!(good.sum, checksum(&good.numbers));

    // Another finite number.
    let mut raw = good.clone();
    raw.numbers[2] ^= 1;
    let found = checksum(&raw.numbers);
    let text = refusal::<Wine>(&folder.put("numbers", raw.bytes()));
    let wanted = format!(
        "numbers: is damaged: its numbers have the checksum {found}, not {} as when they were \
         saved; copy or download it again",
        good.sum
    );
    assert_eq!(text, wanted);

    // Two parameters of one shape that changed places: no number is another one.
    let mut raw = good.clone();
    let [a, b] = ["h.weight.mu", "h.weight.rho"].map(|name| raw.tensors[name].clone());
    raw.tensors["h.weight.mu"] = b;
    raw.tensors["h.weight.rho"] = a;
    let text = refusal::<Wine>(&folder.put("places", raw.bytes()));
    assert!(
        text.starts_with("places: is damaged: its numbers have"),
        "{text}"
    );

    // Another scaling, which no other check could know.
    let mut bytes = good.bytes();
    let std = br#"\"std\":["#;
    let at = bytes.windows(std.len()).position(|part| part == std);
    let first_decimal = at.unwrap() + std.len() + "0.".len();
    assert!(bytes[first_decimal].is_ascii_digit());
    bytes[first_decimal] ^= 1;
    let text = refusal::<Wine>(&folder.put("words", bytes));
    assert!(
        text.starts_with("words: is damaged: its words have"),
        "{text}"
    );

    let mut raw = good.clone();
    raw.sum = String::new();
    assert_eq!(
        refusal::<Wine>(&folder.put("none", raw.bytes())),
        "none: is damaged: the checksum of its numbers is missing; copy or download it again"
    );
}

#[test]
fn hostile_headers_are_refused_in_little_memory() {
    let folder = Folder::new("hostile");
    let good = folder.at("good");
    trained::<Wine>().save(&good).unwrap();
    let good = Raw::read(&good);

    let with_length = |length: u64| {
        let mut bytes = good.bytes();
        bytes[..8].copy_from_slice(&length.to_le_bytes());
        bytes
    };
    let with_entry = |name: &str, shape: &[u64], offsets: [u64; 2]| {
        let mut raw = good.clone();
        let entry = json!({ "dtype": "F32", "shape": shape, "data_offsets": offsets });
        raw.tensors[name] = entry;
        raw.bytes()
    };
    let end = good.numbers.len() as u64;
    let huge = u64::MAX;
    let mut many = good.clone();
    for i in 0..1000 {
        many.tensors[format!("extra{i}")] =
            json!({ "dtype": "F32", "shape": [0], "data_offsets": [end, end] });
    }
    for (what, bytes) in [
        ("a length of 2^64 - 1", with_length(huge)),
        ("a length of 2^63", with_length(1 << 63)),
        (
            "a length just beyond the file",
            with_length(good.bytes().len() as u64 - 7),
        ),
        ("no header", with_length(0)),
        ("a header of no object", file("[]", &[])),
        ("an empty header", file("{}", &[])),
        (
            "deep nesting",
            file(&("{\"a\":".to_owned() + &"[".repeat(5000)), &[]),
        ),
        (
            "overlapping offsets",
            with_entry("mean.bias.mu", &[1], [0, 4]),
        ),
        (
            "offsets beyond the file",
            with_entry("z", &[1 << 40], [end, end + (4 << 40)]),
        ),
        ("offsets backwards", with_entry("z", &[1], [end + 4, end])),
        (
            "offsets at the end of u64",
            with_entry("z", &[1], [huge - 4, huge]),
        ),
        (
            "a product that overflows",
            with_entry("z", &[huge, huge, 2], [end, end]),
        ),
        (
            "a product that wraps to 0",
            with_entry("z", &[1 << 32, 1 << 32], [end, end]),
        ),
        (
            "an empty tensor of vast shape",
            with_entry("z", &[0, huge, huge], [end, end]),
        ),
        ("a thousand tensors too many", many.bytes()),
    ] {
        let path = folder.put("hostile", bytes);
        let (loaded, peak) = memory::peak(|| load::<Wine>(&path));
        let error = loaded.expect_err(what);
        assert!(matches!(error, Error::ModelFile { .. }), "{what}: {error}");
        assert!(peak < BOUND, "{what}: {peak} bytes");
        assert!(error.to_string().len() < 10_000, "{what}");
    }
}

#[test]
fn what_is_no_model_is_called_by_its_name() {
    let folder = Folder::new("foreign");
    let lfs = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
    let page = "\n<!DOCTYPE html>\n<html><title>404</title></html>";
    let tensor =
        r#"{"__metadata__":{"format":"pt"},"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#;
    for (bytes, text) in [
        (
            b"".to_vec(),
            "file: is empty; save the model again, or copy the file again",
        ),
        (
            lfs.into(),
            "file: is a Git LFS pointer, not the file it stands for; fetch that with `git lfs pull`",
        ),
        (
            page.into(),
            "file: is a web page, not a model; download the file itself: \
             the address leads to a page about it, or to a refusal",
        ),
        (
            b"PK\x03\x04 and so on".to_vec(),
            "file: is a zip archive; unpack it first",
        ),
        (
            b"mean,std\n1,2\n".to_vec(),
            "file: is no safetensors file; load a file that `Model::save` wrote",
        ),
        (
            file(tensor, &[0; 4]),
            "file: is a safetensors file, but it does not describe a model of elbo; \
             load a file that `Model::save` wrote",
        ),
    ] {
        assert_eq!(refusal::<Wine>(&folder.put("file", bytes)), text);
    }
    fs::create_dir(folder.at("models")).unwrap();
    let text = "models: is a directory; name the file in it";
    assert_eq!(refusal::<Wine>(&folder.at("models")), text);
    let missing = load::<Wine>(&folder.at("missing")).unwrap_err();
    assert!(matches!(missing, Error::Io { action: "read", .. }));
}

#[test]
fn a_newer_format_asks_for_a_newer_elbo() {
    let folder = Folder::new("newer");
    let path = folder.at("wine");
    trained::<Wine>().save(&path).unwrap();
    let mut raw = Raw::read(&path);
    // Whatever else has changed there.
    raw.model = json!({ "format": 2, "elbo": "7.1.0", "net": ["Wine"] });
    assert_eq!(
        refusal::<Wine>(&folder.put("new", raw.bytes())),
        format!(
            "new: has format 2, written by elbo 7.1.0; this is elbo {}, which reads format 1; \
             update elbo, or save the model with this version",
            env!("CARGO_PKG_VERSION")
        )
    );
    raw.model = json!({ "format": 1, "elbo": "0.1.0", "net": ["Wine"] });
    let text = refusal::<Wine>(&folder.put("old", raw.bytes()));
    assert!(
        text.starts_with("old: the description of the model is damaged: invalid type"),
        "{text}"
    );
}

#[test]
fn parameters_that_are_not_finite_are_named() {
    let folder = Folder::new("nan");
    let path = folder.at("wine");
    trained::<Wine>().save(&path).unwrap();
    let mut raw = Raw::read(&path);
    let mut set = |name: &str, index: usize, value: f32| {
        let at = raw.tensors[name]["data_offsets"][0].as_u64().unwrap() as usize + 4 * index;
        raw.numbers[at..at + 4].copy_from_slice(&value.to_le_bytes());
    };
    set("h.weight.rho", 5, f32::NAN);
    set("h.weight.rho", 7, f32::NEG_INFINITY);
    set("std.raw", 0, f32::INFINITY);
    raw.sum = checksum(&raw.numbers);
    assert_eq!(
        refusal::<Wine>(&folder.put("nan", raw.bytes())),
        "nan: parameters of the model are not finite; \
         take a file from before they became so, or train anew:\n  \
         - parameter `h.weight.rho`: 2 of 12 numbers, the first is NaN at index 5\n  \
         - parameter `std.raw`: 1 of 1 numbers, the first is inf at index 0"
    );
}

/// What a file of the net `base` and the net N disagree about.
fn differences<N: BayesNet>(path: &Path) -> Vec<String> {
    load::<N>(path)
        .map(drop)
        .unwrap_err()
        .differences()
        .to_vec()
}

#[test]
fn another_declaration_is_told_apart() {
    let folder = Folder::new("other");
    let path = folder.at("wine");
    trained::<Wine>().save(&path).unwrap();
    assert_eq!(
        differences::<nets::prior::Wine>(&path),
        [
            "layer `h`: the prior is `weights ~ Normal(0, 0.5773502691896258), biases ~ Normal(0, 1)` \
             in the file, `weights ~ Normal(0, 0.25), biases ~ Normal(0, 1)` in the net"
        ]
    );
    assert_eq!(
        differences::<nets::posterior::Wine>(&path),
        [
            "layer `h`: the posterior is `MeanField` in the file, `Point` in the net",
            "parameter `h.weight.rho` is in the file only",
            "parameter `h.bias.rho` is in the file only",
        ]
    );
    assert_eq!(
        differences::<nets::estimator::Wine>(&path),
        ["layer `mean`: the estimator is `WeightReparam` in the file, `LocalReparam` in the net"]
    );
    assert_eq!(
        differences::<nets::activation::Wine>(&path),
        [
            "node `h`: the declaration is `relu(linear(x, 4))` in the file, \
             `tanh(linear(x, 4))` in the net"
        ]
    );
    assert_eq!(
        differences::<nets::likelihood::Wine>(&path),
        [
            "target `y`: the distribution is `Normal(mean, std)` in the file, \
             `Poisson(mean * std)` in the net"
        ]
    );
    assert_eq!(
        differences::<nets::name::Cellar>(&path),
        ["the net: the name is `Wine` in the file, `Cellar` in the net"]
    );
    assert_eq!(
        differences::<nets::width::Wine>(&path),
        [
            "node `h`: the declaration is `relu(linear(x, 4))` in the file, \
             `relu(linear(x, 6))` in the net",
            "layer `mean`: the prior is `weights ~ Normal(0, 0.5), biases ~ Normal(0, 1)` in the \
             file, `weights ~ Normal(0, 0.4082482904638631), biases ~ Normal(0, 1)` in the net",
            "parameter `h.weight.mu` is [3, 4] in the file, [3, 6] in the net",
            "parameter `h.weight.rho` is [3, 4] in the file, [3, 6] in the net",
            "parameter `h.bias.mu` is [4] in the file, [6] in the net",
            "parameter `h.bias.rho` is [4] in the file, [6] in the net",
            "parameter `mean.weight.mu` is [4, 1] in the file, [6, 1] in the net",
            "parameter `mean.weight.rho` is [4, 1] in the file, [6, 1] in the net",
        ]
    );
    let of_mean = "node `mean`: the declaration is";
    assert_eq!(
        differences::<nets::deeper::Wine>(&path),
        [
            "node `h2` is in the net only",
            &format!("{of_mean} `linear(h, 1)` in the file, `linear(h2, 1)` in the net"),
        ]
    );
    trained::<nets::deeper::Wine>().save(&path).unwrap();
    assert_eq!(
        differences::<Wine>(&path),
        [
            "node `h2` is in the file only",
            &format!("{of_mean} `linear(h2, 1)` in the file, `linear(h, 1)` in the net"),
        ]
    );
}

/// What has no parameters of its own is part of the model too: no tensor tells these nets apart.
#[test]
fn another_computation_between_the_same_weights_is_told_apart() {
    let folder = Folder::new("computation");
    let path = folder.at("wine");
    trained::<Wine>().save(&path).unwrap();
    assert_eq!(
        differences::<nets::observed::Wine>(&path),
        [
            "target `y`: the distribution is `Normal(mean, std)` in the file, \
             `Normal(mean, std * 2)` in the net"
        ]
    );
    assert_eq!(
        differences::<nets::order::Wine>(&path),
        ["the nodes: the order is `h, mean, std` in the file, `std, h, mean` in the net"]
    );
    trained::<nets::transformed::Wine>().save(&path).unwrap();
    assert_eq!(
        differences::<nets::transformed_otherwise::Wine>(&path),
        ["node `squashed`: the declaration is `tanh(h)` in the file, `sigmoid(h)` in the net"]
    );
    assert_eq!(
        differences::<Wine>(&path),
        [
            "node `squashed` is in the file only",
            "node `mean`: the declaration is `linear(squashed, 1)` in the file, `linear(h, 1)` \
             in the net",
        ]
    );
    assert!(load::<nets::transformed::Wine>(&path).is_ok());
}

#[test]
fn the_same_setting_may_stand_elsewhere() {
    let folder = Folder::new("setting");
    let path = folder.at("wine");
    let model = trained::<nets::prior::Wine>();
    model.save(&path).unwrap();
    let loaded = load::<nets::prior_from_settings::Wine>(&path).unwrap();
    assert_eq!(outputs(&loaded), outputs(&model));
}

#[test]
fn all_differences_are_told_at_once() {
    let folder = Folder::new("all");
    let path = folder.at("wine");
    trained::<Wine>().save(&path).unwrap();
    assert_eq!(
        refusal::<nets::everything::Cellar>(&path),
        "\
wine: is not a model of this program's net `Cellar`; load it with the declaration it was saved with, or train anew:
  - the net: the name is `Wine` in the file, `Cellar` in the net
  - input `x`: the shape is [3] in the file, [5] in the net
  - target `z` is in the net only
  - target `y` is in the file only
  - node `h2` is in the net only
  - node `std` is in the file only
  - node `h`: the declaration is `relu(linear(x, 4))` in the file, `tanh(linear(x, 6))` in the net
  - node `mean`: the declaration is `linear(h, 1)` in the file, `linear(h2, 3, estimator = LocalReparam)` in the net
  - layer `h`: the prior is `weights ~ Normal(0, 0.5773502691896258), biases ~ Normal(0, 1)` in the file, \
    `weights ~ Normal(0, 0.25), biases ~ Normal(0, 1)` in the net
  - layer `h`: the posterior is `MeanField` in the file, `Point` in the net
  - layer `mean`: the prior is `weights ~ Normal(0, 0.5), biases ~ Normal(0, 1)` in the file, \
    `weights ~ Normal(0, 0.25), biases ~ Normal(0, 1)` in the net
  - layer `mean`: the estimator is `WeightReparam` in the file, `LocalReparam` in the net
  - parameter `h.weight.mu` is [3, 4] in the file, [5, 6] in the net
  - parameter `h.bias.mu` is [4] in the file, [6] in the net
  - parameter `mean.weight.mu` is [4, 1] in the file, [6, 3] in the net
  - parameter `mean.weight.rho` is [4, 1] in the file, [6, 3] in the net
  - parameter `mean.bias.mu` is [1] in the file, [3] in the net
  - parameter `mean.bias.rho` is [1] in the file, [3] in the net
  - parameter `h.weight.rho` is in the file only
  - parameter `h.bias.rho` is in the file only"
    );
}

#[test]
fn tensors_and_schema_are_checked_for_themselves() {
    let folder = Folder::new("parts");
    let path = folder.at("wine");
    trained::<Wine>().save(&path).unwrap();
    let good = Raw::read(&path);

    let mut raw = good.clone();
    let entries = raw.tensors.as_object_mut().unwrap();
    let entry = entries.remove("h.bias.mu").unwrap();
    entries.insert("h.bias.mean".into(), entry);
    entries["std.raw"]["shape"] = json!([1]);
    // half as many numbers of twice the size
    entries["h.weight.rho"]["dtype"] = json!("F64");
    entries["h.weight.rho"]["shape"] = json!([3, 2]);
    raw.model["schema"]["inputs"][0]["scaling"]["std"][1] = json!(0.0);
    raw.model["schema"]["targets"][0]["classes"] = json!(["good", "bad"]);
    assert_eq!(
        differences::<Wine>(&folder.put("parts", raw.bytes())),
        [
            "input `x` with a broken scaling",
            "target `y` with 1 column and 2 classes against 1 and 0 of the net",
            "parameter `h.weight.rho` is F64, not F32",
            "parameter `h.weight.rho` is [3, 2] in the file, [3, 4] in the net",
            "parameter `h.bias.mu` is in the net only",
            "parameter `std.raw` is [1] in the file, [] in the net",
            "parameter `h.bias.mean` is in the file only",
        ]
    );
}

#[test]
fn other_tools_may_order_and_pad_as_they_like() {
    let folder = Folder::new("order");
    let path = folder.at("wine");
    let model = trained::<Wine>();
    model.save(&path).unwrap();
    // By name, as most tools write, and not padded; `Raw` does both.
    let mut raw = Raw::read(&path);
    let mut numbers = vec![];
    for (_, entry) in raw.tensors.as_object_mut().unwrap() {
        let offset = |i: usize| entry["data_offsets"][i].as_u64().unwrap() as usize;
        let (start, at) = (offset(0), numbers.len());
        numbers.extend(&raw.numbers[start..offset(1)]);
        entry["data_offsets"] = json!([at, numbers.len()]);
    }
    raw.numbers = numbers;
    raw.model["remark"] = json!("a field of a later version");
    let loaded = load::<Wine>(&folder.put("sorted", raw.bytes())).unwrap();
    assert_eq!(parameters(&loaded), parameters(&model));
}

/// A file of format 1, made once by elbo 0.1.0: parameter number i is (i - 30) / 8.
#[test]
fn format_1_loads_for_ever() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/format-1.safetensors");
    let model = load::<Wine>(&path).unwrap();
    let values: Vec<u32> = parameters(&model)
        .into_iter()
        .flat_map(|(_, bits)| bits)
        .collect();
    let wanted = (0..values.len()).map(|i| ((i as f32 - 30.0) / 8.0).to_bits());
    assert_eq!(values, wanted.collect::<Vec<_>>());
    assert_eq!(values.len(), 43);

    let schema = model.schema().unwrap();
    assert_eq!(schema.inputs[0].columns, ["acid", "sugar", "alcohol"]);
    let scaling = schema.inputs[0].scaling.as_ref().unwrap();
    assert_eq!(scaling.mean(), [10.1, 20.25, 1e-9]);
    assert_eq!(scaling.std(), [0.1, 1.0 / 3.0, 2e-9]);
    assert_eq!(schema.targets[0].columns, ["quality"]);
    assert_eq!(
        (schema.targets[0].mean[0], schema.targets[0].std[0]),
        (5.5, 0.7)
    );
    let record = model.record().unwrap();
    assert_eq!((record.epochs, record.steps, record.rows), (2, 6, 24));
    assert_eq!((record.log_likelihood, record.kl), (-1.25, 0.1));
    assert_eq!(outputs(&model).len(), 3 * (24 + 1));
}
