//! A page of plots that needs no other file, and the numbers of the plots as JSON.
//!
//! A plot has a line for each runtime. Below stands what each line ends with as a part of what it begins
//! with, since that is what the plots are looked at for: is it flat?

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use serde_json::{Value, json};

/// One plot.
#[derive(Debug)]
pub struct Plot {
    /// What is shown.
    pub title: String,
    /// What stands along the axis: sizes, or numbers of cores.
    pub along: Vec<u64>,
    /// Each ten times as much as far from the last, as sizes want it; else each as far as it is.
    pub by_magnitude: bool,
    /// What is measured, and in what: `nanoseconds`.
    pub unit: &'static str,
    /// One for each runtime.
    pub lines: Vec<Line>,
}

/// A line of a plot.
#[derive(Debug)]
pub struct Line {
    /// The runtime's, or `ideal`.
    pub name: &'static str,
    /// In the order of what stands along the axis; not a number where it could not be told.
    pub values: Vec<f64>,
}

impl Line {
    /// The last value as a part of the first: 1 where nothing grew.
    pub fn growth(&self) -> f64 {
        match (self.values.first(), self.values.last()) {
            (Some(first), Some(last)) => last / first,
            _ => f64::NAN,
        }
    }
}

const TEMPLATE: &str = include_str!("page.html");

const INK: RGBColor = RGBColor(38, 42, 51);
const GRID: RGBColor = RGBColor(220, 224, 230);

/// Where the numbers lie, in a drawing of this size; around them is room for what they mean.
const SIZE: (u32, u32) = (520, 300);
const ACROSS: (i32, i32) = (68, 430);
const DOWN: (i32, i32) = (34, 262);

/// The page: a title, what it is about, in HTML, and the plots.
pub fn html(title: &str, about: &str, plots: &[Plot]) -> String {
    let mut shown = String::new();
    for plot in plots {
        let heads: String =
            plot.along.iter().map(|at| format!("<th>{}</th>", grouped(*at))).collect();
        let (title, unit) = (&plot.title, plot.unit);
        let drawn = draw(plot).unwrap_or_else(|why| format!("<p>It cannot be drawn: {why}</p>"));
        let mut table = format!("<tr><th>{unit}</th>{heads}<th>last&nbsp;: first</th></tr>");
        for line in &plot.lines {
            let cells: String =
                line.values.iter().map(|value| format!("<td>{}</td>", short(*value))).collect();
            let (class, name, growth) = (class(line.name), line.name, two_digits(line.growth()));
            let row = format!("<tr class=\"{class}\"><td>{name}</td>{cells}<td>{growth}</td></tr>");
            table.push_str(&row);
        }
        let plot =
            format!("<h2>{title}</h2>{drawn}<div class=\"scroll\"><table>{table}</table></div>");
        shown.push_str(&plot);
    }
    TEMPLATE.replace("{title}", title).replace("{about}", about).replace("{plots}", &shown)
}

/// The numbers.
pub fn numbers(plots: &[Plot]) -> Value {
    let line = |line: &Line| json!({ "name": line.name, "values": line.values, "last_to_first": line.growth() });
    let plot = |plot: &Plot| {
        json!({
            "title": plot.title,
            "unit": plot.unit,
            "along": plot.along,
            "lines": plot.lines.iter().map(line).collect::<Vec<_>>(),
        })
    };
    json!(plots.iter().map(plot).collect::<Vec<_>>())
}

/// Writes both to cargo's target folder, in executor-bench/, and says where the page is.
///
/// # Errors
/// The files cannot be written.
pub fn write(name: &str, page: &str, numbers: &Value) -> io::Result<PathBuf> {
    // A bench is target/release/deps/name-hash.
    let program = std::env::current_exe()?;
    let folder = program.ancestors().nth(3).unwrap_or(Path::new(".")).join("executor-bench");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(name).with_extension("json"), format!("{numbers:#}\n"))?;
    let path = folder.join(name).with_extension("html");
    fs::write(&path, page)?;
    Ok(path)
}

fn draw(plot: &Plot) -> Result<String, String> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        axes(&area, plot)?;
        let place = scale(plot);
        let mut ends = Vec::new();
        for line in &plot.lines {
            let at = |(at, value): (&u64, &f64)| place.translate(&(across(plot, *at), *value));
            let shown = plot.along.iter().zip(&line.values).filter(|(_, value)| value.is_finite());
            let points: Vec<(i32, i32)> = shown.map(at).collect();
            let colour = colour(line.name);
            for point in &points {
                area.draw(&Circle::new(*point, 3, colour.filled())).map_err(told)?;
            }
            ends.extend(points.last().map(|(_, y)| (*y, line.name)));
            area.draw(&PathElement::new(points, colour.stroke_width(2))).map_err(told)?;
        }
        for (y, name) in apart(ends) {
            write_at(&area, name, (ACROSS.1 + 10, y), HPos::Left, VPos::Center)?;
        }
        area.present().map_err(told)?;
    }
    // For those who hear the page; the table has the numbers.
    let named = format!("<svg role=\"img\" aria-label=\"{}\" ", plot.title);
    Ok(svg.replacen("<svg ", &named, 1))
}

/// Names beside the ends of their lines; where lines end together, below each other.
fn apart(mut ends: Vec<(i32, &'static str)>) -> Vec<(i32, &'static str)> {
    const LINE: i32 = 20;
    ends.sort_by_key(|(y, _)| *y);
    for index in 1..ends.len() {
        ends[index].0 = ends[index].0.max(ends[index - 1].0 + LINE);
    }
    ends
}

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

/// The lines of the grid, and what they mean. The vertical axis begins at zero: flat is what looks flat.
fn axes(area: &Area<'_>, plot: &Plot) -> Result<(), String> {
    let place = scale(plot);
    write_at(area, plot.unit, (0, 2), HPos::Left, VPos::Top)?;
    let step = step(most(plot));
    for number in (0..).take_while(|number| f64::from(*number) * step <= most(plot)) {
        let value = f64::from(number) * step;
        let (_, y) = place.translate(&(across(plot, plot.along[0]), value));
        let line = [(ACROSS.0, y), (ACROSS.1, y)];
        area.draw(&PathElement::new(line, GRID.stroke_width(1))).map_err(told)?;
        write_at(area, &short(value), (ACROSS.0 - 10, y), HPos::Right, VPos::Center)?;
    }
    for at in &plot.along {
        let (x, y) = place.translate(&(across(plot, *at), 0.0));
        let line = [(x, y), (x, y + 5)];
        area.draw(&PathElement::new(line, GRID.stroke_width(1))).map_err(told)?;
        write_at(area, &grouped(*at), (x, y + 9), HPos::Center, VPos::Top)?;
    }
    Ok(())
}

fn scale(plot: &Plot) -> Cartesian2d<RangedCoordf64, RangedCoordf64> {
    let first = plot.along.first().map_or(0.0, |at| across(plot, *at));
    let last = plot.along.last().map_or(1.0, |at| across(plot, *at));
    // One point alone stands at the left.
    let last = if last > first { last } else { first + 1.0 };
    let down = most(plot) * 1.06..0.0;
    Cartesian2d::new(first..last, down, (ACROSS.0..ACROSS.1, DOWN.0..DOWN.1))
}

fn across(plot: &Plot, at: u64) -> f64 {
    if plot.by_magnitude { (at.max(1) as f64).ln() } else { at as f64 }
}

fn most(plot: &Plot) -> f64 {
    let values = plot.lines.iter().flat_map(|line| &line.values);
    values.copied().filter(|value| value.is_finite()).fold(f64::MIN_POSITIVE, f64::max)
}

/// The distance of the grid's lines: 1, 2 or 5 and zeros, so that there are two to five of them.
fn step(most: f64) -> f64 {
    let magnitude = 10_f64.powf(most.log10().floor());
    match most / magnitude {
        leading if leading < 2.0 => magnitude * 0.5,
        leading if leading < 5.0 => magnitude,
        _ => magnitude * 2.0,
    }
}

/// `1,000,000`
fn grouped(number: u64) -> String {
    match number / 1_000 {
        0 => number.to_string(),
        thousands => format!("{},{:03}", grouped(thousands), number % 1_000),
    }
}

/// `1.25`, and a dash where there is nothing to tell.
fn two_digits(value: f64) -> String {
    if value.is_finite() { format!("{value:.2}") } else { "–".to_owned() }
}

/// `1234`, `12.3`, `4.5 M`: as much as a reader wants to know.
fn short(value: f64) -> String {
    match value {
        value if !value.is_finite() => "–".to_owned(),
        value if value >= 1e6 => format!("{:.2} M", value / 1e6),
        value if value >= 100.0 || value == 0.0 => format!("{value:.0}"),
        value if value >= 1.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

/// What the style sheet calls it.
fn class(name: &str) -> &'static str {
    match name {
        "executor" => "own",
        "tokio" => "tokio",
        _ => "other",
    }
}

/// The page gives these their values of a dark page.
fn colour(name: &str) -> RGBColor {
    match name {
        "executor" => RGBColor(200, 62, 77),
        "tokio" => RGBColor(60, 98, 150),
        _ => RGBColor(140, 150, 162),
    }
}

fn write_at(
    area: &Area<'_>,
    text: &str,
    place: (i32, i32),
    horizontal: HPos,
    vertical: VPos,
) -> Result<(), String> {
    let style = ("sans-serif", 15).into_font().color(&INK).pos(Pos::new(horizontal, vertical));
    area.draw(&Text::new(text.to_owned(), place, style)).map_err(told)
}

fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// A line for the terminal: a name, a value for each place along the axis, last to first.
pub fn text(plot: &Plot) -> String {
    let mut text = format!("{}, {}\n{:12}", plot.title, plot.unit, "");
    let told = "a string takes everything";
    for at in &plot.along {
        write!(text, "{:>12}", grouped(*at)).expect(told);
    }
    writeln!(text, "{:>14}", "last : first").expect(told);
    for line in &plot.lines {
        write!(text, "{:12}", line.name).expect(told);
        for value in &line.values {
            write!(text, "{:>12}", short(*value)).expect(told);
        }
        writeln!(text, "{:>14}", two_digits(line.growth())).expect(told);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Plot {
        Plot {
            title: "yield, of so many tasks".to_owned(),
            along: vec![1_000, 10_000, 1_000_000],
            by_magnitude: true,
            unit: "nanoseconds",
            lines: vec![
                Line { name: "executor", values: vec![16.0, 17.25, 20.0] },
                Line { name: "tokio", values: vec![41.0, 47.0, 90.2] },
            ],
        }
    }

    #[test]
    fn growth_is_the_last_as_a_part_of_the_first() {
        assert_eq!(example().lines[0].growth(), 1.25);
        assert_eq!(numbers(&[example()])[0]["lines"][1]["last_to_first"], 2.2);
        let text = text(&example());
        let line = text.lines().find(|line| line.starts_with("executor")).expect("a line for it");
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(words, ["executor", "16.0", "17.2", "20.0", "1.25"]);
    }

    #[test]
    fn the_page_holds_its_plots_and_asks_for_no_other_file() {
        let page = html("Growth", "<p>About it.</p>", &[example(), example()]);
        assert_eq!((page.matches("<svg").count(), page.matches("<table>").count()), (2, 2));
        for shown in ["<h1>Growth</h1>", "About it", "<td>90.2</td>", "<td>2.20</td>", "dark"] {
            assert!(page.contains(shown), "{shown} is missing");
        }
        for other in ["src=", "href=", "@import", "url("] {
            assert!(!page.contains(other), "the page asks for another file: {other}");
        }
        for blank in ["{title}", "{about}", "{plots}"] {
            assert!(!page.contains(blank), "{blank} was not filled in");
        }
    }

    #[test]
    fn what_could_not_be_told_is_a_dash_and_no_point() {
        let mut plot = example();
        plot.lines[1].values[0] = f64::NAN;
        let page = html("Growth", "", &[plot]);
        let row = "<td>tokio</td><td>–</td><td>47.0</td><td>90.2</td><td>–</td>";
        assert!(page.contains(row), "{page}");
        assert_eq!(page.matches("<circle").count(), 5);
        assert!(page.contains("<th>1,000,000</th>"));
    }

    #[test]
    fn names_of_lines_that_end_together_stand_below_each_other() {
        let ends = vec![(100, "tokio"), (98, "executor"), (20, "ideal")];
        assert_eq!(apart(ends), [(20, "ideal"), (98, "executor"), (118, "tokio")]);
    }

    #[test]
    fn the_grid_has_two_to_six_lines_at_any_height() {
        for most in [0.3, 1.0, 1.9, 2.0, 4.99, 5.0, 9.9, 10.0, 99.0, 123_456.0, 7e6] {
            let lines = (most / step(most)).floor();
            assert!((2.0..=5.0).contains(&lines), "{lines} lines up to {most}");
        }
    }

    #[test]
    fn a_plot_of_one_place_is_drawn_too() {
        let one = Plot {
            along: vec![1],
            by_magnitude: false,
            lines: vec![Line { name: "ideal", values: vec![5e6] }],
            ..example()
        };
        assert!(draw(&one).expect("a drawing").contains("4.00 M"));
    }
}
