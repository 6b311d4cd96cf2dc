//! [`elbo_curve`].

use std::path::Path;

use plotters::prelude::*;

use super::canvas::{
    self, Area, BLUE, Drawn, GREEN, SMALL, TEXT, VERMILION, all_finite, font, not_empty,
};
use crate::error::Result;
use crate::predict::metrics::same_length;

/// Draws the evidence lower bound of each epoch and its two parts, all in nats per row of the
/// data, one above the other: they differ too much in size to share an axis.
///
/// ```text
/// elbo = log_likelihood - kl
/// ```
///
/// # Errors
/// [`Error::Empty`](crate::Error::Empty) for no epochs, [`Error::Value`](crate::Error::Value)
/// for a number that is not finite; if the file cannot be written.
///
/// # Panics
/// If the lists differ in length.
#[track_caller]
pub fn elbo_curve(
    epochs: &[f64],
    elbo: &[f64],
    log_likelihood: &[f64],
    kl: &[f64],
    path: impl AsRef<Path>,
) -> Result<()> {
    let count = (epochs.len(), "epochs");
    same_length("ELBO curve", count, (elbo.len(), "ELBOs"));
    same_length(
        "ELBO curve",
        count,
        (log_likelihood.len(), "log-likelihoods"),
    );
    same_length("ELBO curve", count, (kl.len(), "KLs"));
    not_empty(epochs.len(), "the ELBO curve")?;
    for numbers in [epochs, elbo, log_likelihood, kl] {
        all_finite(numbers)?;
    }
    let title = "Training: ELBO = log-likelihood - KL, in nats per row";
    canvas::picture(path.as_ref(), (720, 720), title, &[], |area| {
        let panels = [
            ("ELBO", elbo, BLUE, None),
            ("log-likelihood", log_likelihood, GREEN, None),
            ("KL", kl, VERMILION, Some("epoch")),
        ];
        // The lowest one is higher by the name of the axis that all share.
        let areas = area.split_by_breakpoints::<i32, i32, _, _>([], [212, 424]);
        for (area, (name, y, colour, axis)) in areas.iter().zip(panels) {
            panel(area, name, epochs, y, colour, axis)?;
        }
        Ok(())
    })
}

fn panel(
    area: &Area<'_>,
    name: &str,
    epochs: &[f64],
    y: &[f64],
    colour: RGBColor,
    x_axis: Option<&str>,
) -> Drawn {
    let mut chart = ChartBuilder::on(area)
        .margin(8)
        .margin_right(24)
        .set_label_area_size(LabelAreaPosition::Left, 92)
        .set_label_area_size(
            LabelAreaPosition::Bottom,
            if x_axis.is_some() { 52 } else { 28 },
        )
        .build_cartesian_2d(
            canvas::range(epochs.iter().copied()),
            canvas::range(y.iter().copied()),
        )?;
    chart
        .configure_mesh()
        .light_line_style(WHITE)
        .bold_line_style(canvas::GRID)
        .x_labels(8)
        .y_labels(5)
        .x_label_formatter(&|epoch| format!("{epoch:.0}"))
        .x_desc(x_axis.unwrap_or_default())
        .y_desc(name)
        .label_style(font(SMALL))
        .axis_desc_style(font(TEXT))
        .draw()?;
    let points = epochs.iter().copied().zip(y.iter().copied());
    chart.draw_series(LineSeries::new(points, colour.stroke_width(2)))?;
    Ok(())
}
