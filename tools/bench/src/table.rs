//! Prints figures as tables in Markdown.

use std::iter::once;

pub(crate) struct Table {
    /// The heading of the first column. The other columns are named by their figures.
    pub(crate) columns: Vec<&'static str>,
    pub(crate) rows: Vec<Row>,
}

/// The figures of a program, possibly with a bar.
pub(crate) struct Row {
    cells: Vec<String>,
    bar: String,
    reached: &'static str,
    /// Whether the figure is absurd even for a busy machine and slow binaries.
    is_absurd: bool,
}

impl Row {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self {
            cells: vec![what.into()],
            bar: String::new(),
            reached: "",
            is_absurd: false,
        }
    }

    /// Adds a figure.
    pub(crate) fn with(mut self, measured: impl Into<String>) -> Self {
        self.cells.push(measured.into());
        self
    }

    /// Adds an upper bar for a figure. A thousand times the bar is absurd.
    pub(crate) fn at_most(self, bar: f64, unit: &str, figure: f64) -> Self {
        let bar_text = format!("at most {bar}{unit}");
        self.judged(bar_text, figure <= bar, !(0.0..bar * 1e3).contains(&figure))
    }

    /// Adds a lower bar for a figure. A thousandth of the bar is absurd.
    pub(crate) fn at_least(self, bar: f64, figure: f64) -> Self {
        let bar_text = format!("at least {bar}");
        self.judged(bar_text, figure >= bar, !(bar / 1e3..).contains(&figure))
    }

    fn judged(self, bar: String, reached: bool, is_absurd: bool) -> Self {
        Self {
            bar,
            reached: if reached { "yes" } else { "no" },
            is_absurd,
            ..self
        }
    }
}

impl Table {
    /// The absurd figures in words.
    pub(crate) fn absurdities(&self) -> impl Iterator<Item = String> {
        let absurd = self.rows.iter().filter(|row| row.is_absurd);
        absurd.map(|row| format!("{}, {}", row.cells.join(", "), row.bar))
    }

    /// Prints the table. Each column is as wide as the widest cell. A table without bars has no column for them.
    pub(crate) fn print(&self) {
        let has_bars = self.rows.iter().any(|row| !row.bar.is_empty());
        let ends = |bar, reached| if has_bars { vec![bar, reached] } else { Vec::new() };
        let head = self.columns.iter().copied().chain(ends("bar", "reached")).collect();
        let rows = self.rows.iter().map(|row| {
            let cells = row.cells.iter().map(String::as_str);
            cells.chain(ends(&row.bar, row.reached)).collect()
        });
        let lines: Vec<Vec<&str>> = once(head).chain(rows).collect();
        let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max();
        let widths: Vec<usize> = (0..lines[0].len()).filter_map(width).collect();
        let line = |cells: &[&str]| {
            let cells = cells.iter().zip(&widths);
            let cells: Vec<String> = cells.map(|(cell, width)| format!("{cell:width$}")).collect();
            format!("| {} |", cells.join(" | "))
        };
        let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
        let rules = line(&rules.iter().map(String::as_str).collect::<Vec<_>>());
        let body = lines[1..].iter().map(|cells| line(cells));
        let text: Vec<String> = [line(&lines[0]), rules].into_iter().chain(body).collect();
        anstream::println!("\n{}", text.join("\n"));
    }
}

#[cfg(test)]
mod tests {
    use super::{Row, Table};

    #[test]
    fn what_is_far_from_its_bar_on_the_wrong_side_is_absurd() {
        let row = |name: &str| Row::new(name);
        let rows = vec![
            row("a").at_most(2.0, "", 1999.0),
            row("b").at_most(2.0, "", 2000.0),
            row("c").at_most(2.0, " ms", f64::NAN),
            row("d").at_least(0.5, 0.001),
            row("e").at_least(0.5, 0.0004),
            row("f").at_least(0.5, f64::NAN),
            row("g"),
        ];
        let table = Table {
            columns: vec!["what"],
            rows,
        };
        let absurd: Vec<String> = table.absurdities().collect();
        assert_eq!(
            absurd,
            ["b, at most 2", "c, at most 2 ms", "e, at least 0.5", "f, at least 0.5"]
        );
    }
}
