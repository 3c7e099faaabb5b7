//! Pictures of pages.

use std::collections::HashSet;
use std::io::Cursor;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::driver::Browser;

/// Where pictures of the pages go: `SANDBOX_PICTURES`, or a folder in the target directory.
pub(crate) struct Pictures(PathBuf);

/// What a picture looks like.
pub(crate) struct Look {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// How many colours it has.
    pub(crate) colors: usize,
    /// Of its middle colour, 0 to 255.
    pub(crate) brightness: u8,
}

impl Pictures {
    pub(crate) fn folder() -> Self {
        let usual = || PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pages");
        let folder = std::env::var_os("SANDBOX_PICTURES").map_or_else(usual, PathBuf::from);
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    /// Takes a picture of what is in the window, as `name.png`.
    pub(crate) fn take(&self, browser: &Browser, name: &str) -> Look {
        let taken = browser.devtools("Page.captureScreenshot", &json!({ "format": "png" }));
        let file = STANDARD.decode(taken["data"].as_str().unwrap()).unwrap();
        let name = name.to_lowercase().replace(' ', "-");
        std::fs::write(self.0.join(format!("{name}.png")), &file).unwrap();
        let mut reader = png::Decoder::new(Cursor::new(file)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        let depth = info.color_type.samples();
        // A sample does: a prime step meets every column.
        let sample = || pixels.chunks_exact(depth).step_by(13);
        let colors: HashSet<&[u8]> = sample().map(|pixel| &pixel[..3]).collect();
        let mut greens: Vec<u8> = sample().map(|pixel| pixel[1]).collect();
        let middle = greens.len() / 2;
        let brightness = *greens.select_nth_unstable(middle).1;
        Look { width: info.width, height: info.height, colors: colors.len(), brightness }
    }
}
