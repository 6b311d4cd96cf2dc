//! What convolutions and pools have in common: images, windows on them, and what is wrong with
//! either.

use crate::kernels::window::{Axis, Misfit, Window};
use crate::tensor::Shape;
use crate::tensor::check::{Checked, Message};

/// How the axes of an image are called, N of them.
pub(super) const fn axes<const N: usize>() -> &'static str {
    if N == 1 { "length" } else { "rows, columns" }
}

/// What lies along axis `axis` of an image of N axes.
pub(super) const fn along<const N: usize>(axis: usize) -> &'static str {
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

/// The shape `[channels, ..places]` of a row that windows have gone over, while the compiler runs;
/// `row` is the image `name`, and `noun` a window in the text of what is wrong.
pub(super) const fn row_places<const N: usize>(
    function: &str,
    noun: &str,
    (row, name): (Shape, &str),
    channels: usize,
    windows: [Window; N],
) -> Checked {
    let mut dims = [channels, 1, 1];
    let mut axis = 0;
    while axis < N {
        let window = windows[axis];
        dims[1 + axis] = match window.places(row.dim(1 + axis)) {
            Ok(places) => places,
            Err(why) => {
                let image = (row, name);
                return Err(row_misfit::<N>(function, noun, image, window, axis, why));
            }
        };
        axis += 1;
    }
    match Shape::checked(dims.split_at(1 + N).0) {
        Some(shape) => Ok(shape),
        None => Err(Message::new()
            .text(function)
            .text(": more numbers than usize can count")),
    }
}

/// A row that is no image of N axes, and what it would be as one.
pub(super) const fn image_wanted<const N: usize>(
    function: &str,
    row: Shape,
    name: &str,
) -> Option<Message> {
    if row.rank() == 1 + N {
        return None;
    }
    let message = Message::new().text(function).text(" wants [channels, ");
    let message = message.text(axes::<N>()).text("], but `").text(name);
    let message = message.text("` is ").shape(row);
    Some(match (N, row.rank()) {
        (1, 1) => message
            .text("; with one channel it would be [1, ")
            .number(row.dim(0))
            .text("]"),
        (2, 2) => message
            .text("; with one channel it would be [1, ")
            .number(row.dim(0))
            .text(", ")
            .number(row.dim(1))
            .text("]"),
        _ => message,
    })
}

/// Why a window has no place on axis `axis` of the image `name`.
const fn row_misfit<const N: usize>(
    function: &str,
    noun: &str,
    (row, name): (Shape, &str),
    window: Window,
    axis: usize,
    why: Misfit,
) -> Message {
    let message = Message::new().text(function).text(": ");
    let extent = row.dim(1 + axis);
    let span = match why {
        Misfit::TooWide { span } => span,
        Misfit::Zero(what) => {
            let message = message.text("the ").text(what).text(" of the ").text(noun);
            let message = message.text(" along the ").text(along::<N>(axis));
            return message.text(" must be at least 1");
        }
        Misfit::Nothing | Misfit::Overflow => {
            let message = message.text("more ").text(along::<N>(axis));
            return message.text(" than can be counted");
        }
    };
    let message = message
        .text("a ")
        .text(noun)
        .text(" of ")
        .number(window.size);
    let message = if window.dilation == 1 {
        message.text(" does not fit the ")
    } else {
        let message = message.text(" with dilation ").number(window.dilation);
        message
            .text(" spans ")
            .number(span)
            .text(", which does not fit the ")
    };
    let message = message.number(extent).text(" ").text(along::<N>(axis));
    let message = message
        .text(" of `")
        .text(name)
        .text("`, which is ")
        .shape(row);
    let [before, after] = window.padding;
    let message = message.text(", with padding ");
    let message = if before == after {
        message.number(before)
    } else {
        let message = message.text("[").number(before).text(", ");
        message.number(after).text("]")
    };
    // The last of so many elements lies on the last position.
    let most = match (extent + before + after).checked_sub(1) {
        Some(last) => last / window.dilation + 1,
        None => 0,
    };
    message.text("; at most ").number(most).text(" would")
}
