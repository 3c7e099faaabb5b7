//! A table that is redrawn in place on a terminal and told line by line elsewhere.

use std::io::{IsTerminal, Write};

use comfy_table::{ContentArrangement, Table, presets};

/// A table of rows that change while one looks.
pub struct LiveTable {
    header: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    drawn: usize,
    redraws: bool,
}

impl LiveTable {
    /// An empty table.
    pub fn new(header: &[&'static str]) -> Self {
        let dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
        let redraws = std::io::stdout().is_terminal() && !dumb;
        Self { header: header.to_vec(), rows: Vec::new(), drawn: 0, redraws }
    }

    /// Sets a row, drawing what changed.
    pub fn set(&mut self, at: usize, row: Vec<String>) {
        if self.rows.len() <= at {
            self.rows.resize(at + 1, vec![String::new(); self.header.len()]);
        }
        if self.rows[at] == row {
            return;
        }
        self.rows[at] = row;
        if self.redraws {
            self.draw();
        } else {
            println!("  {}", self.rows[at].join("  "));
        }
    }

    fn draw(&mut self) {
        let mut table = Table::new();
        table.load_preset(presets::UTF8_HORIZONTAL_ONLY);
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
