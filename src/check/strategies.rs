//! proptest strategies: shapes, shapes that broadcast, numbers, and cases for a
//! [`Law`].
//!
//! Extents are small, because errors in a rule show at two elements, and 0 and 1 are frequent,
//! because there they hide.

use proptest::prelude::*;

use super::laws::Case;
use crate::ops::{Domain, Law};
use crate::tensor::{Shape, Tensor};

/// The extent of an axis: 0 to 3.
pub fn extent() -> impl Strategy<Value = usize> {
    prop_oneof![2 => Just(0), 3 => Just(1), 9 => 2..=3usize]
}

/// A shape of rank 0 to 3.
pub fn shape() -> impl Strategy<Value = Shape> {
    dims().prop_map(|dims| Shape::new(&dims))
}

fn dims() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![1 => Just(0), 2 => Just(1), 6 => 2..=3usize]
        .prop_flat_map(|rank| prop::collection::vec(extent(), rank))
}

/// `n` shapes that broadcast together: parts of one shape, from an axis on, with some extents
/// replaced by 1.
pub fn broadcastable(n: usize) -> impl Strategy<Value = Vec<Shape>> {
    // The whole shape is frequent, or no operand would often have it.
    let start = prop_oneof![3 => Just(0), 1 => 0..=3usize];
    let ones = prop_oneof![2 => Just([false; 3]), 1 => any::<[bool; 3]>()];
    let parts = prop::collection::vec((start, ones), n);
    (dims(), parts).prop_map(|(dims, parts)| {
        let part = |(start, ones): (usize, [bool; 3])| {
            let kept: Vec<usize> = (start.min(dims.len())..dims.len())
                .map(|axis| if ones[axis] { 1 } else { dims[axis] })
                .collect();
            Shape::new(&kept)
        };
        parts.into_iter().map(part).collect()
    })
}

/// A tensor of this shape with numbers of `domain`.
pub fn tensor(shape: Shape, domain: Domain) -> impl Strategy<Value = Tensor<f64>> {
    prop::collection::vec(0.0..1.0f64, shape.size())
        .prop_map(move |u| Tensor::new(shape, u.into_iter().map(|u| domain.at(u)).collect()))
}

/// Shapes for the inputs of `law`.
///
/// # Panics
/// When it draws, if a shape of the law is neither `...` nor letters and digits.
pub fn shapes(law: &Law) -> impl Strategy<Value = Vec<Shape>> + use<> {
    let inputs = law.inputs;
    let letters = prop::collection::vec(extent(), 26);
    (broadcastable(inputs.len()), letters).prop_map(move |(broadcast, letters)| {
        let named = |c: char| match c {
            '0'..='9' => c as usize - '0' as usize,
            'a'..='z' => letters[c as usize - 'a' as usize],
            'A'..='Z' => letters[c as usize - 'A' as usize].max(1),
            _ => panic!("a law's shape is `...`, or letters and digits, not {c:?}"),
        };
        let of_input = |(k, shape): (usize, &str)| match shape {
            "..." => broadcast[k],
            axes => Shape::new(&axes.chars().map(named).collect::<Vec<_>>()),
        };
        inputs
            .iter()
            .map(|input| input.shape)
            .enumerate()
            .map(of_input)
            .collect()
    })
}

/// A case for `law`: inputs of fitting shapes inside of their domains, and directions.
pub fn case(law: &Law) -> impl Strategy<Value = Case> + use<> {
    let inputs = law.inputs;
    shapes(law).prop_flat_map(move |shapes| {
        let tensors: Vec<_> = shapes
            .into_iter()
            .zip(inputs)
            .map(|(shape, input)| tensor(shape, input.domain).boxed())
            .collect();
        // A prime number of directions, so that no axis falls into step with them.
        let directions = prop::collection::vec(-1.0..1.0f64, 61).no_shrink();
        (tensors, directions).prop_map(|(inputs, directions)| Case { inputs, directions })
    })
}
