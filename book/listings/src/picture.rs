//! Pictures of a run, made by the run.
//!
//! A listing says what it does, step by step: who, and what. Threads and tasks have names here, and no
//! step has a time, so that two runs in the same order give the same bytes.
//! A step may also say what its lane does until its next one, running or waiting: then there is a bar.
//!
//! ```text
//!   Picture ──► svg    for the page
//!           ──► text   for the terminal
//!           ──► list   for the page as well: the steps in words, through which `stepper.js` leads
//! ```

use std::fmt::Write;

/// Where the first step stands, and how far apart steps stand; `stepper.js` knows both.
const TOP: usize = 64;
const ROW: usize = 40;

/// How far apart the lanes stand.
const LANE: usize = 280;

/// What a lane does from one of its steps to its next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bar {
    Runs,
    Waits,
}

/// One thing that somebody did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    lane: usize,
    text: String,
    to: Option<usize>,
    loud: bool,
    state: Option<String>,
    bar: Option<Bar>,
}

impl Step {
    /// Something that happens in a lane.
    pub fn at(lane: usize, text: &str) -> Step {
        Step { lane, text: text.to_owned(), to: None, loud: false, state: None, bar: None }
    }

    /// It reaches another lane.
    #[must_use]
    pub fn to(mut self, lane: usize) -> Step {
        self.to = Some(lane);
        self
    }

    /// It is what the picture is about.
    #[must_use]
    pub fn loudly(mut self) -> Step {
        self.loud = true;
        self
    }

    /// From here to the lane's next step, it is on a processor.
    #[must_use]
    pub fn running(mut self) -> Step {
        self.bar = Some(Bar::Runs);
        self
    }

    /// From here to the lane's next step, it waits.
    #[must_use]
    pub fn waiting(mut self) -> Step {
        self.bar = Some(Bar::Waits);
        self
    }

    /// The state that somebody is in after it.
    #[must_use]
    pub fn then(mut self, state: &str) -> Step {
        self.state = Some(state.to_owned());
        self
    }
}

/// Who takes part in a run, and what they did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    name: &'static str,
    lanes: Vec<&'static str>,
    /// What stands above the states.
    heading: &'static str,
    steps: Vec<Step>,
}

impl Picture {
    /// A run of which nothing is known yet; `name` is its file's.
    pub fn new(name: &'static str, lanes: &[&'static str]) -> Picture {
        Picture { name, lanes: lanes.to_vec(), heading: "then it is in", steps: Vec::new() }
    }

    /// What the states are states of.
    #[must_use]
    pub fn headed(mut self, heading: &'static str) -> Picture {
        self.heading = heading;
        self
    }

    /// The name of its file.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Adds what happened next.
    pub fn push(&mut self, step: Step) {
        self.steps.push(step);
    }

    /// The steps as an ordered list in Markdown.
    pub fn list(&self) -> String {
        let mut list = String::new();
        for (number, step) in self.steps.iter().enumerate() {
            let who = self.lanes[step.lane];
            let state = step.state.as_ref().map(|state| format!(" → *{state}*"));
            let state = state.unwrap_or_default();
            writeln!(list, "{}. **{who}**: {}{state}", number + 1, step.text)
                .expect("a string grows");
        }
        list
    }

    /// The steps as a picture in text: a line a step, indented by its lane.
    pub fn text(&self) -> String {
        let mut text = String::from("    ");
        for lane in &self.lanes {
            write!(text, "{lane:<20}").expect("a string grows");
        }
        text = text.trim_end().to_owned() + "\n";
        for (number, step) in self.steps.iter().enumerate() {
            let before = "│                   ".repeat(step.lane);
            let line = format!("{:>2}  {before}● {}", number + 1, step.text);
            let state = step.state.as_ref().map(|state| format!("→ {state}")).unwrap_or_default();
            let line = if state.is_empty() { line } else { format!("{line:<71} {state}") };
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }

    /// The steps as an SVG picture.
    pub fn svg(&self) -> String {
        let states = self.steps.iter().any(|step| step.state.is_some());
        let width = 40 + LANE * (self.lanes.len() + usize::from(states)) + 20;
        let bottom = TOP + ROW * self.steps.len();
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {}\" \
             font-family=\"ui-monospace, Menlo, Consolas, monospace\" font-size=\"13\" role=\"img\">\n\
             <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#fbfaf6\" stroke=\"#d8d4c8\"/>\n",
            bottom + 16
        );
        let mut heads = self.lanes.clone();
        if states {
            heads.push(self.heading);
        }
        for (lane, name) in heads.iter().enumerate() {
            let x = center(lane);
            line(&mut svg, &text(x, 28, "#222", "bold", name));
            if lane < self.lanes.len() {
                let path = format!("M{x} {}V{bottom}", TOP - 24);
                line(
                    &mut svg,
                    &format!("<path d=\"{path}\" stroke=\"#c9c4b6\" stroke-width=\"2\"/>"),
                );
            }
        }
        for (number, step) in self.steps.iter().enumerate() {
            self.draw_bar(&mut svg, number, step);
        }
        for (number, step) in self.steps.iter().enumerate() {
            self.draw(&mut svg, number, step);
        }
        svg.push_str("</svg>\n");
        svg
    }

    /// Filled where the lane is on a processor, an outline where it waits.
    fn draw_bar(&self, svg: &mut String, number: usize, step: &Step) {
        let Some(bar) = step.bar else { return };
        let later = self.steps[number + 1..].iter().position(|next| next.lane == step.lane);
        let end = later.map_or(self.steps.len(), |later| number + 1 + later);
        let (x, y) = (center(step.lane) - 6, TOP + ROW * number + ROW / 2);
        let height =
            (ROW * (end - number)).saturating_sub(if later.is_none() { ROW / 2 } else { 0 });
        let look = match bar {
            Bar::Runs => "fill=\"#9dbbd6\" stroke=\"#35618e\"",
            Bar::Waits => "fill=\"#fbfaf6\" stroke=\"#a39d8c\" stroke-dasharray=\"3 3\"",
        };
        line(svg, &format!("<rect x=\"{x}\" y=\"{y}\" width=\"12\" height=\"{height}\" {look}/>"));
    }

    fn draw(&self, svg: &mut String, number: usize, step: &Step) {
        let y = TOP + ROW * number + ROW / 2;
        let x = center(step.lane);
        let color = if step.loud { "#b3541e" } else { "#35618e" };
        line(svg, &text(14, y + 4, "#8a8577", "normal", &(number + 1).to_string()));
        if let Some(to) = step.to {
            let end = center(to);
            let tip = if end > x { end - 8 } else { end + 8 };
            let back = if end > x { tip - 8 } else { tip + 8 };
            let (above, below) = (y - 4, y + 4);
            let path = format!("M{x} {y}H{tip}M{back} {above}L{tip} {y}L{back} {below}");
            line(
                svg,
                &format!(
                    "<path d=\"{path}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"1.5\"/>"
                ),
            );
        }
        line(svg, &format!("<circle cx=\"{x}\" cy=\"{y}\" r=\"5\" fill=\"{color}\"/>"));
        // Above its arrow, on the side to which the arrow points.
        let left = step.to.is_some_and(|to| to < step.lane);
        let at = if left { x - LANE + 12 } else { x + 10 };
        let up = if step.to.is_some() { y - 6 } else { y + 4 };
        line(svg, &text(at, up, if step.loud { color } else { "#222" }, "normal", &step.text));
        if let Some(state) = &step.state {
            line(svg, &text(center(self.lanes.len()), y + 4, "#35618e", "normal", state));
        }
    }
}

fn center(lane: usize) -> usize {
    60 + LANE * lane
}

fn text(x: usize, y: usize, color: &str, weight: &str, words: &str) -> String {
    let words = words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!("<text x=\"{x}\" y=\"{y}\" fill=\"{color}\" font-weight=\"{weight}\">{words}</text>")
}

fn line(svg: &mut String, element: &str) {
    svg.push_str(element);
    svg.push('\n');
}
