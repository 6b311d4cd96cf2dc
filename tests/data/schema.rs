//! A schema binds data to a net by name, refuses what does not fit, all at once, and
//! remembers what it takes to say the same of new data.

use elbo::data::{Dataset, Target};
use elbo::dist::Support;
use elbo::net::{NetInfo, Schema};
use elbo::{Error, Result};

use crate::{assert_says, net, simple, text};

const THREE: Support = Support::Class { classes: 3 };

/// Data of one feature and this target.
fn labelled(labels: &[f64]) -> Dataset {
    Dataset::builder()
        .column("a", vec![0.0; labels.len()])
        .target("y", labels)
        .build()
        .unwrap()
}

fn named(target: Target, labels: &[&str]) -> Dataset {
    Dataset::builder()
        .column("a", vec![0.0; labels.len()])
        .labels(target, labels.iter().copied())
        .build()
        .unwrap()
}

fn learn(info: &NetInfo, data: &Dataset) -> Result<Schema> {
    Schema::learn(info, data, true)
}

#[test]
fn a_target_of_another_width_is_no_broadcast() {
    assert_eq!(
        text(learn(&simple(1, 2, Support::Real), &labelled(&[1.0, 2.0]))),
        "the data do not fit net `Name`:\n  - target has 1 column, net `Name` gives 2 outputs: the \
         data give `y`"
    );
    let two = Dataset::builder()
        .column("a", [0.0])
        .target(Target::columns(["u", "v"]), [1.0, 2.0])
        .build()
        .unwrap();
    assert_says(
        &text(learn(&simple(1, 1, Support::Real), &two)),
        &["target has 2 columns, net `Name` gives 1 output: the data give `u`, `v`"],
    );
    assert_says(
        &text(learn(&simple(1, 2, THREE), &two)),
        &["Categorical takes one column of labels, not a column a class"],
    );
}

#[test]
fn all_differences_come_at_once() {
    let data = Dataset::builder()
        .column("a", [1.0])
        .input("w", 2, [1.0, 2.0])
        .target("t", [1.0])
        .build()
        .unwrap();
    let net = net(
        &[("x", 4), ("z", 2)],
        &[("t", 2, Support::Real), ("u", 1, Support::Real)],
    );
    let error = learn(&net, &data).unwrap_err();
    assert_eq!(
        error.differences(),
        [
            "the data have a group `w`, net `Name` has the inputs `x`, `z`",
            "the columns `a` may belong to `x`, `z`: say so with .group(\"x\", [..])",
            "target `t` has 1 column, net `Name` gives 2 outputs: the data give `t`",
            "target `u` has no data: say which with .named(\"u\")",
        ]
    );
    let width = Dataset::from_rows(&[[1.0, 2.0]], &[1.0]).unwrap();
    assert_eq!(
        learn(&simple(3, 2, Support::Real), &width)
            .unwrap_err()
            .differences(),
        [
            "input `x` takes 3 columns, the data give 2: `x[0]`, `x[1]`",
            "target has 1 column, net `Name` gives 2 outputs: the data give `y`",
        ]
    );
}

#[test]
fn data_without_a_target_or_rows_cannot_be_learned_from() {
    let data = Dataset::builder().column("a", [1.0]).build().unwrap();
    assert_says(
        &text(learn(&simple(1, 1, Support::Real), &data)),
        &["the data have no target"],
    );
    let empty = labelled(&[1.0]).split(1.0, 0).1;
    let error = learn(&simple(1, 1, Support::Real), &empty).unwrap_err();
    assert!(matches!(error, Error::Empty { .. }), "{error}");
}

#[test]
fn groups_go_to_their_inputs_and_what_is_left_to_the_one_without() -> Result<()> {
    let data = Dataset::builder()
        .column("c1", [1.0])
        .column("c2", [2.0])
        .column("c3", [3.0])
        .target("y", [0.0])
        .build()?
        .group("z", ["c3", "c1"])?;
    let net = net(&[("z", 2), ("x", 1)], &[("y", 1, Support::Real)]);
    let schema = Schema::learn(&net, &data, false)?;
    assert_eq!(schema.inputs[0].columns, ["c3", "c1"]);
    assert_eq!(schema.inputs[1].columns, ["c2"]);
    assert_eq!(schema.inputs(&data)?[0].as_slice(), [3.0, 1.0]);

    let data = data.group("x", ["c2"])?;
    assert_eq!(Schema::learn(&net, &data, false)?, schema);
    Ok(())
}

#[test]
fn a_column_called_like_an_input_goes_to_it() -> Result<()> {
    let builder = || {
        Dataset::builder()
            .column("z", [1.0])
            .column("u", [2.0])
            .column("x", [3.0])
            .target("y", [0.0])
    };
    let y = [("y", 1, Support::Real)];
    let three = net(&[("x", 1), ("w", 1), ("z", 1)], &y);
    let schema = Schema::learn(&three, &builder().build()?, false)?;
    let columns = |input: usize| schema.inputs[input].columns.join(" ");
    assert_eq!([columns(0), columns(1), columns(2)], ["x", "u", "z"]);
    // One that takes two columns may mean any of them.
    let wide = net(&[("x", 2), ("z", 1)], &y);
    let schema = Schema::learn(&wide, &builder().build()?, false)?;
    assert_eq!(schema.inputs[0].columns, ["u", "x"]);
    // What the user says comes first.
    let said = builder().build()?.group("x", ["z"])?;
    let schema = Schema::learn(&net(&[("x", 1), ("z", 2)], &y), &said, false)?;
    assert_eq!(schema.inputs[1].columns, ["u", "x"]);
    let error = learn(&net(&[("x", 1)], &y), &builder().build()?).unwrap_err();
    assert_says(
        &error.to_string(),
        &["no input is left for the columns `z`, `u`"],
    );
    Ok(())
}

#[test]
fn targets_bind_by_the_users_word_then_by_column_then_by_being_alone() -> Result<()> {
    let net = net(
        &[("x", 1)],
        &[("y", 1, Support::Real), ("z", 1, Support::Real)],
    );
    let data = Dataset::builder()
        .column("a", [0.0])
        .target("z", [1.0])
        .target(Target::column("price").named("y"), [2.0])
        .build()?;
    let schema = Schema::learn(&net, &data, false)?;
    let targets = schema.targets(&data)?;
    assert_eq!((targets[0].item(), targets[1].item()), (2.0, 1.0));

    let alone = Dataset::builder()
        .column("a", [0.0])
        .target("price", [3.0])
        .build()?;
    let schema = Schema::learn(&simple(1, 1, Support::Real), &alone, false)?;
    assert_eq!(schema.targets[0].columns, ["price"]);
    let wrong = Dataset::builder()
        .column("a", [0.0])
        .target(Target::column("price").named("q"), [3.0])
        .build()?;
    assert_says(
        &text(learn(&simple(1, 1, Support::Real), &wrong)),
        &[
            "target `y` has no data",
            "target `price` is named \"q\", the net's targets are `y`; give .named(..) one of them",
        ],
    );
    let column = |target: Target| Dataset::builder().column("a", [0.0]).target(target, [3.0]);
    let slip = column(Target::column("y").named("Y")).build()?;
    assert_says(
        &text(learn(&simple(1, 1, Support::Real), &slip)),
        &["target `y` is named \"Y\", the net's targets are `y`; did you mean `y`?"],
    );
    let stranger = column("y".into()).target("w", [1.0]).build()?;
    assert_says(
        &text(learn(&net, &stranger)),
        &["target `w` feeds none of the net's: `y`, `z`; say which with .named(\"z\")"],
    );
    assert_says(
        &text(learn(&simple(1, 1, Support::Real), &stranger)),
        &["target `w` feeds none of the net's: `y`; leave its column out"],
    );
    let twice = column("y".into())
        .target(Target::column("w").named("y"), [1.0])
        .build()?;
    let turned = Dataset::builder()
        .column("a", [0.0])
        .target(Target::column("w").named("y"), [1.0])
        .target("y", [3.0])
        .build()?;
    for (data, second) in [(twice, "w"), (turned, "y")] {
        assert_says(
            &text(learn(&simple(1, 1, Support::Real), &data)),
            &[&format!(
                "target `{second}` would feed `y`, which another feeds already"
            )],
        );
    }
    Ok(())
}

#[test]
fn a_label_out_of_range_is_named_with_its_row() {
    assert_eq!(
        text(learn(&simple(1, 1, THREE), &labelled(&[0.0, 1.0, 3.0]))),
        "row 2, column `y`: found 3, needed a class label from 0 to 2; correct the label, or give \
         the net as many classes as there are"
    );
    for (labels, row) in [
        (vec![1.5, 0.0, 1.0], 0),
        (vec![0.0, -1.0, 1.0], 1),
        (vec![2.0, 1.0, 0.0, 7.0], 3),
        (vec![0.0, 1.0, 2.0, 2.000_000_1], 3),
    ] {
        let error = learn(&simple(1, 1, THREE), &labelled(&labels)).unwrap_err();
        assert!(matches!(error, Error::Value { .. }), "{error}");
        assert_eq!(error.place().unwrap().row_index(), Some(row), "{error}");
    }
    let nan = Dataset::builder().target("y", [0.0, f64::NAN]).build();
    assert!(matches!(nan, Err(Error::NotFinite { .. })));
}

#[test]
fn labels_that_start_at_one_get_the_hint() {
    for classes in 2..6 {
        let labels: Vec<f64> = (1..=classes).map(|label| label as f64).collect();
        let error = text(learn(
            &simple(1, 1, Support::Class { classes }),
            &labelled(&labels),
        ));
        assert_says(&error, &["labels start at 0: subtract 1"]);
    }
    // Not so where something else is wrong.
    let error = text(learn(&simple(1, 1, THREE), &labelled(&[0.0, 3.0])));
    assert!(!error.contains("start at 0"), "{error}");
}

#[test]
fn binary_targets_are_zero_or_one_or_two_classes() -> Result<()> {
    let binary = simple(1, 1, Support::Binary);
    let schema = learn(&binary, &labelled(&[0.0, 1.0, 1.0]))?;
    assert_eq!(schema.targets[0].classes, ["0", "1"]);
    let data = named(Target::column("d").positive("ill"), &["ill", "well"]);
    let schema = learn(&binary, &data)?;
    assert_eq!(schema.targets[0].classes, ["well", "ill"]);
    let targets = schema.targets(&data)?;
    assert_eq!(targets[0].shape().dims(), [2, 1]);
    assert_eq!(targets[0].as_slice(), [1.0, 0.0]);

    assert_says(
        &text(learn(&binary, &labelled(&[1.0, 2.0]))),
        &[
            "row 1, column `y`: found 2, needed 0 or 1",
            "labels start at 0",
        ],
    );
    assert_says(
        &text(learn(&binary, &labelled(&[-1.0, 1.0]))),
        &["write 0 for -1"],
    );
    assert_says(
        &text(learn(&binary, &labelled(&[0.0, 0.5]))),
        &["row 1", "found 0.5"],
    );
    assert_says(
        &text(learn(&binary, &named("d".into(), &["a", "b", "c"]))),
        &["target has 3 classes, Bernoulli tells 2 apart: `d` holds \"a\", \"b\", \"c\""],
    );
    assert_says(
        &text(learn(&binary, &named("d".into(), &["a", "a"]))),
        &[
            "target has 1 class, Bernoulli tells 2 apart",
            "list all with .classes([..])",
        ],
    );
    Ok(())
}

#[test]
fn counts_are_whole_and_not_negative() -> Result<()> {
    let count = simple(1, 1, Support::Count);
    let data = labelled(&[0.0, 3.0, 12.0]);
    // Counts are never scaled.
    assert_eq!(
        learn(&count, &data)?.targets(&data)?[0].as_slice(),
        [0.0, 3.0, 12.0]
    );
    for (bad, row) in [([1.0, 2.5], 1), ([-1.0, 2.0], 0)] {
        let error = learn(&count, &labelled(&bad)).unwrap_err();
        assert_eq!(error.place().unwrap().row_index(), Some(row));
        assert_says(&error.to_string(), &["needed a count 0, 1, 2, .."]);
    }
    // 16777217 is 16777216 in f32.
    let most = labelled(&[16_777_216.0, 1.0]);
    let schema = learn(&count, &most)?;
    assert_eq!(schema.targets(&most)?[0].as_slice(), [16_777_216.0, 1.0]);
    let more = labelled(&[1.0, 16_777_217.0]);
    assert_eq!(
        text(learn(&count, &more)),
        "row 1, column `y`: found 16777217, needed a count up to 16777216, since f32 leaves out \
         larger ones; count in a larger unit, or choose Normal"
    );
    assert_says(
        &text(schema.targets(&more)),
        &["needed a count up to 16777216"],
    );
    // Scores are computed in f64, where nothing is lost.
    assert_eq!(schema.targets[0].values(&more)?, [1.0, 16_777_217.0]);
    Ok(())
}

#[test]
fn text_is_no_real_number_and_no_count() {
    for (support, needed) in [
        (
            Support::Real,
            "target is text, Normal needs a real number: `d` holds \"x\", \"y\"",
        ),
        (Support::Count, "target is text, Poisson needs a count"),
    ] {
        let error = text(learn(
            &simple(1, 1, support),
            &named("d".into(), &["x", "y"]),
        ));
        assert_says(&error, &[needed]);
    }
}

#[test]
fn the_number_of_classes_is_that_of_the_net() {
    assert_says(
        &text(learn(&simple(1, 1, THREE), &named("d".into(), &["x", "y"]))),
        &[
            "target has 2 classes, Categorical tells 3 apart",
            "list all with .classes",
        ],
    );
    let listed = Target::column("d").classes(["z", "y", "x"]);
    let schema = learn(&simple(1, 1, THREE), &named(listed, &["x", "y"])).unwrap();
    assert_eq!(schema.targets[0].classes, ["z", "y", "x"]);
}

#[test]
fn classes_bind_by_name_not_by_their_number_in_other_data() -> Result<()> {
    let train = named(
        Target::column("d").classes(["c", "a", "b"]),
        &["a", "b", "c"],
    );
    let schema = learn(&simple(1, 1, THREE), &train)?;
    let targets = schema.targets(&train)?;
    assert_eq!(targets[0].shape().dims(), [3]);
    assert_eq!(targets[0].as_slice(), [1.0, 2.0, 0.0]);
    // Here "b" is class 0 of one class.
    assert_eq!(
        schema.targets(&named("d".into(), &["b", "b"]))?[0].as_slice(),
        [2.0, 2.0]
    );
    assert_eq!(
        text(schema.targets(&named("d".into(), &["a", "B"]))),
        "row 1, column `d`: found \"B\", needed one of the classes \"c\", \"a\", \"b\"; the model \
         was not trained on this class; did you mean `b`?"
    );
    let numbers = Dataset::builder()
        .column("a", [0.0])
        .target("d", [1.0])
        .build()?;
    assert_says(
        &text(schema.targets(&numbers)),
        &["target `y` holds numbers, the model was trained on the classes \"c\", \"a\", \"b\""],
    );
    assert_says(
        &text(schema.targets(&labelled(&[0.0]))),
        &["target `y` was trained on `d`, the data have the targets `y`"],
    );
    let features = Dataset::builder().column("a", [0.0]).build()?;
    assert_says(
        &text(schema.targets(&features)),
        &["the data have no target"],
    );
    Ok(())
}

#[test]
fn features_and_real_targets_are_scaled_in_f64_before_they_are_rounded() -> Result<()> {
    let a = 1.5_f32.sqrt();
    let data = Dataset::builder()
        .column("big", [1e8, 1e8 + 1.0, 1e8 + 2.0])
        .column("small", [1e-20, 2e-20, 3e-20])
        .column("constant", [14.62, 14.62, 14.62])
        .target("y", [1e9, 1e9 + 2.0, 1e9 + 4.0])
        .build()?;
    let schema = Schema::learn(&simple(3, 1, Support::Real), &data, true)?;
    let x = &schema.inputs(&data)?[0];
    for (x, wanted) in (x.as_slice().iter()).zip([-a, -a, 0.0, 0.0, 0.0, 0.0, a, a, 0.0]) {
        assert!((x - wanted).abs() < 1e-7, "{x} against {wanted}");
    }
    assert_eq!(schema.targets(&data)?[0].as_slice(), [-a, 0.0, a]);
    let target = &schema.targets[0];
    assert_eq!(target.mean, [1e9 + 2.0]);
    assert!((target.std[0] - 2.0 * (2.0_f64 / 3.0).sqrt()).abs() < 1e-12);
    // The scale of training holds for other data, too.
    let other = &schema.inputs(&[1e8 + 2.0, 3e-20, 15.62])?[0];
    assert_eq!(other.as_slice(), [a, a, 1.0]);

    let plain = Schema::learn(&simple(3, 1, Support::Real), &data, false)?;
    assert_eq!(plain.inputs[0].scaling, None);
    assert_eq!(
        (plain.targets[0].mean[0], plain.targets[0].std[0]),
        (0.0, 1.0)
    );
    Ok(())
}

#[test]
fn an_image_keeps_the_shape_that_the_net_declares() -> Result<()> {
    let mut info = simple(6, 1, Support::Real);
    info.inputs[0].shape = [1, 2, 3].into();
    let data = Dataset::from_rows(&[[0.0; 6], [1.0; 6]], &[0.0, 1.0])?;
    let schema = Schema::learn(&info, &data, false)?;
    assert_eq!(schema.inputs(&data)?[0].shape().dims(), [2, 1, 2, 3]);
    Ok(())
}

#[test]
fn a_schema_fits_its_own_net_and_lists_what_it_has_against_another() -> Result<()> {
    let data = labelled(&[0.0, 1.0, 2.0]);
    let info = simple(1, 1, THREE);
    let mut schema = learn(&info, &data)?;
    assert_eq!(schema.differences(&info), Vec::<String>::new());
    assert_eq!(
        schema.differences(&simple(2, 1, Support::Real)),
        [
            "input `x` of [1] against `x` of [2] of the net",
            "target `y`, a class label from 0 to 2, against `y`, a real number, of the net",
            "target `y` with 1 column and 3 classes against 1 and 0 of the net",
        ]
    );
    schema.targets[0].std = vec![0.0];
    schema.inputs[0].columns.clear();
    assert_eq!(
        schema.differences(&info),
        [
            "input `x` of [1] with 0 columns",
            "input `x` with a broken scaling",
            "target `y` with a broken scaling",
        ]
    );
    Ok(())
}

#[cfg(feature = "files")]
#[test]
fn a_schema_survives_its_file_and_a_hostile_shape_does_not() -> Result<()> {
    let schema = learn(&simple(1, 1, THREE), &labelled(&[0.0, 1.0, 2.0]))?;
    let json = serde_json::to_string(&schema).unwrap();
    assert_eq!(serde_json::from_str::<Schema>(&json).unwrap(), schema);

    for shape in [
        "[1,1,1,1,1,1,1,1,1]",
        "[0,4294967296,4294967296]",
        "[-1]",
        "[1e30]",
    ] {
        let hostile = json.replace("\"shape\":[1]", &format!("\"shape\":{shape}"));
        assert_ne!(hostile, json);
        assert!(serde_json::from_str::<Schema>(&hostile).is_err(), "{shape}");
    }
    Ok(())
}
