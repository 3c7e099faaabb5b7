//! A table that is redrawn in place on a terminal and told line by line elsewhere.

use std::io::IsTerminal;

use comfy_table::{ContentArrangement, Table, presets};

use crate::exit::Failure;
use crate::out;

/// A table of rows that change while one looks.
pub(crate) struct LiveTable {
    header: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    drawn: usize,
    redraws: bool,
}

impl LiveTable {
    /// An empty table.
    pub(crate) fn new(header: &[&'static str]) -> Self {
        let dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
        let redraws = std::io::stdout().is_terminal() && !dumb;
        Self { header: header.to_vec(), rows: Vec::new(), drawn: 0, redraws }
    }

    /// Sets a row, drawing what changed.
    ///
    /// # Errors
    ///
    /// Those of [`out::print`].
    pub(crate) fn set(&mut self, at: usize, row: Vec<String>) -> Result<(), Failure> {
        if self.rows.len() <= at {
            self.rows.resize(at + 1, vec![String::new(); self.header.len()]);
        }
        if self.rows[at] == row {
            return Ok(());
        }
        self.rows[at] = row;
        if self.redraws {
            return self.draw();
        }
        if let Some((state, rest)) = self.rows[at].split_last() {
            let rest: String = rest.iter().map(|cell| format!("{cell:<27}")).collect();
            out::line(format_args!("  {rest}{state}"))?;
        }
        Ok(())
    }

    fn draw(&mut self) -> Result<(), Failure> {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(&self.header);
        table.add_rows(&self.rows);
        let text = table.to_string();
        let back = match self.drawn {
            0 => String::new(),
            lines => format!("\x1b[{lines}A\x1b[J"),
        };
        self.drawn = text.lines().count();
        out::print(format_args!("{back}{text}\n"))
    }
}
