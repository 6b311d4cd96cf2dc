//! What all pictures share: the file, the frame, the legend, the colours.

use std::ops::Range;
use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::*;

use crate::data::names::number;
use crate::error::{Error, Result};
use crate::predict::metrics::refused;

pub(super) const BLUE: RGBColor = RGBColor(0, 114, 178);
pub(super) const VERMILION: RGBColor = RGBColor(213, 94, 0);
pub(super) const GREEN: RGBColor = RGBColor(0, 158, 115);
pub(super) const GREY: RGBColor = RGBColor(120, 120, 120);
pub(super) const GRID: RGBColor = RGBColor(225, 225, 225);
pub(super) const BLACK: RGBColor = RGBColor(0, 0, 0);
/// The numbers at the axes.
pub(super) const SMALL: i32 = 14;
/// The names of axes, and the legend.
pub(super) const TEXT: i32 = 16;
const TITLE: i32 = 20;
const FONT: &str = "sans-serif";

pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
pub(super) type Drawn<T = ()> = Result<T, DrawingAreaErrorKind<std::io::Error>>;

/// How an entry of the legend looks.
pub(super) enum Mark {
    Line(RGBColor),
    Dashed(RGBColor),
    Point(RGBColor),
    Fill(RGBAColor),
}

/// Draws a picture of `size` into the file at `path`: a title, the legend below it if there is
/// one, and in the rest what `f` draws.
pub(super) fn picture(
    path: &Path,
    size: (u32, u32),
    title: &str,
    legend: &[(Mark, &str)],
    f: impl FnOnce(&Area<'_>) -> Drawn,
) -> Result<()> {
    let mut svg = String::new();
    draw(&mut svg, size, title, legend, f)
        .map_err(|error| Error::io("draw", path, std::io::Error::other(error.to_string())))?;
    std::fs::write(path, svg).map_err(|error| Error::io("write", path, error))
}

fn draw(
    svg: &mut String,
    size: (u32, u32),
    title: &str,
    legend: &[(Mark, &str)],
    f: impl FnOnce(&Area<'_>) -> Drawn,
) -> Drawn {
    let root = SVGBackend::with_string(svg, size).into_drawing_area();
    root.fill(&WHITE)?;
    let at = anchor(HPos::Center, VPos::Top);
    let style = font(TITLE).pos(at);
    root.draw_text(title, &style, (size.0 as i32 / 2, 12))?;
    let head = if legend.is_empty() { 44 } else { 72 };
    entries(&root, legend, size.0 as i32)?;
    let (_, rest) = root.split_vertically(head);
    f(&rest)?;
    root.present()
}

/// The legend, centred in one line.
fn entries(root: &Area<'_>, legend: &[(Mark, &str)], width: i32) -> Drawn {
    const MARK: i32 = 28;
    const GAP: i32 = 8;
    const BETWEEN: i32 = 28;
    const Y: i32 = 56;
    // No font is at hand to measure with: sans-serif letters are about half as wide as high.
    let letters = |text: &str| text.chars().count() as i32 * TEXT * 54 / 100;
    let all: i32 = legend
        .iter()
        .map(|(_, text)| MARK + GAP + letters(text) + BETWEEN)
        .sum();
    let mut x = i32::midpoint(width - all, BETWEEN);
    for (mark, text) in legend {
        let line = vec![(x, Y), (x + MARK, Y)];
        match *mark {
            Mark::Line(colour) => root.draw(&PathElement::new(line, colour.stroke_width(2)))?,
            Mark::Dashed(colour) => {
                for dash in [0, 11, 22] {
                    let dash = vec![(x + dash, Y), (x + dash + 6, Y)];
                    root.draw(&PathElement::new(dash, colour.stroke_width(2)))?;
                }
            }
            Mark::Point(colour) => {
                root.draw(&Circle::new((x + MARK / 2, Y), 4, colour.filled()))?;
            }
            Mark::Fill(colour) => {
                let corners = [(x, Y - 7), (x + MARK, Y + 7)];
                root.draw(&Rectangle::new(corners, colour.filled()))?;
            }
        }
        let style = font(TEXT).pos(anchor(HPos::Left, VPos::Center));
        root.draw_text(text, &style, (x + MARK + GAP, Y))?;
        x += MARK + GAP + letters(text) + BETWEEN;
    }
    Ok(())
}

/// Black letters of a size in pixels.
pub(super) fn font(size: i32) -> TextStyle<'static> {
    (FONT, size).into_font().color(&BLACK)
}

pub(super) fn anchor(h: HPos, v: VPos) -> plotters::style::text_anchor::Pos {
    plotters::style::text_anchor::Pos::new(h, v)
}
pub(super) use plotters::style::text_anchor::{HPos, VPos};

/// The range of the numbers, a twentieth wider on both sides; about 1 wide if they are equal.
pub(super) fn range(x: impl Iterator<Item = f64>) -> Range<f64> {
    let (low, high) = x.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| {
        (low.min(x), high.max(x))
    });
    let width = high - low;
    let margin = if width > 0.0 { 0.05 * width } else { 0.5 };
    low - margin..high + margin
}

/// A picture of nothing is a mistake.
pub(super) fn not_empty(points: usize, picture: &str) -> Result<()> {
    if points > 0 {
        return Ok(());
    }
    Err(Error::Empty {
        what: picture.into(),
        mend: "a picture needs something to draw".into(),
    })
}

/// What is infinite or NaN has no place on paper.
pub(super) fn all_finite(x: &[f64]) -> Result<()> {
    match x.iter().position(|x| !x.is_finite()) {
        None => Ok(()),
        Some(row) => Err(refused(row, number(x[row]), "a finite number to draw")),
    }
}

/// `80%`
pub(super) fn percent(x: f64) -> String {
    // Half of a percent shows where the axis is short.
    let percent = (1000.0 * x).round() / 10.0;
    format!("{percent}%")
}
