//! [`einsum`]: sums of products, told by the letters of axes.
//!
//! It has no rule of its own. Each operand loses what no other one reads (diagonals and sums),
//! then pairs become one until one is left, and that gets the order of axes that was asked for.
//! A pair is a batch of matrix products, because each letter is one of four kinds:
//!
//! | in the left operand | in the right one | in the output or a third one | axis of |
//! | --- | --- | --- | --- |
//! | yes | yes | yes | the batch |
//! | yes | yes | no | the inner dimension |
//! | yes | no | yes | the rows |
//! | no | yes | yes | the columns |
//!
//! Letters of one kind that stand side by side are one axis to `MatMul`, so that most operands are
//! read where they are; others are permuted first.

use std::collections::BTreeMap;

use super::matmul::{Dot, MatMul};
use crate::kernels::Scalar;
use crate::tape::Var;
use crate::tensor::{MAX_RANK, Shape};

/// Sums of products, told by the letters of axes: `"bij,bjk->bik"` is a batch of matrix products.
///
/// ```text
/// y[output letters] = Σ_(all other letters) Π_k operand_k[its letters]
/// ```
///
/// - Each operand has a term, a letter (`a` to `z`, `A` to `Z`) for each axis; a letter has one
///   extent, wherever it stands. Blanks are skipped.
/// - A letter twice in a term means the diagonal of these axes.
/// - `...` in a term stands for all axes without a letter. They are aligned at the last one and
///   broadcast, and in the output `...` stands for them, too.
/// - Without `->`, the output is `...` and then, in alphabetical order, the letters that occur once.
///
/// Operands are contracted in pairs, the pair with the fewest multiplications first, each by one
/// [`matmul`](Var::matmul): never by a walk over all letters together.
///
/// # Panics
/// If there is no operand, `spec` is not of this form or does not fit the operands, or a product on
/// the way has more than eight axes or too many elements.
///
/// ```
/// use elbo::{Tape, Tensor, ops::einsum};
/// let tape = Tape::new();
/// let a = tape.constant(&Tensor::new([2, 2], vec![1.0, 2.0, 3.0, 4.0f32]));
/// let x = tape.constant(&Tensor::new([2], vec![1.0, 10.0]));
/// assert_eq!(einsum("ij,j->i", [a, x]).value().as_slice(), [21.0, 43.0]);
/// assert_eq!(einsum("i,ij,j->", [x, a, x]).item(), 451.0);
/// assert_eq!(einsum("ii->", [a]).item(), 5.0);
/// ```
#[track_caller]
pub fn einsum<'t, S: Scalar>(spec: &str, operands: impl AsRef<[Var<'t, S>]>) -> Var<'t, S> {
    let operands = operands.as_ref();
    assert!(!operands.is_empty(), "einsum: \"{spec}\" of no operand");
    operands[0].tape().check_inputs("einsum", operands);
    match contracted(spec, operands) {
        Ok(y) => y,
        Err(reason) => {
            let shapes: Vec<_> = operands.iter().map(|x| x.shape().to_string()).collect();
            panic!("einsum: \"{spec}\" of {}: {reason}", shapes.join(" and "))
        }
    }
}

#[track_caller]
fn contracted<'t, S: Scalar>(spec: &str, operands: &[Var<'t, S>]) -> Result<Var<'t, S>, String> {
    let spec = Spec::new(spec, operands)?;
    let mut left = vec![];
    for (&value, letters) in operands.iter().zip(&spec.terms) {
        let mut x = Named {
            value,
            letters: letters.clone(),
        };
        x.take_diagonals();
        x.drop_stretched(&spec);
        left.push(x);
    }
    // What nobody else reads is summed before it makes a product larger.
    for k in 0..left.len() {
        let read = read_beside(&left, &[k], &spec.output);
        left[k].sum_unread(&read);
    }
    while left.len() > 1 {
        let [i, j] = cheapest(&left, &spec);
        let read = read_beside(&left, &[i, j], &spec.output);
        let y = left.remove(j);
        let x = left.remove(i);
        left.push(x.times(&y, &read, &spec)?);
    }
    Ok(left[0].ordered(&spec.output))
}

/// What the text says about these operands. A letter for each axis; the axes of an ellipsis are
/// digits, and the last one of them is 7, because they are aligned there.
struct Spec {
    terms: Vec<String>,
    output: String,
    /// The extent of each letter.
    extents: BTreeMap<char, usize>,
}

const ELLIPSIS: &str = "01234567";

fn is_ellipsis(letter: char) -> bool {
    letter.is_ascii_digit()
}

impl Spec {
    fn new<S: Scalar>(text: &str, operands: &[Var<'_, S>]) -> Result<Self, String> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let (inputs, output) = match text.split_once("->") {
            Some((inputs, output)) => (inputs, Some(output)),
            None => (&*text, None),
        };
        let inputs: Vec<&str> = inputs.split(',').collect();
        if inputs.len() != operands.len() {
            let (has, needs) = (inputs.len(), operands.len());
            return Err(format!("it has {has} terms and needs {needs}"));
        }
        let (mut terms, mut extents) = (vec![], BTreeMap::new());
        for (input, x) in inputs.into_iter().zip(operands) {
            let shape = x.shape();
            let term = term(input, shape)?;
            for (c, &extent) in term.chars().zip(shape.dims()) {
                let whole = extents.entry(c).or_insert(extent);
                let stretches = |extent| is_ellipsis(c) && extent == 1;
                if stretches(*whole) {
                    *whole = extent;
                }
                if *whole != extent && !stretches(extent) {
                    let what = if is_ellipsis(c) {
                        "an axis of `...`"
                    } else {
                        &format!("`{c}`")
                    };
                    return Err(format!("{what} is {whole} and {extent}"));
                }
            }
            terms.push(term);
        }
        let all = terms.concat();
        let output = if let Some(output) = output {
            let ellipsis: String = extents.keys().filter(|c| is_ellipsis(**c)).collect();
            letters(output, &ellipsis)?
        } else {
            let is_read = |c: &&char| is_ellipsis(**c) || all.matches(**c).count() == 1;
            extents.keys().filter(is_read).collect()
        };
        for (i, c) in output.char_indices() {
            if output[..i].contains(c) {
                return Err(format!("`{c}` stands twice in the output"));
            }
            if !all.contains(c) {
                return Err(format!("`{c}` of the output stands in no term"));
            }
        }
        Ok(Spec {
            terms,
            output,
            extents,
        })
    }
    /// The number of elements of axes with these letters; `usize::MAX` if it is larger.
    fn size(&self, letters: &str) -> usize {
        let extents = letters.chars().map(|c| self.extents[&c]);
        extents.fold(1, usize::saturating_mul)
    }
}

/// The letters of an operand's axes.
fn term(text: &str, shape: Shape) -> Result<String, String> {
    let named = letters(text, "")?.len();
    match shape.rank().checked_sub(named) {
        Some(free) if free == 0 || text.contains("...") => {
            letters(text, &ELLIPSIS[MAX_RANK - free..])
        }
        _ => Err(format!(
            "`{text}` has {named} letters for the axes of {shape}"
        )),
    }
}

/// A term in which `ellipsis` stands for `...`.
fn letters(text: &str, ellipsis: &str) -> Result<String, String> {
    let named = text.replacen("...", "", 1);
    if named.chars().all(|c| c.is_ascii_alphabetic()) {
        Ok(text.replacen("...", ellipsis, 1))
    } else {
        Err(format!("`{text}`: a term is letters and at most one `...`"))
    }
}

/// A value with a letter for each axis.
struct Named<'t, S> {
    value: Var<'t, S>,
    letters: String,
}

impl<'t, S: Scalar> Named<'t, S> {
    /// Of two axes with the same letter, the diagonal.
    #[track_caller]
    fn take_diagonals(&mut self) {
        let twice = |letters: &str| {
            let mut axes = letters.char_indices();
            axes.find_map(|(a, c)| letters.rfind(c).filter(|b| a < *b).map(|b| [a, b]))
        };
        while let Some([a, b]) = twice(&self.letters) {
            let mut axes: Vec<usize> = (0..self.letters.len()).collect();
            axes.retain(|axis| ![a, b].contains(axis));
            axes.extend([a, b]); // at the end, where `diagonal` looks
            self.value = self.value.permute(&axes).diagonal(0);
            let letter = self.letters.remove(b);
            self.letters.remove(a);
            self.letters.push(letter);
        }
    }
    /// Without the axes of the ellipsis that are 1 here and more elsewhere: they say nothing.
    #[track_caller]
    fn drop_stretched(&mut self, spec: &Spec) {
        let shape = self.value.shape();
        let axes = self.take_letters(|axis, c| shape.dim(axis) != spec.extents[&c]);
        if !axes.is_empty() {
            self.value = self.value.squeeze(&axes);
        }
    }
    /// Sums over the axes whose letters are not in `read`.
    #[track_caller]
    fn sum_unread(&mut self, read: &str) {
        let axes = self.take_letters(|_, c| !read.contains(c));
        if !axes.is_empty() {
            self.value = self.value.sum_axes(&axes);
        }
    }
    /// Takes the letters for which `goes(axis, letter)` out, and says which axes they named.
    fn take_letters(&mut self, goes: impl Fn(usize, char) -> bool) -> Vec<usize> {
        let letters = std::mem::take(&mut self.letters);
        let mut axes = vec![];
        for (axis, c) in letters.char_indices() {
            if goes(axis, c) {
                axes.push(axis);
            } else {
                self.letters.push(c);
            }
        }
        axes
    }
    /// The value with its axes in the order of these letters.
    #[track_caller]
    fn ordered(&self, letters: &str) -> Var<'t, S> {
        if self.letters == letters {
            return self.value;
        }
        let axes: Vec<usize> = letters
            .chars()
            .filter_map(|c| self.letters.find(c))
            .collect();
        self.value.permute(&axes)
    }
    /// The value as matrices, and whether it holds them transposed.
    #[track_caller]
    fn matrices(&self, batch: &str, rows: &str, columns: &str) -> (Var<'t, S>, bool) {
        let order = [batch, rows, columns].concat();
        let transposed = self.letters != order && self.letters == [batch, columns, rows].concat();
        let value = if transposed {
            self.value
        } else {
            self.ordered(&order)
        };
        (value, transposed)
    }
    /// Both as one, summed over the letters of both that are not in `read`.
    #[track_caller]
    fn times(&self, other: &Self, read: &str, spec: &Spec) -> Result<Self, String> {
        let (x, y) = (self, other);
        let (both, rows): (String, String) =
            x.letters.chars().partition(|c| y.letters.contains(*c));
        let (batch, inner): (String, String) = both.chars().partition(|c| read.contains(*c));
        let columns: String = y.letters.chars().filter(|c| !both.contains(*c)).collect();

        let letters = [&*batch, &rows, &columns].concat();
        let dims: Vec<usize> = letters.chars().map(|c| spec.extents[&c]).collect();
        let Some(shape) = Shape::checked(&dims) else {
            return Err(
                "a product on the way has more than eight axes or too many elements".into(),
            );
        };
        let value = if letters == batch && inner.is_empty() {
            x.value * y.ordered(&batch)
        } else if letters.is_empty() {
            let tape = x.value.tape();
            tape.apply(Dot, [x.value, y.ordered(&inner)], shape)
        } else {
            let (a, ta) = x.matrices(&batch, &rows, &inner);
            let (b, tb) = y.matrices(&batch, &inner, &columns);
            let size = [&rows, &inner, &columns].map(|letters| spec.size(letters));
            let op = MatMul::batch([ta, tb], size, spec.size(&batch));
            a.tape().apply(op, [a, b], shape)
        };
        Ok(Named { value, letters })
    }
}

/// The letters that the output or an operand beside `these` reads.
fn read_beside<S>(left: &[Named<'_, S>], these: &[usize], output: &str) -> String {
    let mut read = output.to_owned();
    for (k, other) in left.iter().enumerate() {
        if !these.contains(&k) {
            read += &other.letters;
        }
    }
    read
}

/// The pair with the fewest multiplications, and of these the one with the smallest product. What
/// could not be held comes last.
fn cheapest<S>(left: &[Named<'_, S>], spec: &Spec) -> [usize; 2] {
    let cost = |&[i, j]: &[usize; 2]| {
        let (x, y) = (&left[i].letters, &left[j].letters);
        let both = x.chars().chain(y.chars().filter(|c| !x.contains(*c)));
        let letters: String = both.collect();
        let read = read_beside(left, &[i, j], &spec.output);
        let product: String = letters.chars().filter(|c| read.contains(*c)).collect();
        let cannot_be_held = product.len() > MAX_RANK;
        (cannot_be_held, spec.size(&letters), spec.size(&product))
    };
    let pairs = (0..left.len()).flat_map(|j| (0..j).map(move |i| [i, j]));
    pairs.min_by_key(cost).unwrap_or_default()
}
