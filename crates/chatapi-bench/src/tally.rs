//! Figures of several rounds, told as medians with the spread of their middle half.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Reads lines `figure <contestant> <measure> <value>`, parted by tabs, and makes a table of them for
/// each run, which is the contestant's first word up to a colon: `T1, 20 lanes: apalis-sqlite`. Other
/// lines are left out. Contestants and measures stand in the order in which they came.
#[must_use]
pub fn tables(lines: &str) -> String {
    let mut order: Vec<&str> = Vec::new();
    let mut runs: BTreeMap<usize, Run<'_>> = BTreeMap::new();
    for line in lines.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        let ["figure", contestant, measure, value] = *cells else { continue };
        let (Some((title, name)), Ok(value)) = (contestant.split_once(": "), value.parse()) else {
            continue;
        };
        let place = order.iter().position(|known| *known == title).unwrap_or_else(|| {
            order.push(title);
            order.len() - 1
        });
        runs.entry(place).or_default().add(name, measure, value);
    }
    let mut told = String::new();
    for (place, run) in runs {
        // Writing into a string does not fail.
        let _written = writeln!(told, "{}\n\n{}", order[place], run.table());
    }
    told
}

#[derive(Default)]
struct Run<'a> {
    names: Vec<&'a str>,
    measures: Vec<&'a str>,
    values: BTreeMap<(usize, usize), Vec<f64>>,
}

impl<'a> Run<'a> {
    fn add(&mut self, name: &'a str, measure: &'a str, value: f64) {
        let name = place(&mut self.names, name);
        let measure = place(&mut self.measures, measure);
        self.values.entry((name, measure)).or_default().push(value);
    }

    fn table(&self) -> String {
        let mut table = format!("| | {} |\n|---|", self.measures.join(" | "));
        table.push_str(&"---:|".repeat(self.measures.len()));
        for (row, name) in self.names.iter().enumerate() {
            let cells = (0..self.measures.len()).map(|column| {
                let values = self.values.get(&(row, column));
                values.map_or_else(|| "not measured".to_owned(), |values| told(values))
            });
            let cells: Vec<String> = cells.collect();
            let _written = write!(table, "\n| {name} | {} |", cells.join(" | "));
        }
        table.push('\n');
        table
    }
}

fn place<'a>(known: &mut Vec<&'a str>, one: &'a str) -> usize {
    known.iter().position(|other| *other == one).unwrap_or_else(|| {
        known.push(one);
        known.len() - 1
    })
}

/// Median, and first and third quartile.
fn told(values: &[f64]) -> String {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let at = |part: f64| {
        let place = part * (values.len().saturating_sub(1)) as f64;
        let (low, high) = (place.floor() as usize, place.ceil() as usize);
        let weight = place - place.floor();
        values[low] * (1.0 - weight) + values[high] * weight
    };
    format!("{} ({} to {})", short(at(0.5)), short(at(0.25)), short(at(0.75)))
}

/// Whole numbers with commas from 100 on, one decimal below.
fn short(value: f64) -> String {
    if value < 100.0 {
        return format!("{value:.1}");
    }
    let digits = format!("{value:.0}");
    let mut told = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            told.push(',');
        }
        told.push(digit);
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_run_has_its_table_of_medians() {
        let lines = "figure\tT1: ours\tcycles\t30\nsetting\tT1: ours\tfsync\ton\n\
                     figure\tT1: ours\tcycles\t10000\nfigure\tT1: ours\tcycles\t1234567\n\
                     figure\tT1: theirs\tp99\t5\nfigure\tT2: ours\tcycles\t2\n";
        assert_eq!(
            tables(lines),
            "T1\n\n| | cycles | p99 |\n|---|---:|---:|\n\
             | ours | 10,000 (5,015 to 622,284) | not measured |\n\
             | theirs | not measured | 5.0 (5.0 to 5.0) |\n\n\
             T2\n\n| | cycles |\n|---|---:|\n| ours | 2.0 (2.0 to 2.0) |\n\n"
        );
    }
}
