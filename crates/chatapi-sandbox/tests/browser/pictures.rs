//! Pictures of pages.

use std::collections::HashSet;
use std::io::Cursor;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

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
        let file = capture(browser, &json!({ "format": "png" }));
        let name = name.to_lowercase().replace(' ', "-");
        std::fs::write(self.0.join(format!("{name}.png")), &file).unwrap();
        let whole = png::Decoder::new(Cursor::new(file)).read_info().unwrap();
        let (width, height) = (whole.info().width, whole.info().height);
        // A small one tells as much, and is looked through much faster.
        let clip = json!({ "x": 0, "y": 0, "width": width, "height": height, "scale": 0.25 });
        let small = capture(browser, &json!({ "format": "png", "clip": clip }));
        let mut reader = png::Decoder::new(Cursor::new(small)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let depth = reader.next_frame(&mut pixels).unwrap().color_type.samples();
        let colors: HashSet<&[u8]> = pixels.chunks_exact(depth).map(|pixel| &pixel[..3]).collect();
        let mut greens: Vec<u8> = pixels.chunks_exact(depth).map(|pixel| pixel[1]).collect();
        let middle = greens.len() / 2;
        let brightness = *greens.select_nth_unstable(middle).1;
        Look { width, height, colors: colors.len(), brightness }
    }
}

/// What is in the window, as PNG.
fn capture(browser: &Browser, how: &Value) -> Vec<u8> {
    let taken = browser.devtools("Page.captureScreenshot", how);
    STANDARD.decode(taken["data"].as_str().unwrap()).unwrap()
}
