//! [`Tensor`]: a shape and a shared, row-major buffer.

use std::sync::Arc;

use super::Shape;
use crate::kernels::Scalar;

/// Numbers in the order of rows, with a [`Shape`].
///
/// Cloning shares the buffer; [`as_mut_slice`](Tensor::as_mut_slice) copies it first if somebody
/// else still holds it.
///
/// ```
/// use elbo::Tensor;
/// let x = Tensor::new([2, 3], vec![1.0f32, 2.0, 3.0, 4.0, 5.0, 6.0]);
/// assert_eq!(x.shape().dims(), [2, 3]);
/// assert_eq!(x.map(|v| v * 10.0).as_slice()[5], 60.0);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor<S = f32> {
    shape: Shape,
    data: Arc<Vec<S>>,
}

impl<S: Scalar> Tensor<S> {
    /// A tensor of `shape` over `data`, row major.
    ///
    /// # Panics
    /// If `data` does not hold as many numbers as `shape` has elements.
    #[track_caller]
    pub fn new(shape: impl Into<Shape>, data: Vec<S>) -> Self {
        let shape = shape.into();
        assert!(
            shape.size() == data.len(),
            "tensor: shape {shape} has {} elements, but {} numbers were given",
            shape.size(),
            data.len()
        );
        Tensor {
            shape,
            data: Arc::new(data),
        }
    }
    /// Element i, in the order of rows, is `f(i)`.
    #[track_caller]
    pub fn from_fn(shape: impl Into<Shape>, f: impl FnMut(usize) -> S) -> Self {
        let shape = shape.into();
        shape.check_bytes::<S>("tensor");
        Tensor::new(shape, (0..shape.size()).map(f).collect())
    }
    /// All elements equal `v`.
    #[track_caller]
    pub fn full(shape: impl Into<Shape>, v: S) -> Self {
        let shape = shape.into();
        shape.check_bytes::<S>("tensor");
        Tensor::new(shape, vec![v; shape.size()])
    }
    /// All elements are 0.
    #[track_caller]
    pub fn zeros(shape: impl Into<Shape>) -> Self {
        Tensor::full(shape, S::ZERO)
    }
    /// A single number, of shape `[]`.
    pub fn scalar(v: S) -> Self {
        Tensor::new([], vec![v])
    }
    /// The shape.
    pub fn shape(&self) -> Shape {
        self.shape
    }
    /// Number of elements.
    pub fn len(&self) -> usize {
        self.data.len()
    }
    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.data.is_empty()
    }
    /// The numbers, row major.
    pub fn as_slice(&self) -> &[S] {
        &self.data
    }
    /// A tensor that shares `data`, which holds as many numbers as `shape` has elements.
    pub(crate) fn from_shared(shape: Shape, data: Arc<Vec<S>>) -> Self {
        debug_assert_eq!(shape.size(), data.len());
        Tensor { shape, data }
    }
    /// The buffer, shared.
    pub(crate) fn share(&self) -> Arc<Vec<S>> {
        Arc::clone(&self.data)
    }
    /// The numbers, to change; copied first if the buffer is shared.
    pub fn as_mut_slice(&mut self) -> &mut [S] {
        Arc::<Vec<S>>::make_mut(&mut self.data)
    }
    /// The only number of a tensor with one element.
    ///
    /// # Panics
    /// If there is not exactly one.
    #[track_caller]
    pub fn item(&self) -> S {
        let [x] = self.as_slice() else {
            panic!("item: a tensor of shape {} is not one number", self.shape)
        };
        *x
    }
    /// f of each element.
    pub fn map<R: Scalar>(&self, f: impl FnMut(S) -> R) -> Tensor<R> {
        Tensor::new(self.shape, self.data.iter().copied().map(f).collect())
    }
    /// The same values as another kind of number.
    pub fn cast<R: Scalar>(&self) -> Tensor<R> {
        self.map(|v| R::of(v.value()))
    }
    /// The same numbers under another shape.
    ///
    /// # Panics
    /// If the numbers of elements differ.
    #[track_caller]
    pub fn reshape(&self, shape: impl Into<Shape>) -> Self {
        let shape = shape.into();
        assert!(
            shape.size() == self.len(),
            "reshape: {} has {} elements, {shape} has {}",
            self.shape,
            self.len(),
            shape.size()
        );
        Tensor {
            shape,
            data: Arc::clone(&self.data),
        }
    }
    /// The numbers along row `i` of the first axis.
    ///
    /// # Panics
    /// If there is no such row.
    #[track_caller]
    pub fn row(&self, i: usize) -> &[S] {
        let width = self.len() / self.shape.dim(0).max(1);
        &self.data[i * width..(i + 1) * width]
    }
    /// Makes this a buffer of `shape` to be overwritten: its own memory if nobody shares it.
    pub(crate) fn reuse(&mut self, shape: Shape) -> &mut [S] {
        self.shape = shape;
        if Arc::get_mut(&mut self.data).is_none() {
            self.data = Arc::default();
        }
        let data = Arc::<Vec<S>>::make_mut(&mut self.data);
        data.resize(shape.size(), S::ZERO);
        data
    }
}

impl<S> Default for Tensor<S> {
    /// No numbers, of shape `[0]`.
    fn default() -> Self {
        Tensor {
            shape: Shape::new(&[0]),
            data: Arc::default(),
        }
    }
}
