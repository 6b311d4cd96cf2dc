//! [`Shape`]: the extents of a tensor, known to `const` code too.

use std::fmt::{self, Debug, Display};
use std::hash::{Hash, Hasher};

/// The largest rank of a [`Shape`].
pub const MAX_RANK: usize = 8;

/// The extents of a tensor along its axes: rank 0 (a scalar, `[]`) to [`MAX_RANK`].
///
/// All its functions are `const`, because the shapes of a `bayes_net!` are computed while the
/// compiler runs.
#[derive(Clone, Copy)]
pub struct Shape {
    rank: usize,
    /// Extents beyond `rank` are 1.
    extents: [usize; MAX_RANK],
}

impl Shape {
    /// The shape of a scalar, `[]`.
    pub const SCALAR: Shape = Shape::new(&[]);

    /// The shape with these extents.
    ///
    /// # Panics
    /// If there are more than [`MAX_RANK`], or if the number of elements overflows `usize`.
    #[track_caller]
    pub const fn new(dims: &[usize]) -> Self {
        assert!(dims.len() <= MAX_RANK, "a shape has at most 8 axes");
        match Shape::checked(dims) {
            Some(shape) => shape,
            None => panic!("a shape's number of elements overflows usize"),
        }
    }
    /// The shape with these extents; `None` if there are more than [`MAX_RANK`], or if the number
    /// of elements overflows `usize`.
    pub const fn checked(dims: &[usize]) -> Option<Self> {
        if dims.len() > MAX_RANK {
            return None;
        }
        let mut extents = [1; MAX_RANK];
        // The product leaves zeros out: [0, huge, huge] must not pass because it is empty.
        let mut size: usize = 1;
        let mut i = 0;
        while i < dims.len() {
            extents[i] = dims[i];
            let extent = if dims[i] == 0 { 1 } else { dims[i] };
            size = match size.checked_mul(extent) {
                Some(size) => size,
                None => return None,
            };
            i += 1;
        }
        Some(Shape {
            rank: dims.len(),
            extents,
        })
    }
    /// The shape of what `name` makes, of [`MAX_RANK`] axes at most.
    ///
    /// # Panics
    /// If the number of elements overflows, with that name.
    #[track_caller]
    pub(crate) fn of_result(name: &str, dims: &[usize]) -> Self {
        match Shape::checked(dims) {
            Some(shape) => shape,
            None => panic!("{name}: the number of elements of {dims:?} overflows"),
        }
    }
    /// Asks whether memory has addresses for as many numbers; whether it has that much, is seen
    /// when it is taken.
    ///
    /// # Panics
    /// If not, with the name of what needs it.
    #[track_caller]
    pub(crate) fn check_bytes<S>(&self, name: &str) {
        assert!(
            self.size() <= isize::MAX as usize / size_of::<S>(),
            "{name}: the number of bytes of {self} overflows"
        );
    }
    /// Number of axes.
    pub const fn rank(&self) -> usize {
        self.rank
    }
    /// Extent along `axis`; 1 beyond the rank.
    ///
    /// # Panics
    /// If `axis` is not below [`MAX_RANK`].
    #[track_caller]
    pub const fn dim(&self, axis: usize) -> usize {
        self.extents[axis]
    }
    /// Number of elements.
    pub const fn size(&self) -> usize {
        let mut size = 1;
        let mut i = 0;
        while i < self.rank() {
            size *= self.extents[i];
            i += 1;
        }
        size
    }
    /// Whether both shapes are the same.
    pub const fn same(&self, other: Shape) -> bool {
        let mut i = 0;
        while i < self.rank() && self.extents[i] == other.extents[i] {
            i += 1;
        }
        i == self.rank() && self.rank == other.rank
    }
    /// The extents.
    pub fn dims(&self) -> &[usize] {
        &self.extents[..self.rank()]
    }
    /// This shape with another extent along `axis`.
    ///
    /// # Panics
    /// If there is no such axis, or the number of elements overflows.
    #[track_caller]
    pub fn with(&self, axis: usize, extent: usize) -> Shape {
        self.with_of("shape", axis, extent)
    }
    /// As [`with`](Shape::with), for what `name` makes.
    #[track_caller]
    pub(crate) fn with_of(&self, name: &str, axis: usize, extent: usize) -> Shape {
        let mut dims = *self;
        dims.extents[..self.rank()][axis] = extent;
        Shape::of_result(name, dims.dims())
    }
    /// This shape without `axis`.
    ///
    /// # Panics
    /// If there is no such axis.
    #[track_caller]
    pub fn without(&self, axis: usize) -> Shape {
        let mut left = self.extents;
        left[..self.rank()][axis..].rotate_left(1);
        Shape::new(&left[..self.rank() - 1])
    }
    /// The shape of `rows` things of this shape.
    ///
    /// # Panics
    /// If this shape has [`MAX_RANK`] axes already, or the number of elements overflows.
    #[track_caller]
    pub fn with_rows(&self, rows: usize) -> Shape {
        let mut dims = [rows; MAX_RANK + 1];
        dims[1..=self.rank()].copy_from_slice(self.dims());
        Shape::new(&dims[..=self.rank()])
    }
    /// Splits the elements at `axis`: how many lie before, along and after it.
    ///
    /// # Panics
    /// If there is no such axis.
    #[track_caller]
    pub fn split(&self, axis: usize) -> [usize; 3] {
        let dims = self.dims();
        [
            dims[..axis].iter().product(),
            dims[axis],
            dims[axis + 1..].iter().product(),
        ]
    }
}

// By hand, because the arrays are longer than most shapes.
impl PartialEq for Shape {
    fn eq(&self, other: &Shape) -> bool {
        self.same(*other)
    }
}
impl Eq for Shape {}
impl Hash for Shape {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.dims().hash(state);
    }
}

impl Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.dims())
    }
}
impl Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}
impl Default for Shape {
    fn default() -> Self {
        Shape::SCALAR
    }
}
impl<const N: usize> From<[usize; N]> for Shape {
    #[track_caller]
    fn from(dims: [usize; N]) -> Self {
        Shape::new(&dims)
    }
}
impl From<&[usize]> for Shape {
    #[track_caller]
    fn from(dims: &[usize]) -> Self {
        Shape::new(dims)
    }
}
