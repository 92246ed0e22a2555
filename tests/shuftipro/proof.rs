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

/// A file of the ISO base media format with this brand, and with those that it says it is compatible with.
fn branded(major: &[u8; 4], compatible: &[u8]) -> Vec<u8> {
    let length = u32::try_from(16 + compatible.len()).expect("short").to_be_bytes();
    [&length, b"ftyp".as_slice(), major, &[0, 0, 2, 0], compatible, b"\0\0\0\x08mdat"].concat()
}

#[test]
fn a_container_is_not_its_content() {
    for (major, compatible) in [
        (b"heic", b"mif1heic".as_slice()),
        (b"heix", b"mif1heix"),
        (b"mif1", b"mif1heicmp42"),
        (b"msf1", b"isom"),
        (b"avif", b"avifmif1miaf"),
        (b"avis", b"iso8msf1"),
        (b"M4A ", b"M4A mp42isom"),
        (b"M4B ", b"isom"),
        (b"F4A ", b"isom"),
        (b"crx ", b"isom"),
        (b"3gp4", b"isom3gp4"),
        (b"jp2 ", b"jp2 "),
        (b"zzzz", b"mp42"),
    ] {
        let file = branded(major, compatible);
        for error in [
            Proof::detect(file.clone()).expect_err("no kind"),
            Proof::mp4(file.clone()).expect_err("no film"),
            Proof::mov(file.clone()).expect_err("no film"),
            Proof::from_base64(&STANDARD.encode(&file)).expect_err("no kind"),
        ] {
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
            assert_eq!(error.fields()[0].field, "proof");
            assert!(error.to_string().contains("in the container of MP4"), "{error}");
        }
    }
    for (major, compatible) in [
        (b"isom", b"isomiso2avc1mp41".as_slice()),
        (b"mp42", b"isommp42"),
        (b"mp41", b""),
        (b"M4V ", b"M4V M4A mp42isom"),
        (b"iso5", b"iso6mp41"),
        (b"avc1", b"avc1isom"),
        (b"dash", b"iso6"),
    ] {
        let proof = Proof::detect(branded(major, compatible)).expect("a film");
        assert_eq!(proof.media_type(), MediaType::Mp4);
    }
    assert_eq!(Proof::detect(branded(b"qt  ", b"qt  ")).expect("a film").media_type(), MediaType::Mov);
}

#[test]
fn text_that_has_the_words_of_a_format_is_none_of_it() {
    for text in [
        "A file begins with %PDF-1.7\nand ends with %%EOF",
        "\n%PDF-1.7 is the header of a file",
        "%PDF- is the header",
        "%PDF-x.y\n",
        "%PDF-1\n",
        "x%PDF-1.7\n",
        "<html>\n%PDF-1.7\n</html>",
        "the free lunch that there is not",
        "The moov atom, explained",
        "abcdftypmp42 is what an MP4 begins with",
        "abcdftypqt  is what a film of QuickTime begins with",
        "\0\0\0\u{8}free and more text behind it",
        "\0\0\0\u{0}free and more text behind it",
    ] {
        let error = Proof::detect(text.as_bytes().to_vec()).expect_err(text);
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{text}");
    }
    for header in
        ["%PDF-1.4", "%PDF-2.0\r\n", "%PDF-1.5 \n", "%PDF-1.3%\u{e2}", "\u{feff}%PDF-1.7\n", "\0\n%PDF-1.7\r"]
    {
        assert_eq!(Proof::detect(header.as_bytes().to_vec()).expect("a PDF").media_type(), MediaType::Pdf);
    }
    for film in [
        b"\0\0\0\x08wide\0\0\0\x08mdat".as_slice(),
        b"\0\0\0\0mdat and whatever comes",
        b"\0\0\0\x01mdat\0\0\0\0\0\0\0\x10\0\0\0\x08moov",
        b"\0\0\0\x0cmoov....\0\0\0\x08mdat",
    ] {
        assert_eq!(Proof::detect(film.to_vec()).expect("a film").media_type(), MediaType::Mov);
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
