//! The web session as a picture: a bar that shows how the account is, and a row for every chat.

use chatapi_types::chat_api::AccountStatus;

use crate::chat_api::Instance;
use crate::world::Scene;

const WIDTH: usize = 480;
const HEIGHT: usize = 320;
const BAR: usize = 40;
const ROW: usize = 28;

type Color = [u8; 3];

const PAPER: Color = [0xf0, 0xf2, 0xf5];
const WHITE: Color = [0xff, 0xff, 0xff];
const INK: Color = [0x8a, 0x96, 0x9c];
const GREEN: Color = [0x25, 0xa1, 0x63];
const AMBER: Color = [0xe0, 0xa0, 0x30];
const GREY: Color = [0x70, 0x78, 0x7c];

/// A PNG picture.
pub(super) fn draw(instance: &Instance, scene: &Scene) -> Option<Vec<u8>> {
    let mut canvas = Canvas { pixels: PAPER.repeat(WIDTH * HEIGHT) };
    let account = instance.account_status(scene);
    let is_open = account == AccountStatus::Authenticated;
    canvas.fill(
        0,
        0,
        WIDTH,
        BAR,
        match account {
            AccountStatus::Authenticated => GREEN,
            AccountStatus::Loading => AMBER,
            _ => GREY,
        },
    );
    let rows = (HEIGHT - BAR) / ROW;
    let chats = instance.chats.iter().filter(|(_, chat)| is_open && !chat.is_archived);
    for (row, (_, chat)) in chats.take(rows).enumerate() {
        let top = BAR + row * ROW;
        canvas.fill(0, top, WIDTH, ROW - 1, WHITE);
        canvas.fill(8, top + 4, 20, ROW - 9, INK);
        canvas.fill(40, top + 8, 160, 4, INK);
        canvas.fill(40, top + 16, 240, 3, PAPER);
        if chat.unread > 0 || chat.is_marked {
            canvas.fill(WIDTH - 28, top + 8, 12, 12, GREEN);
        }
    }
    canvas.encode()
}

struct Canvas {
    pixels: Vec<u8>,
}

impl Canvas {
    fn fill(&mut self, left: usize, top: usize, width: usize, height: usize, color: Color) {
        for line in self.pixels.chunks_exact_mut(WIDTH * 3).skip(top).take(height) {
            for pixel in line.chunks_exact_mut(3).skip(left).take(width) {
                pixel.copy_from_slice(&color);
            }
        }
    }

    fn encode(&self) -> Option<Vec<u8>> {
        let (width, height) = (u32::try_from(WIDTH).ok()?, u32::try_from(HEIGHT).ok()?);
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, width, height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().ok()?;
        writer.write_image_data(&self.pixels).ok()?;
        writer.finish().ok()?;
        Some(file)
    }
}
