//! What a prediction can be asked for: a dataset binds by name, plain numbers by the
//! order of training.

use elbo::data::{Dataset, Inputs};
use elbo::dist::Support;
use elbo::net::Schema;
use elbo::{Error, Tensor};

use crate::{assert_says, net, simple, text};

fn trained() -> Schema {
    let data = Dataset::builder()
        .column("a", [1.0, 2.0, 3.0])
        .column("b", [10.0, 20.0, 30.0])
        .target("y", [0.0, 1.0, 2.0])
        .build()
        .unwrap();
    Schema::learn(&simple(2, 1, Support::Real), &data, false).unwrap()
}

/// The tensor that the net's only input gets.
fn seen(inputs: &(impl Inputs + ?Sized)) -> Tensor {
    let mut tensors = trained().inputs(inputs).unwrap();
    assert_eq!(tensors.len(), 1);
    tensors.remove(0)
}

#[test]
fn a_dataset_binds_by_the_names_of_its_columns() {
    let data = Dataset::builder()
        .column("b", [5.0, 6.0])
        .column("unrelated", [0.0, 0.0])
        .input("group", 1, [9.0, 9.0])
        .column("a", [7.0, 8.0])
        .build()
        .unwrap();
    let tensor = seen(&data);
    assert_eq!(tensor.shape().dims(), [2, 2]);
    assert_eq!(tensor.as_slice(), [7.0, 5.0, 8.0, 6.0]);
    // Nor does it matter in which group they are, or that there are targets.
    let data = data.group("z", ["b"]).unwrap();
    assert_eq!(seen(&data).as_slice(), [7.0, 5.0, 8.0, 6.0]);
}

#[test]
fn a_dataset_without_a_trained_column_is_refused() {
    let data = Dataset::builder()
        .column("B", [1.0])
        .column("c", [2.0])
        .build()
        .unwrap();
    assert_eq!(
        text(trained().inputs(&data)),
        "the data do not fit net `Name`:\n  - input `x` was trained on 2 columns that the data do \
         not have as a feature: `a`, `b`"
    );
}

#[test]
fn one_row_and_several_rows_are_taken_in_the_order_of_training() {
    let one: &[f32] = &[1.0, 2.0];
    assert_eq!(seen(one).shape().dims(), [1, 2]);
    assert_eq!(seen(one).as_slice(), [1.0, 2.0]);
    assert_eq!(seen(&[1.0, 2.0]).as_slice(), [1.0, 2.0]);
    assert_eq!(seen(&[1, 2]).as_slice(), [1.0, 2.0]);
    assert_eq!(seen(&vec![1.0_f64, 2.0]).as_slice(), [1.0, 2.0]);

    let many = [1.0, 2.0, 3.0, 4.0];
    let rows: &[Vec<f32>] = &[vec![1.0, 2.0], vec![3.0, 4.0]];
    assert_eq!(seen(rows).shape().dims(), [2, 2]);
    assert_eq!(seen(rows).as_slice(), many);
    assert_eq!(seen(&rows.to_vec()).as_slice(), many);
    let rows: &[[f32; 2]] = &[[1.0, 2.0], [3.0, 4.0]];
    assert_eq!(seen(rows).as_slice(), many);
    assert_eq!(seen(&[[1.0, 2.0], [3.0, 4.0]]).as_slice(), many);
    let rows: [&[f32]; 2] = [&[1.0, 2.0], &[3.0, 4.0]];
    assert_eq!(seen(&rows).as_slice(), many);
}

#[test]
fn a_tensor_is_one_row_or_rows_along_its_first_axis() {
    let tensor = Tensor::new([2, 2], vec![1.0_f32, 2.0, 3.0, 4.0]);
    assert_eq!(seen(&tensor).shape().dims(), [2, 2]);
    assert_eq!(seen(&tensor).as_slice(), tensor.as_slice());
    assert_eq!(
        seen(&Tensor::new([2], vec![1.0_f32, 2.0])).shape().dims(),
        [1, 2]
    );
    assert_eq!(
        seen(&Tensor::new([3, 2, 1], vec![0.0_f64; 6]))
            .shape()
            .dims(),
        [3, 2]
    );
}

#[test]
fn the_wrong_width_is_named_with_the_row() {
    assert_eq!(
        text(trained().inputs(&[1.0, 2.0, 3.0])),
        "the data do not fit net `Name`:\n  - row 0 has 3 values, input `x` takes 2: `a`, `b`"
    );
    let ragged = vec![vec![1.0, 2.0], vec![1.0]];
    assert_says(
        &text(trained().inputs(&ragged)),
        &["row 1 has 1 value, input `x` takes 2"],
    );
    let tensor = Tensor::new([2, 3], vec![0.0_f32; 6]);
    assert_says(
        &text(trained().inputs(&tensor)),
        &["has 3 values, input `x` takes 2"],
    );
    let scalar = Tensor::scalar(0.0_f32);
    assert_says(
        &text(trained().inputs(&scalar)),
        &["has 1 value, input `x` takes 2"],
    );
    let nothing: [f32; 0] = [];
    assert_says(&text(trained().inputs(&nothing)), &["has 0 values"]);
}

#[test]
fn no_rows_are_no_input() {
    let rows: Vec<Vec<f32>> = Vec::new();
    assert!(matches!(trained().inputs(&rows), Err(Error::Empty { .. })));
    let tensor = Tensor::<f32>::zeros([0, 2]);
    assert!(matches!(
        trained().inputs(&tensor),
        Err(Error::Empty { .. })
    ));
    let data = Dataset::builder()
        .column("a", [1.0])
        .column("b", [1.0])
        .build()
        .unwrap();
    assert!(matches!(
        trained().inputs(&data.split(1.0, 0).1),
        Err(Error::Empty { .. })
    ));
}

#[test]
fn numbers_that_are_not_finite_or_not_so_in_f32_are_refused_with_row_and_column() {
    for bad in [f64::NAN, f64::INFINITY, 1e39] {
        let error = trained().inputs(&[[1.0, 2.0], [3.0, bad]]).unwrap_err();
        assert!(matches!(error, Error::NotFinite { .. }), "{error}");
        assert_says(&error.to_string(), &["row 1, column `b`: found "]);
    }
    assert_says(
        &text(trained().inputs(&[1e39, 0.0])),
        &["leaves the range of f32: standardize"],
    );
}

#[test]
fn a_net_of_several_inputs_takes_named_columns_only() {
    let data = Dataset::builder()
        .input("x", 1, [1.0])
        .input("z", 1, [2.0])
        .target("y", [0.0])
        .build()
        .unwrap();
    let net = net(&[("x", 1), ("z", 1)], &[("y", 1, Support::Real)]);
    let schema = Schema::learn(&net, &data, false).unwrap();
    let tensors = schema.inputs(&data).unwrap();
    assert_eq!(tensors[0].as_slice(), [1.0]);
    assert_eq!(tensors[1].as_slice(), [2.0]);
    assert_says(
        &text(schema.inputs(&[1.0, 2.0])),
        &["input `x`", "input `z`", "Dataset"],
    );
}
