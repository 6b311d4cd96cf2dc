//! Pools: one number for each part of an image.
//!
//! | operation | y | x̄ | keeps |
//! | --- | --- | --- | --- |
//! | `max_pool1d`, `max_pool2d` | the largest of each window | ȳ to the first of the largest | nothing |
//! | `adaptive_max_pool1d`, `adaptive_max_pool2d` | the largest of each of equal parts | ȳ likewise | nothing |
//! | `avg_pool1d`, `avg_pool2d` | the mean of each window | ȳ / divisor to each of its elements | nothing |
//! | `adaptive_avg_pool1d`, `adaptive_avg_pool2d` | the mean of each of equal parts | ȳ / count likewise | nothing |
//!
//! Parts may overlap: an element gets what all of its parts give it. Where the largest stand is
//! saved, so that neither x nor y is kept.

#[cfg(any(test, feature = "proptest"))]
use super::extremum::apart;
#[cfg(any(test, feature = "proptest"))]
use super::law::{Domain, Law, law};
use super::window::{self, along, axes, image_wanted, planar, result, row_places};
use crate::kernels::Scalar;
use crate::kernels::pool::{self, Cut};
use crate::kernels::window::Window;
use crate::tape::{Grads, Inputs, Keeps, Op, Saved, Var};
use crate::tensor::Shape;
use crate::tensor::check::{Checked, Message};

/// How a window goes over images of N axes.
///
/// ```
/// use elbo::ops::Pool;
/// let side_by_side = Pool::of([2, 2]);
/// assert_eq!(side_by_side.stride, [2, 2]);
/// let overlapping = Pool { stride: [2, 2], padding: [[1, 1], [1, 1]], ..Pool::of([3, 3]) };
/// # let _ = overlapping;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool<const N: usize> {
    /// Extents of the window.
    pub size: [usize; N],
    /// How far it moves along each axis.
    pub stride: [usize; N],
    /// Positions in front of each axis and behind it, `[[top, bottom], [left, right]]`; each less
    /// than the window, which so reaches an element from every place.
    pub padding: [[usize; 2]; N],
}

impl<const N: usize> Pool<N> {
    /// Windows of this size side by side, without padding.
    pub const fn of(size: [usize; N]) -> Self {
        Pool {
            size,
            stride: size,
            padding: [[0; 2]; N],
        }
    }

    /// The window along one of the axes.
    const fn window(&self, axis: usize) -> Window {
        Window {
            size: self.size[axis],
            stride: self.stride[axis],
            padding: self.padding[axis],
            dilation: 1,
        }
    }

    /// The shape `[channels, ..places]` of the row `name` after the pool `function`, while the
    /// compiler runs.
    ///
    /// # Errors
    /// If the row is not `[channels, rows, columns]`, or `[channels, length]` for N = 1; if the
    /// window fits nowhere, or the padding is not less than it.
    pub const fn shape(self, function: &str, row: Shape, name: &str) -> Checked {
        if let Some(message) = image_wanted::<N>(function, row, name) {
            return Err(message);
        }
        let mut windows = [self.window(0); N];
        let mut axis = 0;
        while axis < N {
            let window = self.window(axis);
            let [before, after] = window.padding;
            let most = if before > after { before } else { after };
            if window.size > 0 && most >= window.size {
                let message = Message::new()
                    .text(function)
                    .text(": a padding of ")
                    .number(most);
                let message = message
                    .text(" is not less than the window of ")
                    .number(window.size);
                return Err(message.text(" along the ").text(along::<N>(axis)));
            }
            windows[axis] = window;
            axis += 1;
        }
        row_places(function, "window", (row, name), row.dim(0), windows)
    }
}

/// By what the sum of a window that reaches into the padding is divided, in
/// [`avg_pool2d`](Var::avg_pool2d).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Divisor {
    /// By the size of the window: the padding counts as zeros. PyTorch's `count_include_pad=True`.
    Window,
    /// By the number of elements that the window reaches. PyTorch's `count_include_pad=False`.
    Elements,
}

impl Divisor {
    /// The number that it is for every window, if there is one.
    fn of<const N: usize>(self, pool: Pool<N>) -> Option<f64> {
        let size = || pool.size.iter().map(|&size| size as f64).product();
        (self == Divisor::Window).then(size)
    }
}

/// y is the largest element of a part.
struct MaxPool {
    name: &'static str,
    cuts: pool::Pool,
}

impl<S: Scalar> Op<S> for MaxPool {
    fn name(&self) -> &'static str {
        self.name
    }
    fn keeps(&self) -> Keeps {
        Keeps::Nothing
    }
    fn flops(&self, x: &Inputs<'_, S>, _: Shape) -> u64 {
        x.shape(0).size() as u64
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], saved: &mut Saved<S>) {
        saved.positions.resize(y.len(), 0);
        self.cuts.largest(&x[0], &mut saved.positions, y);
    }
    fn vjp(
        &self,
        _: &Inputs<'_, S>,
        _: &[S],
        y_bar: &[S],
        saved: &Saved<S>,
        x_bar: &mut Grads<'_, S>,
    ) {
        if let Some(d) = x_bar.of(0) {
            self.cuts.add_selected(y_bar, &saved.positions, d);
        }
    }
}

/// y is the mean of a part.
struct AvgPool {
    name: &'static str,
    cuts: pool::Pool,
    /// Of each part; the number of its elements, if none.
    divisor: Option<f64>,
}

impl<S: Scalar> Op<S> for AvgPool {
    fn name(&self) -> &'static str {
        self.name
    }
    fn keeps(&self) -> Keeps {
        Keeps::Nothing
    }
    fn flops(&self, x: &Inputs<'_, S>, _: Shape) -> u64 {
        x.shape(0).size() as u64
    }
    fn forward(&self, x: &Inputs<'_, S>, y: &mut [S], _: &mut Saved<S>) {
        self.cuts.mean(&x[0], self.divisor, y);
    }
    fn vjp(&self, _: &Inputs<'_, S>, _: &[S], y_bar: &[S], _: &Saved<S>, x_bar: &mut Grads<'_, S>) {
        if let Some(d) = x_bar.of(0) {
            self.cuts.add_mean(y_bar, self.divisor, d);
        }
    }
}

impl<'t, S: Scalar> Var<'t, S> {
    /// The largest number of each window, for x `[images, channels, rows, columns]`.
    ///
    /// Padding counts as -∞. The gradient goes to the largest number, to the first one in the order
    /// of rows if there are equal ones. A NaN in a window is its result.
    ///
    /// ```
    /// use elbo::{Tape, Tensor, ops::Pool};
    /// let tape = Tape::new();
    /// let x = tape.parameter(&Tensor::new([1, 1, 2, 4], vec![1.0f64, 3.0, 0.0, 0.0, 3.0, 2.0, 0.0, 7.0]));
    /// let y = x.max_pool2d(Pool::of([2, 2])).retain();
    /// y.sum().backward();
    /// assert_eq!(y.value().as_slice(), [3.0, 7.0]);
    /// assert_eq!(x.grad().as_slice(), [0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
    /// ```
    ///
    /// # Panics
    /// If the shape is another, the window fits nowhere, or the padding is not less than it.
    #[track_caller]
    pub fn max_pool2d(self, pool: Pool<2>) -> Self {
        self.max_pool("max_pool2d", windows(self.shape(), pool))
    }
    /// [`max_pool2d`](Var::max_pool2d) for x `[images, channels, length]`.
    ///
    /// # Panics
    /// As `max_pool2d` does.
    #[track_caller]
    pub fn max_pool1d(self, pool: Pool<1>) -> Self {
        self.max_pool("max_pool1d", windows(self.shape(), pool))
    }
    /// The largest number of each of `places[0]` times `places[1]` parts of every channel, with
    /// the parts of [`adaptive_avg_pool2d`](Var::adaptive_avg_pool2d) and the conventions of
    /// [`max_pool2d`](Var::max_pool2d).
    ///
    /// # Panics
    /// If x is not `[images, channels, rows, columns]`, or has no rows or columns.
    #[track_caller]
    pub fn adaptive_max_pool2d(self, places: [usize; 2]) -> Self {
        self.max_pool("adaptive_max_pool2d", equal_parts(self.shape(), places))
    }
    /// [`adaptive_max_pool2d`](Var::adaptive_max_pool2d) for x `[images, channels, length]`.
    ///
    /// # Panics
    /// As `adaptive_max_pool2d` does.
    #[track_caller]
    pub fn adaptive_max_pool1d(self, places: usize) -> Self {
        self.max_pool("adaptive_max_pool1d", equal_parts(self.shape(), [places]))
    }
    /// The mean of each window, for x `[images, channels, rows, columns]`; `divisor` says what that
    /// is where a window reaches into the padding.
    ///
    /// ```
    /// use elbo::{Tape, Tensor, ops::{Divisor, Pool}};
    /// let tape = Tape::new();
    /// let x = tape.constant(&Tensor::new([1, 1, 1, 4], vec![8.0f64, 2.0, 4.0, 6.0]));
    /// let pool = Pool { padding: [[0, 0], [1, 1]], ..Pool::of([1, 2]) };
    /// let mean = |divisor| x.avg_pool2d(pool, divisor).value();
    /// assert_eq!(mean(Divisor::Window).as_slice(), [4.0, 3.0, 3.0]);
    /// assert_eq!(mean(Divisor::Elements).as_slice(), [8.0, 3.0, 6.0]);
    /// ```
    ///
    /// # Panics
    /// If the shape is another, the window fits nowhere, or the padding is not less than it.
    #[track_caller]
    pub fn avg_pool2d(self, pool: Pool<2>, divisor: Divisor) -> Self {
        let divisor = divisor.of(pool);
        self.avg_pool("avg_pool2d", windows(self.shape(), pool), divisor)
    }
    /// [`avg_pool2d`](Var::avg_pool2d) for x `[images, channels, length]`.
    ///
    /// # Panics
    /// As `avg_pool2d` does.
    #[track_caller]
    pub fn avg_pool1d(self, pool: Pool<1>, divisor: Divisor) -> Self {
        let divisor = divisor.of(pool);
        self.avg_pool("avg_pool1d", windows(self.shape(), pool), divisor)
    }
    /// The mean of each of `places[0]` times `places[1]` parts of every channel, for x
    /// `[images, channels, rows, columns]` of any extents: the result is
    /// `[images, channels, ..places]`.
    ///
    /// Part i of an axis goes from ⌊i extent / places⌋ up to ⌈(i + 1) extent / places⌉, so that
    /// neighbours share an element where the extent is no multiple.
    ///
    /// # Panics
    /// If the shape is another, or there are no rows or columns.
    #[track_caller]
    pub fn adaptive_avg_pool2d(self, places: [usize; 2]) -> Self {
        self.avg_pool(
            "adaptive_avg_pool2d",
            equal_parts(self.shape(), places),
            None,
        )
    }
    /// [`adaptive_avg_pool2d`](Var::adaptive_avg_pool2d) for x `[images, channels, length]`.
    ///
    /// # Panics
    /// As `adaptive_avg_pool2d` does.
    #[track_caller]
    pub fn adaptive_avg_pool1d(self, places: usize) -> Self {
        self.avg_pool(
            "adaptive_avg_pool1d",
            equal_parts(self.shape(), [places]),
            None,
        )
    }

    #[track_caller]
    fn max_pool(self, name: &'static str, cuts: Cuts) -> Self {
        let x = self.shape();
        let (cuts, y) = or_panic(name, x, cuts);
        let plane: usize = x.dims()[2..].iter().product();
        assert!(
            u32::try_from(plane).is_ok(),
            "{name}: {x}: a channel of more than 2^32 elements"
        );
        self.tape().apply(MaxPool { name, cuts }, [self], y)
    }
    #[track_caller]
    fn avg_pool(self, name: &'static str, cuts: Cuts, divisor: Option<f64>) -> Self {
        let (cuts, y) = or_panic(name, self.shape(), cuts);
        let op = AvgPool {
            name,
            cuts,
            divisor,
        };
        self.tape().apply(op, [self], y)
    }
}

/// How the channels of a shape are cut and the shape of the result, or what is wrong.
type Cuts = Result<(pool::Pool, Shape), String>;

#[track_caller]
fn or_panic(name: &str, x: Shape, cuts: Cuts) -> (pool::Pool, Shape) {
    match cuts {
        Ok(cuts) => cuts,
        Err(wrong) => panic!("{name}: {x}: {wrong}"),
    }
}

/// The places of a window.
fn windows<const N: usize>(x: Shape, pool: Pool<N>) -> Cuts {
    check_image::<N>(x)?;
    let mut cuts = [Cut::SINGLE; N];
    for (axis, cut) in cuts.iter_mut().enumerate() {
        let window = pool.window(axis);
        let found = window::axis::<N>(x, axis, window, "window")?;
        // Otherwise a window could lie in the padding alone, and have neither maximum nor mean.
        if window.padding.iter().any(|&padding| padding >= window.size) {
            return Err(format!(
                "padding {:?} of the {} is not less than the window of {}",
                window.padding,
                along::<N>(axis),
                window.size
            ));
        }
        *cut = Cut {
            extent: found.extent,
            places: found.places,
            window: Some(window),
        };
    }
    finished(x, cuts)
}

/// Parts of about equal extent, as many as there are places.
fn equal_parts<const N: usize>(x: Shape, places: [usize; N]) -> Cuts {
    check_image::<N>(x)?;
    let mut cuts = [Cut::SINGLE; N];
    for (axis, cut) in cuts.iter_mut().enumerate() {
        *cut = Cut {
            extent: x.dim(2 + axis),
            places: places[axis],
            window: None,
        };
    }
    finished(x, cuts)
}

fn finished<const N: usize>(x: Shape, cuts: [Cut; N]) -> Cuts {
    let y = result(x.dim(0), x.dim(1), cuts.map(|cut| cut.places))?;
    let axes = planar(cuts, Cut::SINGLE);
    Ok((pool::Pool { axes }, y))
}

fn check_image<const N: usize>(x: Shape) -> Result<(), String> {
    if x.rank() != 2 + N {
        return Err(format!("wants [images, channels, {}]", axes::<N>()));
    }
    match x.dims()[2..].iter().position(|&extent| extent == 0) {
        Some(axis) => Err(format!("no {}", along::<N>(axis))),
        None => Ok(()),
    }
}

#[cfg(any(test, feature = "proptest"))]
pub(super) const LAWS: &[Law] = &[
    law!(MaxPool, "max_pool2d", (x: "nc43" in Domain::REAL) => apart(x).max_pool2d(Pool::of([2, 2]))),
    law!(MaxPool, "max_pool2d", (x: "n263" in Domain::REAL) => apart(x).max_pool2d(Pool { stride: [2, 1], padding: [[1, 2], [1, 0]], ..Pool::of([3, 2]) })),
    law!(MaxPool, "max_pool1d", (x: "nc7" in Domain::REAL) => apart(x).max_pool1d(Pool { stride: [2], padding: [[1, 1]], ..Pool::of([3]) })),
    law!(MaxPool, "adaptive_max_pool2d", (x: "nc43" in Domain::REAL) => apart(x).adaptive_max_pool2d([3, 2])),
    law!(MaxPool, "adaptive_max_pool1d", (x: "ncL" in Domain::REAL) => apart(x).adaptive_max_pool1d(2)),
    law!(AvgPool, "avg_pool2d", (x: "nc43" in Domain::REAL) => x.avg_pool2d(Pool { stride: [2, 1], padding: [[1, 2], [1, 0]], ..Pool::of([3, 2]) }, Divisor::Window)),
    law!(AvgPool, "avg_pool2d", (x: "n263" in Domain::REAL) => x.avg_pool2d(Pool { stride: [2, 1], padding: [[1, 2], [1, 0]], ..Pool::of([3, 2]) }, Divisor::Elements)),
    law!(AvgPool, "avg_pool1d", (x: "nc7" in Domain::REAL) => x.avg_pool1d(Pool { stride: [2], padding: [[1, 1]], ..Pool::of([3]) }, Divisor::Elements)),
    law!(AvgPool, "adaptive_avg_pool2d", (x: "nc43" in Domain::REAL) => x.adaptive_avg_pool2d([3, 2])),
    law!(AvgPool, "adaptive_avg_pool1d", (x: "ncL" in Domain::REAL) => x.adaptive_avg_pool1d(2)),
];
