//! The size of each uploaded executable, unpacked and zipped.

use std::fs;
use std::io::{self, Write};

use flate2::Compression;
use flate2::write::DeflateEncoder;

use crate::programs::{BARE_WEBHOOK, FUNCTIONS, HELLO};
use crate::stage::Stage;
use crate::table::{Row, Table};

/// The limit of the zipped size in megabytes.
const BAR: f64 = 3.2;

pub(crate) fn measure(stage: &Stage) -> io::Result<Vec<Table>> {
    let mut rows = Vec::new();
    for program in [HELLO, BARE_WEBHOOK].into_iter().chain(FUNCTIONS) {
        let bytes = fs::read(stage.programs.path(program))?;
        // A zip file uses this method and level. The file's own fields add a hundred bytes.
        let mut zip = DeflateEncoder::new(Vec::new(), Compression::default());
        zip.write_all(&bytes)?;
        let [unpacked, zipped] = [bytes.len(), zip.finish()?.len()].map(megabytes);
        let row = Row::new(program)
            .with(format!("{unpacked:.2}"))
            .with(format!("{zipped:.2}"));
        rows.push(match program {
            HELLO | BARE_WEBHOOK => row,
            _ => row.at_most(BAR, " MB zipped", zipped),
        });
    }
    let columns = vec!["size", "unpacked, MB", "zipped, MB"];
    Ok(vec![Table { columns, rows }])
}

fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}
