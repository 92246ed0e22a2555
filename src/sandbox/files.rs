//! Files that a fake provider makes up: small, valid, empty.

use bytes::Bytes;

/// A PNG (ISO/IEC 15948) of one grey pixel, with a comment that tells it from others.
pub(crate) fn png(comment: &str) -> Bytes {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut chunk = |kind: &[u8; 4], data: &[u8]| {
        // All chunks are far shorter than 4 GiB.
        file.extend_from_slice(&(data.len() as u32).to_be_bytes());
        file.extend_from_slice(kind);
        file.extend_from_slice(data);
        let mut sum = flate2::Crc::new();
        sum.update(kind);
        sum.update(data);
        file.extend_from_slice(&sum.sum().to_be_bytes());
    };
    // 1 × 1, 8 bits of grey, then the filter byte and the pixel in a stored zlib block.
    chunk(b"IHDR", &[0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
    chunk(b"tEXt", &[b"Comment\0", comment.as_bytes()].concat());
    chunk(b"IDAT", &[0x78, 0x01, 0x01, 2, 0, 0xfd, 0xff, 0, 0x80, 0x00, 0x82, 0x00, 0x81]);
    chunk(b"IEND", &[]);
    Bytes::from(file)
}

/// A PDF of one empty page.
pub(crate) fn pdf() -> Bytes {
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
    ];
    let mut file = String::from("%PDF-1.4\n");
    let mut table = String::from("0000000000 65535 f \n");
    for (index, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.push_str(&format!("{} 0 obj{object}endobj\n", index + 1));
    }
    let start = file.len();
    file.push_str(&format!("xref\n0 4\n{table}trailer<</Size 4/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n"));
    Bytes::from(file)
}

/// An MP4 (ISO/IEC 14496-12) with a file type box and no film.
pub(crate) fn mp4() -> Bytes {
    Bytes::from_static(b"\0\0\0\x18ftypisom\0\0\x02\0isommp42\0\0\0\x08mdat")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_png_has_the_sums_that_decoders_check() {
        let file = png("document proof");
        // The pixel data inflates under zlib, which checks its Adler-32.
        let at = file.windows(4).position(|window| window == b"IDAT").expect("there") + 4;
        let mut pixels = Vec::new();
        std::io::Read::read_to_end(&mut flate2::read::ZlibDecoder::new(&file[at..at + 13]), &mut pixels)
            .expect("zlib");
        assert_eq!(pixels, [0, 0x80]);
        // The end chunk is the same in every PNG.
        assert!(file.ends_with(b"\0\0\0\0IEND\xae\x42\x60\x82"));
    }
}
