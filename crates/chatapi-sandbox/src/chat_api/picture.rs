//! The QR code as a picture.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chatapi_types::InstanceId;
use qrcode::{Color, EcLevel, QrCode};
use serde::{Deserialize, Serialize};

use crate::world::Random;

/// How many pixels wide one module is.
const MODULE: usize = 4;

/// The white frame that readers need, in modules.
const QUIET: usize = 4;

/// A QR code, drawn once and shown until it is replaced.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct QrPicture {
    #[serde(with = "crate::world::saved::bytes")]
    png: Arc<[u8]>,
}

impl QrPicture {
    /// Draws a new code. It holds the instance and a random part, and nothing that opens anything.
    pub(super) fn new(instance: &InstanceId, random: &mut Random) -> Self {
        let content = format!("chatapi-sandbox:{instance}:{}", random.hex(32));
        Self {
            // A code of this length always has a version, and memory does not fail to be written:
            // should either ever happen, there is simply no picture.
            png: draw(content.as_bytes()).unwrap_or_default().into(),
        }
    }

    /// The bytes of the PNG file.
    pub(super) fn png(&self) -> &[u8] {
        &self.png
    }

    /// As it stands in `status`.
    pub(super) fn data_uri(&self) -> String {
        format!("data:image/png;base64,{}", STANDARD.encode(&self.png))
    }
}

/// One bit per pixel, black on white.
fn draw(content: &[u8]) -> Option<Vec<u8>> {
    let code = QrCode::with_error_correction_level(content, EcLevel::M).ok()?;
    let modules = code.width();
    let width = (modules + 2 * QUIET) * MODULE;
    let is_dark = |pixel_x: usize, pixel_y: usize| {
        let inside = |pixel: usize| {
            let module = (pixel / MODULE).checked_sub(QUIET)?;
            (module < modules).then_some(module)
        };
        match (inside(pixel_x), inside(pixel_y)) {
            (Some(x), Some(y)) => code[(x, y)] == Color::Dark,
            _ => false,
        }
    };
    let mut pixels = Vec::with_capacity(width * width.div_ceil(8));
    for y in 0..width {
        for first in (0..width).step_by(8) {
            let bits = (first..first + 8).map(|x| u8::from(x < width && !is_dark(x, y)));
            pixels.push(bits.fold(0, |byte, bit| byte << 1 | bit));
        }
    }
    let mut file = Vec::new();
    let side = u32::try_from(width).ok()?;
    let mut encoder = png::Encoder::new(&mut file, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&pixels).ok()?;
    writer.finish().ok()?;
    Some(file)
}
