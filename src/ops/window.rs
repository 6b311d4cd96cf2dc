//! What convolutions and pools have in common: images, windows on them, and what is wrong with
//! either.

use crate::kernels::window::{Axis, Misfit, Window};
use crate::tensor::Shape;

/// How the axes of an image are called, N of them.
pub(super) const fn axes<const N: usize>() -> &'static str {
    if N == 1 { "length" } else { "rows, columns" }
}

/// What lies along axis `axis` of an image of N axes.
pub(super) fn along<const N: usize>(axis: usize) -> &'static str {
    match (N, axis) {
        (1, _) => "positions",
        (_, 0) => "rows",
        _ => "columns",
    }
}

/// The axes as those of an image with rows and columns: a single axis is its columns.
pub(super) fn planar<const N: usize, T: Copy>(axes: [T; N], single: T) -> [T; 2] {
    let mut planar = [single; 2];
    planar[2 - N..].copy_from_slice(&axes);
    planar
}

/// The axis `axis` of images of shape x with a window on it; `noun` is the window in the text of
/// what is wrong.
pub(super) fn axis<const N: usize>(
    x: Shape,
    axis: usize,
    window: Window,
    noun: &str,
) -> Result<Axis, String> {
    let extent = x.dim(2 + axis);
    let places = window.places(extent);
    let places = places.map_err(|why| misfit::<N>(noun, window, extent, axis, why))?;
    Ok(Axis {
        window,
        extent,
        places,
    })
}

/// Why a window has no place on `count` positions, or covers none from `count` places.
pub(super) fn misfit<const N: usize>(
    noun: &str,
    window: Window,
    count: usize,
    axis: usize,
    why: Misfit,
) -> String {
    let along = along::<N>(axis);
    let Window {
        size,
        padding,
        dilation,
        ..
    } = window;
    match why {
        Misfit::Zero(what) => format!("a {noun} with {what} 0 along the {along}"),
        Misfit::TooWide { .. } if dilation == 1 => {
            format!("a {noun} of {size} does not fit {count} {along} with padding {padding:?}")
        }
        Misfit::TooWide { span } => format!(
            "a {noun} of {size} with dilation {dilation} spans {span}, which does not fit {count} \
             {along} with padding {padding:?}"
        ),
        Misfit::Nothing => format!(
            "a {noun} of {size} on {count} {along} leaves nothing between the padding {padding:?}"
        ),
        Misfit::Overflow => format!("more {along} than can be counted"),
    }
}

/// The shape `[images, channels, ..dims]`, unless it has more elements than can be counted.
pub(super) fn result<const N: usize>(
    images: usize,
    channels: usize,
    dims: [usize; N],
) -> Result<Shape, String> {
    let mut all = [images, channels, 1, 1];
    all[2..2 + N].copy_from_slice(&dims);
    let all = &all[..2 + N];
    Shape::checked(all)
        .ok_or_else(|| format!("the result {all:?} has more elements than can be counted"))
}
