//! The plots, as SVG that a page can hold, each twice: for a wide window and for a narrow one. The page
//! shows the one that fits, and gives the colours that are named here their values of a dark page.

use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::outcome::{Compared, Idle, Latency, Row};
use crate::programs::{BARE, CHANNELS, OWN, REDIS, REFERENCE_NAME};
use crate::scaling::{Scaled, Series};

/// How much room there is.
#[derive(Debug)]
struct Frame {
    width: u32,
    /// For names, and for numbers.
    left: u32,
    right: u32,
    /// The page's name of it.
    class: &'static str,
}

const WIDE: Frame = Frame { width: 900, left: 170, right: 190, class: "wide" };
const NARROW: Frame = Frame { width: 400, left: 110, right: 84, class: "narrow" };

impl Frame {
    fn is_wide(&self) -> bool {
        self.class == WIDE.class
    }

    /// Where names end.
    fn names(&self) -> i32 {
        self.left as i32 - 12
    }

    /// Where numbers begin.
    fn numbers(&self) -> i32 {
        (self.width - self.right) as i32 + 14
    }
}

/// Height of a row, and of the axis below.
const ROW: u32 = 34;
const AXIS: u32 = 34;

const INK: RGBColor = RGBColor(38, 42, 51);
const GRID: RGBColor = RGBColor(220, 224, 230);

/// Ratios that have a line and a number.
const TICKS: [f64; 12] = [0.25, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.25, 1.5, 2.0, 3.0];
const FEW_TICKS: [f64; 6] = [0.25, 0.5, 0.7, 1.0, 1.5, 2.5];

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Linear = Cartesian2d<RangedCoordf64, RangedCoordf64>;

/// The same colour for a program in all plots.
fn colour(name: &str) -> RGBColor {
    match name {
        OWN => RGBColor(200, 62, 77),
        REFERENCE_NAME => RGBColor(60, 98, 150),
        BARE => RGBColor(32, 140, 120),
        REDIS => RGBColor(140, 98, 165),
        CHANNELS => RGBColor(184, 118, 32),
        _ => RGBColor(140, 150, 162),
    }
}

/// Each pair of slices as a point, the middle half as a bar, the median as a line.
pub(crate) fn ratios(compared: &Compared, range: (f64, f64)) -> Result<String, String> {
    let rows = compared.rows.len();
    let height = rows as u32 * ROW + AXIS;
    let title = format!("{}: ratios to tokio's processor time", compared.workload.title);
    drawn(&title, height, |frame, area| {
        // Twice as much is as far from 1 as half as much.
        let (left, right) = (range.0.ln(), range.1.ln());
        let place = scale(frame, area, (left, right), (0.0, rows as f64), AXIS);
        let ticks: &[f64] = if frame.is_wide() { &TICKS } else { &FEW_TICKS };
        for tick in ticks.iter().filter(|tick| (range.0..=range.1).contains(tick)) {
            let name = format!("{tick}");
            let strong = (*tick - 1.0).abs() < f64::EPSILON;
            let style = if strong { INK.stroke_width(1) } else { GRID.stroke_width(1) };
            let line =
                [place.translate(&(tick.ln(), 0.0)), place.translate(&(tick.ln(), rows as f64))];
            area.draw(&PathElement::new(line, style)).map_err(told)?;
            write(area, &name, (line[1].0, line[1].1 + 6), HPos::Center, VPos::Top)?;
        }
        let below = (height - AXIS) as i32 + 10;
        let cheaper = if frame.is_wide() { "cheaper than tokio ◄" } else { "cheaper ◄" };
        write(area, cheaper, (frame.names(), below), HPos::Right, VPos::Top)?;
        write(area, "► dearer", (frame.numbers(), below), HPos::Left, VPos::Top)?;
        for (index, row) in compared.rows.iter().enumerate() {
            ratio_row(frame, area, &place, range, index, row)?;
        }
        Ok(())
    })
}

fn ratio_row(
    frame: &Frame,
    area: &Area<'_>,
    place: &Linear,
    range: (f64, f64),
    index: usize,
    row: &Row,
) -> Result<(), String> {
    let middle = index as f64 + 0.5;
    let at = |ratio: f64, y: f64| place.translate(&(ratio.ln(), y));
    let colour = colour(row.name);
    let few = row.ratios.len().max(2) as f64;
    for (number, ratio) in row.ratios.iter().enumerate() {
        // In the order of the rounds from top to bottom, so that points do not hide each other.
        let y = middle - 0.3 + 0.6 * number as f64 / (few - 1.0);
        let shown = ratio.clamp(range.0, range.1);
        let point = Circle::new(at(shown, y), 2, colour.mix(0.35).filled());
        area.draw(&point).map_err(told)?;
    }
    let bar = [at(row.ratio.lower, middle - 0.2), at(row.ratio.upper, middle + 0.2)];
    area.draw(&Rectangle::new(bar, colour.mix(0.45).filled())).map_err(told)?;
    let median = [at(row.ratio.median, middle - 0.36), at(row.ratio.median, middle + 0.36)];
    area.draw(&PathElement::new(median, colour.stroke_width(3))).map_err(told)?;
    let y = at(1.0, middle).1;
    write(area, row.name, (frame.names(), y), HPos::Right, VPos::Center)?;
    let number = match frame.is_wide() {
        true => format!("{:.3}   ({:.2} µs each)", row.ratio.median, row.cpu.median),
        false => format!("{:.3}", row.ratio.median),
    };
    write(area, &number, (frame.numbers(), y), HPos::Left, VPos::Center)
}

/// How slow the slowest share of requests was, one line a program.
pub(crate) fn latency(latency: &Latency) -> Result<String, String> {
    let curves = || latency.rows.iter().flat_map(|row| &row.curve);
    let slowest = curves().map(|(_, time)| *time).fold(1.0, f64::max);
    let fastest = curves().map(|(_, time)| *time).fold(slowest, f64::min).max(1.0);
    drawn("latency: how long each share of the requests took at most", 320, |frame, area| {
        let (bottom, top) = (fastest.ln() - 0.1, slowest.ln() + 0.1);
        let place = scale(frame, area, (0.0, 4.0), (top, bottom), AXIS);
        for (nines, name) in
            [(0.301, "half"), (1.0, "90 %"), (2.0, "99 %"), (3.0, "99.9 %"), (4.0, "99.99 %")]
        {
            let line = [place.translate(&(nines, top)), place.translate(&(nines, bottom))];
            area.draw(&PathElement::new(line, GRID.stroke_width(1))).map_err(told)?;
            write(area, name, (line[1].0, line[1].1 + 6), HPos::Center, VPos::Top)?;
        }
        for tick in [1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000] {
            let height = f64::from(tick).ln();
            if (bottom..=top).contains(&height) {
                let line = [place.translate(&(0.0, height)), place.translate(&(4.0, height))];
                area.draw(&PathElement::new(line, GRID.stroke_width(1))).map_err(told)?;
                let name = format!("{tick} µs");
                write(area, &name, (line[0].0 - 12, line[0].1), HPos::Right, VPos::Center)?;
            }
        }
        for row in &latency.rows {
            let nines = |share: f64| -(1.0 - share).max(1e-9).log10();
            let shown = row.curve.iter().filter(|(share, _)| nines(*share) <= 4.0);
            let points: Vec<(i32, i32)> = shown
                .map(|(share, time)| place.translate(&(nines(*share), time.max(1.0).ln())))
                .collect();
            let style = colour(row.name).stroke_width(2);
            area.draw(&PathElement::new(points, style)).map_err(told)?;
        }
        Ok(())
    })
}

/// Bytes of each idle connection, as bars.
pub(crate) fn idle(idle: &[Idle]) -> Result<String, String> {
    let most = idle.iter().map(|row| row.bytes).fold(1.0, f64::max);
    let height = idle.len() as u32 * ROW + 8;
    drawn("resident bytes of an idle connection", height, |frame, area| {
        let place = scale(frame, area, (0.0, most), (0.0, idle.len() as f64), 4);
        for (index, row) in idle.iter().enumerate() {
            let top = index as f64;
            let bar =
                [place.translate(&(0.0, top + 0.2)), place.translate(&(row.bytes, top + 0.8))];
            let bar = Rectangle::new(bar, colour(row.name).mix(0.7).filled());
            area.draw(&bar).map_err(told)?;
            let y = place.translate(&(0.0, top + 0.5)).1;
            let end = place.translate(&(row.bytes, top)).0;
            write(area, row.name, (frame.names(), y), HPos::Right, VPos::Center)?;
            let number = format!("{:.0} bytes", row.bytes);
            write(area, &number, (end + 8, y), HPos::Left, VPos::Center)?;
        }
        Ok(())
    })
}

/// What one operation costs by the number of connections, one line a program.
pub(crate) fn scaling(sizes: &[usize], series: &Series) -> Result<String, String> {
    let most = series.rows.iter().flat_map(|row| &row.cpu).map(|cpu| cpu.upper).fold(1.0, f64::max);
    let log = |size: usize| (size.max(1) as f64).ln();
    let (first, last) = (sizes.first().copied(), sizes.last().copied());
    let (first, last) = (log(first.unwrap_or(1)), log(last.unwrap_or(1)));
    drawn(series.asking.title(), 340, |frame, area| {
        let place = scale(frame, area, (first, last), (most * 1.05, 0.0), AXIS);
        let step = if most > 12.0 { 4 } else { 2 };
        for tick in (0..).step_by(step).take_while(|tick| f64::from(*tick) <= most) {
            let ends = [first, last].map(|x| place.translate(&(x, f64::from(tick))));
            area.draw(&PathElement::new(ends, GRID.stroke_width(1))).map_err(told)?;
            let name = format!("{tick} µs");
            write(area, &name, (frame.names(), ends[0].1), HPos::Right, VPos::Center)?;
        }
        let mut free = 0;
        for size in sizes {
            let (x, y) = place.translate(&(log(*size), 0.0));
            // A name that would stand in another is left out.
            if x >= free {
                write(area, &size.to_string(), (x, y + 6), HPos::Center, VPos::Top)?;
                free = x + 48;
            }
        }
        for row in &series.rows {
            let colour = colour(row.name);
            let at = |(size, cpu): (&usize, f64)| place.translate(&(log(*size), cpu));
            let line = sizes.iter().zip(row.cpu.iter().map(|cpu| cpu.median)).map(at);
            let line: Vec<(i32, i32)> = line.collect();
            for (size, cpu) in sizes.iter().zip(&row.cpu) {
                let ends = [at((size, cpu.lower)), at((size, cpu.upper))];
                let bar = PathElement::new(ends, colour.mix(0.5).stroke_width(4));
                area.draw(&bar).map_err(told)?;
            }
            area.draw(&PathElement::new(line, colour.stroke_width(2))).map_err(told)?;
        }
        let end = |row: &Scaled| {
            let cpu = row.cpu.last().map_or(0.0, |cpu| cpu.median);
            place.translate(&(last, cpu)).1
        };
        let ends: Vec<i32> = series.rows.iter().map(end).collect();
        for (row, y) in series.rows.iter().zip(apart(&ends)) {
            write(area, row.name, (frame.numbers(), y), HPos::Left, VPos::Center)?;
        }
        Ok(())
    })
}

/// Heights near these, in the same order, far enough from each other that names can stand there.
fn apart(heights: &[i32]) -> Vec<i32> {
    const LINE: i32 = 17;
    let mut order: Vec<usize> = (0..heights.len()).collect();
    order.sort_by_key(|index| heights[*index]);
    let mut placed = heights.to_vec();
    for pair in order.windows(2) {
        placed[pair[1]] = placed[pair[1]].max(placed[pair[0]] + LINE);
    }
    placed
}

/// Draws for both widths.
fn drawn(
    title: &str,
    height: u32,
    draw: impl Fn(&Frame, &Area<'_>) -> Result<(), String>,
) -> Result<String, String> {
    let mut html = String::new();
    for frame in [&WIDE, &NARROW] {
        let mut svg = String::new();
        {
            let size = (frame.width, height);
            let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
            draw(frame, &area)?;
            area.present().map_err(told)?;
        }
        // For those who hear the page, who have the tables for the rest.
        let named = format!("<svg role=\"img\" aria-label=\"{title}\" ");
        let svg = svg.replacen("<svg ", &named, 1);
        html.push_str(&format!("<div class=\"{}\">{svg}</div>", frame.class));
    }
    Ok(html)
}

/// Where numbers lie, between the names at the left and the numbers at the right, above the axis.
/// `x` is what stands at the left and at the right, `y` at the top and at the bottom.
fn scale(frame: &Frame, area: &Area<'_>, x: (f64, f64), y: (f64, f64), axis: u32) -> Linear {
    let (_, height) = area.dim_in_pixel();
    let (across, down) =
        (frame.left as i32..(frame.width - frame.right) as i32, 4..(height - axis) as i32);
    Cartesian2d::new(x.0..x.1, y.0..y.1, (across, down))
}

fn write(
    area: &Area<'_>,
    text: &str,
    place: (i32, i32),
    horizontal: HPos,
    vertical: VPos,
) -> Result<(), String> {
    let style = ("sans-serif", 14).into_font().color(&INK).pos(Pos::new(horizontal, vertical));
    area.draw(&Text::new(text.to_owned(), place, style)).map_err(told)
}

fn told(error: impl std::fmt::Display) -> String {
    format!("a plot cannot be drawn: {error}")
}

#[cfg(test)]
mod tests {
    use super::apart;

    #[test]
    fn names_of_lines_that_end_together_stand_below_each_other() {
        assert_eq!(apart(&[100, 20, 104, 300]), [100, 20, 117, 300]);
        assert_eq!(apart(&[50, 50, 50]), [50, 67, 84]);
    }
}
