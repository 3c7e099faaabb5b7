//! A table that is redrawn in place on a terminal and told line by line elsewhere.

use std::io::{IsTerminal, Write};

use comfy_table::{ContentArrangement, Table, presets};

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
    pub(crate) fn set(&mut self, at: usize, row: Vec<String>) {
        if self.rows.len() <= at {
            self.rows.resize(at + 1, vec![String::new(); self.header.len()]);
        }
        if self.rows[at] == row {
            return;
        }
        self.rows[at] = row;
        if self.redraws {
            self.draw();
        } else if let Some((state, rest)) = self.rows[at].split_last() {
            let rest: String = rest.iter().map(|cell| format!("{cell:<27}")).collect();
            println!("  {rest}{state}");
        }
    }

    fn draw(&mut self) {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(&self.header);
        table.add_rows(&self.rows);
        let text = table.to_string();
        let mut out = std::io::stdout().lock();
        if self.drawn > 0 {
            let _ = write!(out, "\x1b[{}A\x1b[J", self.drawn);
        }
        let _ = writeln!(out, "{text}");
        let _ = out.flush();
        self.drawn = text.lines().count();
    }
}
