//! A split is a partition that the seed alone decides; a builder refuses what does
//! not belong together.

use std::collections::BTreeSet;

use elbo::data::{Dataset, Target};
use elbo::{Error, Result};
use proptest::prelude::*;

use crate::{assert_says, text};

/// Rows that carry their own number in a feature, a target and a class.
fn numbered(rows: usize) -> Dataset {
    let ids: Vec<f64> = (0..rows).map(|i| i as f64).collect();
    let parity = ids
        .iter()
        .map(|i| if i % 2.0 == 0.0 { "even" } else { "odd" });
    Dataset::builder()
        .column("id", &ids)
        .input(
            "pair",
            2,
            ids.iter().flat_map(|&i| [i, -i]).collect::<Vec<f64>>(),
        )
        .target("y", &ids)
        .labels("parity", parity)
        .build()
        .expect("columns of one length")
}

fn ids(data: &Dataset) -> Vec<usize> {
    let ids = data.column("id").expect("the column");
    ids.into_iter().map(|id| id as usize).collect()
}

proptest! {
    /// train + test = all rows, each once; the parts have the asked sizes.
    #[test]
    fn split_partitions_the_rows(rows in 1..200_usize, fraction in 0.0..=1.0_f64, seed: u64) {
        let (train, test) = numbered(rows).split(fraction, seed);
        let together: BTreeSet<usize> = ids(&train).into_iter().chain(ids(&test)).collect();
        prop_assert_eq!(together, (0..rows).collect::<BTreeSet<_>>());
        prop_assert_eq!(train.rows() + test.rows(), rows);
        prop_assert!((train.rows() as f64 - fraction * rows as f64).abs() <= 0.5);
    }

    /// The same seed gives the same rows, whatever else the data hold.
    #[test]
    fn split_depends_on_the_seed_and_the_number_of_rows_alone(rows in 1..200_usize, seed: u64) {
        let other = Dataset::builder()
            .column("id", (0..rows).collect::<Vec<usize>>())
            .build()
            .expect("one column");
        let [(a, b), (c, d)] = [numbered(rows).split(0.7, seed), other.split(0.7, seed)];
        prop_assert_eq!(ids(&a), ids(&c));
        prop_assert_eq!(ids(&b), ids(&d));
    }

    /// Each column of select(rows) is the column taken at rows.
    #[test]
    fn select_takes_every_column_along(picks in prop::collection::vec(0..20_usize, 0..40)) {
        let data = numbered(20).select(&picks);
        prop_assert_eq!(ids(&data), picks.clone());
        let wanted: Vec<f64> = picks.iter().map(|&i| i as f64).collect();
        prop_assert_eq!(data.column("pair[0]").unwrap(), wanted.clone());
        let negative: Vec<f64> = wanted.iter().map(|i| -i).collect();
        prop_assert_eq!(data.column("pair[1]").unwrap(), negative);
        prop_assert_eq!(data.column("y").unwrap(), wanted);
        for (label, pick) in data.labels("parity").unwrap().iter().zip(&picks) {
            prop_assert_eq!(*label, if pick % 2 == 0 { "even" } else { "odd" });
        }
    }

    /// Moving columns into groups moves no number.
    #[test]
    fn group_and_without_keep_the_numbers(mask in prop::collection::vec(0..3_u8, 1..8)) {
        let rows = 5;
        let mut builder = Dataset::builder();
        for (j, _) in mask.iter().enumerate() {
            let values: Vec<f64> = (0..rows).map(|i| (10 * i + j) as f64).collect();
            builder = builder.column(format!("c{j}"), values);
        }
        let names = |kind| {
            let chosen = mask.iter().enumerate().filter(move |&(_, &k)| k == kind);
            chosen.map(|(j, _)| format!("c{j}")).collect::<Vec<_>>()
        };
        let data = builder.build().unwrap();
        let grouped = if mask.contains(&1) { data.group("z", names(1)).unwrap() } else { data };
        let data = grouped.without(names(2)).unwrap();
        for (j, &kind) in mask.iter().enumerate() {
            let wanted = (kind != 2).then(|| (0..rows).map(|i| (10 * i + j) as f64).collect());
            prop_assert_eq!(data.column(&format!("c{j}")), wanted);
        }
    }
}

#[test]
fn different_seeds_split_differently() {
    let data = numbered(100);
    let seeds: BTreeSet<Vec<usize>> = (0..20).map(|seed| ids(&data.split(0.5, seed).0)).collect();
    assert_eq!(seeds.len(), 20);
}

#[test]
fn classes_of_a_part_are_those_of_the_whole() {
    let data = numbered(10).select(&[1, 3]);
    assert_eq!(data.classes("parity").unwrap(), ["even", "odd"]);
    assert_eq!(data.column("parity").unwrap(), [1.0, 1.0]);
}

#[test]
#[should_panic(expected = "split: the fraction 1.5 is not between 0 and 1")]
fn a_fraction_beyond_one_is_a_programmers_error() {
    let _ = numbered(3).split(1.5, 0);
}

#[test]
#[should_panic(expected = "select: row 3 of data with 3 rows")]
fn a_row_beyond_the_data_is_a_programmers_error() {
    let _ = numbered(3).select(&[0, 3]);
}

#[test]
fn numbers_in_memory_are_finite_or_refused_with_row_and_column() {
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let column = Dataset::builder().column("age", [1.0, bad]).build();
        let error = column.unwrap_err();
        assert!(matches!(error, Error::NotFinite { .. }), "{error}");
        let place = error.place().unwrap();
        assert_eq!((place.row_index(), place.column()), (Some(1), Some("age")));
    }
    let block = Dataset::builder()
        .input("x", 2, [0.0, 1.0, 2.0, f64::NAN])
        .build();
    assert_eq!(
        text(block),
        "row 1, column `x[1]`: found NaN, needed a finite number; remove the row or fill the value in"
    );
    let target = Dataset::builder().target("y", [f64::NAN]).build();
    assert_says(&text(target), &["row 0, column `y`: found NaN"]);
}

#[test]
fn parts_of_different_lengths_are_refused() {
    let lengths = Dataset::builder()
        .column("a", [1, 2, 3])
        .target("y", [1, 2]);
    assert_eq!(
        text(lengths.build()),
        "data: found 2 rows of `y` and 3 of `a`, needed as many rows of every column; give each \
         column one value a row"
    );
    let ragged = Dataset::from_rows(&[vec![1.0, 2.0], vec![3.0]], &[0.0, 1.0]);
    assert_eq!(
        text(ragged),
        "row 1: found 1 value, needed 2, as in row 0; give every row the same features"
    );
    let part = Dataset::builder().input("x", 2, [1.0, 2.0, 3.0]);
    assert_says(
        &text(part.build()),
        &["3 values for `x`", "whole rows of 2 columns"],
    );
}

#[test]
fn names_are_unique() {
    let twice = Dataset::builder().column("a", [1]).target("a", [1]);
    assert_says(&text(twice.build()), &["two columns `a`", "rename"]);
}

#[test]
fn no_data_is_no_dataset() {
    let nothing: [f64; 0] = [];
    for empty in [Dataset::builder(), Dataset::builder().column("a", nothing)] {
        assert!(matches!(empty.build(), Err(Error::Empty { .. })));
    }
    let rows: [[f64; 2]; 0] = [];
    let none = Dataset::from_rows(&rows, &nothing);
    assert!(matches!(none, Err(Error::Empty { .. })), "{none:?}");
    assert_says(
        &text(Dataset::from_rows(&[[0.0; 0]; 2], &[1.0, 2.0])),
        &["row 0: found no values, needed at least one feature"],
    );
    let narrow = Dataset::builder().input("a", 0, nothing).target("y", [1.0]);
    assert_eq!(
        text(narrow.build()),
        "width = 0: needed a width of at least 1, the number of columns of `a`"
    );
}

#[test]
fn a_list_of_classes_names_each_once() {
    let classes = |names: &[&str]| {
        let target = Target::column("y").classes(names.iter().copied());
        text(Dataset::builder().target(target, [0.0, 1.0]).build())
    };
    assert_eq!(
        classes(&["cat", "cat", "dog"]),
        "Target::classes = [\"cat\", \"cat\", \"dog\"]: needed every class once, \"cat\" is there \
         twice: remove one"
    );
    assert_eq!(
        classes(&[]),
        "Target::classes = []: needed the names of all classes, in the order of their labels"
    );
    let none = Target::columns(Vec::<String>::new());
    let none = Dataset::builder().target(none, [0.0]).build();
    assert_says(&text(none), &["Target::columns = []"]);
}

#[test]
fn classes_that_differ_in_case_alone_are_one_unless_both_are_named() -> Result<()> {
    let labels = |target: Target, names: &[&str]| {
        Dataset::builder()
            .labels(target, names.iter().copied())
            .build()
    };
    let y = || Target::column("y");
    assert_eq!(
        text(labels(y(), &["no", "yes", "no", "Yes", "yes"])),
        "row 3, column `y`: found the classes \"Yes\", \"yes\", which differ in case alone, needed \
         one way to write each class; write them alike, or say that both are meant with \
         .classes([\"Yes\", \"yes\", ..])"
    );
    // A row of "Yes" alone would count as the negative class.
    assert_says(
        &text(labels(y().positive("yes"), &["Yes", "Yes"])),
        &["row 0", "differ in case alone"],
    );
    let both = labels(y().classes(["yes", "Yes"]), &["Yes", "yes"])?;
    assert_eq!(both.column("y").unwrap(), [1.0, 0.0]);
    Ok(())
}

#[test]
fn a_group_names_columns_that_exist_once() {
    assert_says(
        &text(numbered(2).group("z", ["di"])),
        &["no feature column `di`", "`z`", "choose from `id`"],
    );
    assert_says(&text(numbered(2).group("z", ["id", "id"])), &["`id` twice"]);
    let grouped = || numbered(2).group("x", ["id"]).unwrap();
    assert_eq!(
        text(grouped().group("z", ["id"])),
        "data: found `id` asked for by `z`, and in the group `x`, needed one group of columns for \
         an input, and one input for a column; give it to one of them"
    );
    assert_says(
        &text(numbered(2).group("z", ["id", "pair[1]"])),
        &["`pair[1]` asked for by `z`, and in the group `pair`"],
    );
    for again in [
        grouped().group("x", ["id"]),
        numbered(2).group("pair", ["id"]),
    ] {
        assert_says(
            &text(again),
            &["a second group", "all columns of the group at once"],
        );
    }
    let none = numbered(2).group("z", Vec::<String>::new());
    assert_says(
        &text(none),
        &["no column for the group `z`", "name its columns"],
    );
    assert_says(
        &text(numbered(2).without(["y"])),
        &["no feature column `y`"],
    );
}

#[test]
fn the_order_of_classes_is_alphabetical_given_or_led_by_the_positive() -> Result<()> {
    let labels = |target: Target| {
        Dataset::builder()
            .labels(target, ["no", "yes", "no"])
            .build()
    };
    let column = || Target::column("y");

    assert_eq!(labels(column())?.column("y").unwrap(), [0.0, 1.0, 0.0]);
    assert_eq!(
        labels(column().positive("no"))?.column("y").unwrap(),
        [1.0, 0.0, 1.0]
    );
    let given = labels(column().classes(["yes", "perhaps", "no"]))?;
    assert_eq!(given.column("y").unwrap(), [2.0, 0.0, 2.0]);
    assert_eq!(given.classes("y").unwrap(), ["yes", "perhaps", "no"]);
    assert_eq!(
        text(labels(column().classes(["yes", "No"]))),
        "row 0, column `y`: found \"no\", needed one of \"yes\", \"No\"; correct it, or add it to \
         .classes([..]); did you mean `No`?"
    );
    Ok(())
}

#[test]
fn a_positive_class_leaves_room_for_one_other() -> Result<()> {
    let positive = |classes: &[&str]| {
        let target = Target::column("y").positive("ill");
        Dataset::builder()
            .labels(target, classes.iter().copied())
            .build()
    };
    assert_eq!(
        positive(&["ill", "well"])?.classes("y").unwrap(),
        ["well", "ill"]
    );
    assert_eq!(positive(&["well"])?.column("y").unwrap(), [0.0]);
    assert_eq!(positive(&["ill"])?.column("y").unwrap(), [1.0]);
    assert_says(
        &text(positive(&["ill", "well", "dead"])),
        &[
            "\"dead\", \"ill\", \"well\"",
            "two classes",
            ".classes([..])",
        ],
    );
    assert_says(
        &text(positive(&["Ill", "well"])),
        &["give .positive(..) one of"],
    );
    Ok(())
}

#[test]
fn numbers_with_named_classes_are_positions_in_the_list() -> Result<()> {
    let target = || Target::column("y").classes(["a", "b", "c"]);
    let data = Dataset::builder().target(target(), [2, 0, 1]).build()?;
    assert_eq!(data.labels("y").unwrap(), ["c", "a", "b"]);
    assert_says(
        &text(Dataset::builder().target(target(), [1, 2, 3]).build()),
        &[
            "row 2, column `y`: found 3",
            "from 0 to 2",
            "labels start at 0",
        ],
    );
    Ok(())
}
