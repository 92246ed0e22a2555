//! Proofs: what a file is, how large it may be, and that it arrives as it was.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use kyckit::{
    ErrorKind,
    shuftipro::proof::{MediaType, Proof},
};
use proptest::prelude::*;

/// The first bytes of each kind: JFIF, PNG (ISO/IEC 15948), PDF, ISO base media, QuickTime.
const HEADS: [(MediaType, &[u8]); 5] = [
    (MediaType::Jpeg, b"\xFF\xD8\xFF\xE0\x00\x10JFIF"),
    (MediaType::Png, b"\x89PNG\r\n\x1A\n"),
    (MediaType::Pdf, b"%PDF-1.7\n"),
    (MediaType::Mp4, b"\x00\x00\x00\x20ftypisom"),
    (MediaType::Mov, b"\x00\x00\x00\x14ftypqt  "),
];

type Make = fn(Bytes) -> Result<Proof, kyckit::Error>;

const MAKERS: [(MediaType, Make); 5] = [
    (MediaType::Jpeg, Proof::jpeg),
    (MediaType::Png, Proof::png),
    (MediaType::Pdf, Proof::pdf),
    (MediaType::Mp4, Proof::mp4),
    (MediaType::Mov, Proof::mov),
];

fn file(media_type: MediaType, len: usize) -> Bytes {
    let (_, head) = HEADS.iter().find(|(kind, _)| *kind == media_type).expect("a head");
    let mut bytes = head.to_vec();
    bytes.resize(len.max(head.len()), 0x5A);
    bytes.into()
}

#[test]
fn a_file_is_what_its_first_bytes_say() {
    for (claimed, make) in MAKERS {
        for (real, head) in HEADS {
            let result = make(Bytes::from_static(head));
            if claimed == real {
                assert_eq!(result.expect("its kind").media_type(), real);
            } else {
                let error = result.expect_err("another kind");
                assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{claimed} {real}");
                assert_eq!(error.fields()[0].field, "proof");
            }
        }
    }
    for (real, head) in HEADS {
        assert_eq!(Proof::detect(head).expect("a kind").media_type(), real);
    }
    // QuickTime from before the brand, and a PDF with something before its header.
    assert_eq!(
        Proof::detect(&b"\x00\x00\x00\x08wide\x00\x00"[..]).expect("mov").media_type(),
        MediaType::Mov
    );
    assert_eq!(Proof::detect(&b"\n\n%PDF-1.4"[..]).expect("pdf").media_type(), MediaType::Pdf);
    for other in [&b""[..], b"GIF89a", b"<html>", b"PK\x03\x04", b"\xFF\xD8", b"RIFF\x00\x00\x00\x00WEBP"] {
        assert_eq!(Proof::detect(other).expect_err("no kind").kind(), ErrorKind::InvalidRequest);
    }
}

#[test]
fn images_have_16_mb_and_videos_20() {
    const MB: usize = 1024 * 1024;
    for (media_type, make) in MAKERS {
        let max = if matches!(media_type, MediaType::Mp4 | MediaType::Mov) { 20 * MB } else { 16 * MB };
        assert_eq!(media_type.max_len(), max);
        assert_eq!(make(file(media_type, max)).expect("the largest").len(), max);
        let error = make(file(media_type, max + 1)).expect_err("too large");
        assert_eq!(error.kind(), ErrorKind::TooLarge);
        assert_eq!(error.fields()[0].field, "proof");
    }
    // Base64 is refused by its length, before it is decoded: this is no base64 at all.
    let long = "!".repeat(28 * MB);
    assert_eq!(Proof::from_base64(&long).expect_err("too large").kind(), ErrorKind::TooLarge);
    let url = format!("data:image/png;base64,{}", &long[..23 * MB]);
    assert_eq!(Proof::from_data_url(&url).expect_err("too large").kind(), ErrorKind::TooLarge);
}

#[test]
fn data_urls_are_read_in_their_forms_and_refused_in_others() {
    let data = STANDARD.encode(HEADS[1].1);
    let read = |text: &str| Proof::from_data_url(text);
    for good in [
        format!("data:image/png;base64,{data}"),
        format!("DATA:image/PNG;BASE64,{data}"),
        format!("data:image/png;name=x.png;base64,{data}"),
    ] {
        assert_eq!(read(&good).expect("a proof").bytes(), HEADS[1].1);
    }
    let jpg = format!("data:image/jpg;base64,{}", STANDARD.encode(HEADS[0].1));
    assert_eq!(read(&jpg).expect("a proof").media_type(), MediaType::Jpeg);
    for bad in [
        String::new(),
        data.clone(),
        format!("image/png;base64,{data}"),
        format!("data:image/png,{data}"),
        format!("data:;base64,{data}"),
        format!("data:image/png;base32,{data}"),
        format!("data:image/gif;base64,{data}"),
        format!("data:image/jpeg;base64,{data}"),
        format!("data:image/png;base64,{}", &data[..data.len() - 1]),
        format!("data:image/png;base64,{}\n{}", &data[..4], &data[4..]),
        "data:image/png;base64,iVBORw0KGgo_".to_owned(),
        "dåta:image/png;base64,AAAA".to_owned(),
    ] {
        assert_eq!(read(&bad).expect_err(&bad).kind(), ErrorKind::InvalidRequest, "{bad}");
    }
    assert_eq!(Proof::from_base64(&data).expect("a proof").media_type(), MediaType::Png);
}

#[test]
fn debug_prints_kind_and_size_alone() {
    let proof = Proof::png(&b"\x89PNG\r\n\x1A\nJane Roe"[..]).expect("a proof");
    assert_eq!(format!("{proof:?}"), "Proof { media_type: Png, len: 16 }");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_file_survives_its_data_url(kind in 0..HEADS.len(), tail in prop::collection::vec(any::<u8>(), 0..300)) {
        let (media_type, head) = HEADS[kind];
        let file = [head, &tail].concat();
        let proof = Proof::detect(file.clone()).expect("a kind");
        let url = proof.to_data_url();
        prop_assert_eq!(&url, &format!("data:{};base64,{}", media_type.as_str(), STANDARD.encode(&file)));
        let again = Proof::from_data_url(&url).expect("a proof");
        prop_assert_eq!(again.bytes(), &file);
        prop_assert_eq!(again.media_type(), media_type);
        prop_assert_eq!(&Proof::from_base64(&STANDARD.encode(&file)).expect("a proof"), &again);
    }

    #[test]
    fn no_text_makes_it_panic(text in ".{0,64}", head in prop::sample::select(vec!["", "data:", "data:image/png;base64,"])) {
        let text = format!("{head}{text}");
        let _ = (Proof::from_data_url(&text), Proof::from_base64(&text), Proof::detect(text.into_bytes()));
    }
}
