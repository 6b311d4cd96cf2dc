//! [`reliability_diagram`].

use std::path::Path;

use plotters::prelude::*;

use super::canvas::{self, Area, BLUE, Drawn, GREY, Mark, SMALL, TEXT, font, not_empty, percent};
use crate::error::Result;
use crate::predict::metrics::Bin;

/// Draws how often predictions were right against how sure they were, with the number of
/// predictions in each bin below.
///
/// Bars are 68% intervals by Wilson's formula, which are not of width 0 where all predictions of
/// a bin were right. Points below the diagonal are overconfident. `bins` come from
/// [`reliability`](crate::predict::metrics::reliability).
///
/// # Errors
/// [`Error::Empty`](crate::Error::Empty) for no bins; if the file cannot be written.
pub fn reliability_diagram(bins: &[Bin], path: impl AsRef<Path>) -> Result<()> {
    not_empty(bins.len(), "the reliability diagram")?;
    let legend = [
        (Mark::Dashed(GREY), "perfectly calibrated"),
        (Mark::Point(BLUE), "predictions, with 68% interval"),
    ];
    let title = "Are confident predictions right?";
    canvas::picture(path.as_ref(), (640, 640), title, &legend, |area| {
        let (upper, lower) = area.split_vertically(390);
        diagram(&upper, bins)?;
        counts(&lower, bins)
    })
}

fn diagram(area: &Area<'_>, bins: &[Bin]) -> Drawn {
    let mut chart = ChartBuilder::on(area)
        .margin(8)
        .margin_right(24)
        .set_label_area_size(LabelAreaPosition::Left, 76)
        .set_label_area_size(LabelAreaPosition::Bottom, 28)
        .build_cartesian_2d(-0.02..1.02, -0.02..1.02)?;
    chart
        .configure_mesh()
        .light_line_style(WHITE)
        .bold_line_style(canvas::GRID)
        .x_labels(6)
        .y_labels(6)
        .x_label_formatter(&|x| percent(*x))
        .y_label_formatter(&|x| percent(*x))
        .y_desc("how often they were right")
        .label_style(font(SMALL))
        .axis_desc_style(font(TEXT))
        .draw()?;
    chart.draw_series(DashedLineSeries::new(
        [(0.0, 0.0), (1.0, 1.0)],
        6,
        5,
        GREY.stroke_width(2),
    ))?;
    for bin in bins {
        let (x, y) = (bin.confidence, bin.accuracy);
        let n = bin.count as f64;
        let centre = (y + 0.5 / n) / (1.0 + 1.0 / n);
        let half = (y * (1.0 - y) / n + 0.25 / (n * n)).sqrt() / (1.0 + 1.0 / n);
        let bar = vec![(x, centre - half), (x, centre + half)];
        chart.draw_series([PathElement::new(bar, BLUE.stroke_width(2))])?;
    }
    let points = bins.iter().map(|bin| (bin.confidence, bin.accuracy));
    chart.draw_series(points.map(|point| Circle::new(point, 4, BLUE.filled())))?;
    Ok(())
}

fn counts(area: &Area<'_>, bins: &[Bin]) -> Drawn {
    let most = bins.iter().map(|bin| bin.count).max().unwrap_or(1) as f64;
    let mut chart = ChartBuilder::on(area)
        .margin(8)
        .margin_right(24)
        .set_label_area_size(LabelAreaPosition::Left, 76)
        .set_label_area_size(LabelAreaPosition::Bottom, 52)
        .build_cartesian_2d(-0.02..1.02, 0.0..1.1 * most)?;
    chart
        .configure_mesh()
        .light_line_style(WHITE)
        .bold_line_style(canvas::GRID)
        .disable_x_mesh()
        .x_labels(6)
        .y_labels(3)
        .x_label_formatter(&|x| percent(*x))
        .y_label_formatter(&|count| format!("{count:.0}"))
        .x_desc("confidence: the probability of the predicted class")
        .y_desc("predictions")
        .label_style(font(SMALL))
        .axis_desc_style(font(TEXT))
        .draw()?;
    chart.draw_series(bins.iter().map(|bin| {
        let corners = [(bin.low, 0.0), (bin.high, bin.count as f64)];
        let mut bar = Rectangle::new(corners, BLUE.mix(0.5).filled());
        bar.set_margin(0, 0, 1, 1);
        bar
    }))?;
    Ok(())
}
