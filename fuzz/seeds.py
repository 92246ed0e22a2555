#!/usr/bin/env python3
"""Writes the seeds of every target into fuzz/corpus, from tests/vectors and by hand. What is there already stays."""

import base64
import gzip
import hashlib
import json
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
VECTORS = ROOT / "tests" / "vectors"
CORPUS = ROOT / "fuzz" / "corpus"
MAX_BYTES = 6 * 1024
MAX_FILES = 40

written = {}


def seed(target, data, limit=MAX_FILES):
    """One file, named by what is in it."""
    if isinstance(data, (dict, list)):
        data = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    if isinstance(data, str):
        # A vector may hold half of a surrogate pair, which JSON can only spell.
        try:
            data = data.encode()
        except UnicodeEncodeError:
            return
    name = hashlib.sha256(data).hexdigest()[:16]
    names = written.setdefault(target, set())
    if len(data) > MAX_BYTES or name in names or len(names) >= limit:
        return
    names.add(name)
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


def load(name):
    return json.loads((VECTORS / name).read_text())


def vectors(name):
    return [case["input"] for case in load(name)["vectors"]]


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def der(pem):
    return base64.b64decode("".join(line for line in pem.splitlines() if "-----" not in line))


PRIVATE = "$serde_json::private::"
HOSTILE = [
    '{"%sRawValue":"[[[1]]]"}' % PRIVATE,
    '{"a":1,"\\u0024serde_json::private::RawValue":"{}"}',
    '{"%sNumber":"1e400"}' % PRIVATE,
    '{"data":{"$serde_json\\u003a:private::\\u0052awValue":"{}"},"success":true}',
    "[" * 64 + "]" * 64,
    "[" * 65 + "]" * 65,
    '{"a":' * 63 + "1" + "}" * 63,
    '{"a":1,"a":2,"id":"x","id":"y"}',
    '{"id":"\\ud800","name":"\\udfff\\ud83d\\ude00","n":[1e400,-0,1e-400,0.1,123456789012345678901234567890]}',
    "\ufeff{}",
    '{"data":null,"items":[null],"id":{},"list":{"0":1}}',
    "[]",
    "null",
    '""',
    "{}",
    '"text"',
]
JSON_TARGETS = """claim_set credify_disbursement credify_failure credify_introspection credify_offers credify_orders
credify_user_token credify_userinfo credify_webhook credo360_challenge credo360_failure credo360_user identity_json json
json_canonical jwk kyc_chain_answers kyc_chain_webhook maya_failure maya_profile maya_session maya_tokens offer_conditions
selfkey_application selfkey_config selfkey_did_document selfkey_template shuftipro_account shuftipro_answer
shuftipro_callback shuftipro_failure""".split()


def shufti():
    for file in sorted((VECTORS / "shuftipro").glob("*.json")):
        body = file.read_bytes()
        for target in ["shuftipro_answer", "shuftipro_failure", "shuftipro_account"]:
            if target != "shuftipro_account" or file.name.startswith(("account", "access", "decline_r")):
                seed(target, body)
        if "reasons" in file.name:
            seed("shuftipro_account", json.dumps(json.loads(body), ensure_ascii=False)[:MAX_BYTES])
    for file in sorted((VECTORS / "callbacks" / "shuftipro").glob("*.json")):
        seed("shuftipro_callback", file.read_bytes())
        seed("shuftipro_answer", file.read_bytes())
    for body in [
        {"reference": "r", "event": "request.invalid", "error": {"service": "document", "key": "proof", "message": "x"}},
        {"reference": "r", "event": "request.unauthorized", "error": ""},
        {"access_token": "abcdef"},
        {"account": {"name": "Jane", "status": "production", "balance": {"amount": "1.5", "currency": "USD"}}},
        [{"code": "SPDR01", "service": "face", "reason": "x"}],
    ]:
        for target in ["shuftipro_answer", "shuftipro_failure", "shuftipro_account", "shuftipro_callback"]:
            seed(target, body)


def maya():
    keys = load("maya/keys.json")
    for key in keys.values():
        seed("jwk", key)
    seed("jwk", {"keys": list(keys.values())})
    for case in load("maya/cases.json"):
        token = case["token"]
        for target in ["maya_token", "jose_nested", "jose_compact"]:
            seed(target, token)
        if "ok" in case["expect"]:
            seed("maya_profile", case["expect"]["ok"])
    for name, entries in load("maya/fields.json").items():
        if not isinstance(entries, list):
            continue
        for entry in entries:
            raw = entry["raw"]
            place = {
                "date": {"birthDetails": {"birthDate": raw}},
                "verificationStatus": {"name": {"verificationStatus": raw}},
                "kycStatus": {"kycStatus": raw},
                "email": {"contact": [{"type": "EMAIL", "value": raw}]},
            }.get(name, {"contact": [raw]})
            seed("maya_profile", {"id": "a", **place})
    seed("maya_profile", '\ufeff{"id":"a","name":{"verificationStatus":"FAILED"}}')
    tokens = {"accessToken": "a.b-c", "refreshToken": "r", "expiresAt": 1700003600}
    bodies = [
        tokens,
        {**tokens, "expiresAt": "1700003600"},
        {"accessToken": "a", "refreshToken": "r", "expiryAt": 1},
        {**tokens, "expiresAt": 1700003600000},
        {**tokens, "more": {"b": [1]}},
        {**tokens, "accessToken": "a b"},
        {**tokens, "expiresAt": 1e11},
    ]
    for body in bodies:
        seed("maya_tokens", body)
        seed("maya_failure", body)
        text = json.dumps(body)
        seed("maya_session", "9c1f-reference\n" + text)
        seed("maya_session", "\n" + text)
        seed("maya_session", "r" * 81 + "\n" + text)
    for body in [
        {"error": {"code": "PY0021", "message": "x", "spiel": "y"}},
        {"code": "INVALID_TOKEN", "message": "expired", "parameters": [{"field": "a", "description": "b"}]},
        {"error": "invalid_token", "error_description": "x"},
        {"logref": "1", "message": "m", "links": []},
    ]:
        seed("maya_failure", body)


def credo360():
    for case in load("credo360/cases.json")["cases"]:
        if case["kind"] == "user":
            seed("credo360_user", case["body"])
        elif case["kind"] == "challenge":
            seed("credo360_challenge", case["body"])
        else:
            seed("credo360_challenge", case["challenge"])
            if "answer" in case:
                seed("credo360_failure", case["answer"])
    seed("credo360_user", load("credo360/user.json"))
    seed("credo360_user", load("credo360/profile-variant.json"))
    for body in [
        {"error": {"code": 404, "message": "not found"}},
        {"message": "x", "code": "HANDLE_NOT_FOUND"},
        {"errors": [{"message": "x"}]},
        ["PASSCODE", "SIGNATURE"],
        {"methods": ["PASSCODE"]},
    ]:
        seed("credo360_failure", body)
        seed("credo360_challenge", body)


def selfkey():
    for case in vectors("selfkey/application-attributes.json"):
        seed("selfkey_application", {"id": "A1", "attributes": case.get("attributes")})
    for case in vectors("selfkey/application-messages.json"):
        seed("selfkey_application", case["messages"])
    for case in vectors("selfkey/templates.json"):
        seed("selfkey_template", case["json"])
    for case in vectors("selfkey/did.json"):
        seed("selfkey_did", case["did"])
        if isinstance(case["did"], str):
            seed("selfkey_did_document", {
                "@context": "https://w3id.org/did/v1",
                "id": case["did"],
                "publicKey": [{
                    "id": case["did"] + "#keys-1", "type": "Secp256k1VerificationKey2018", "controller": case["did"],
                    "ethereumAddress": "0x5F2E5EdC747a92821d16AB36a77AC729F5E66347",
                }],
                "authentication": [case["did"] + "#keys-1"],
            })
    for case in vectors("selfkey/endpoints.json"):
        seed("selfkey_config", case["config"])
    for client in load("selfkey/wallet-requests.json")["clients"].values():
        seed("selfkey_config", client["config"])
    for name in ["wallet-token", "sample-tokens", "jwt-validate"]:
        for case in vectors("selfkey/%s.json" % name):
            if isinstance(case.get("token"), str):
                seed("selfkey_token", case["token"])
                seed("jose_compact", case["token"])
    for case in vectors("selfkey/kycc-integrations-requests.json"):
        if "json" in case["server_answer"]:
            seed("kyc_chain_answers", case["server_answer"]["json"])
            seed("selfkey_application", case["server_answer"]["json"])
    for case in vectors("selfkey/errors.json"):
        if case["body"] is not None:
            seed("kyc_chain_answers", case["body"])
    for case in vectors("selfkey/kycc-user-data.json"):
        for name in ["applications_answer", "application_answer"]:
            if name in case:
                seed("selfkey_application", case[name])
                seed("kyc_chain_answers", case[name])
    for body in [
        {"applicationId": "5ddd", "status": 2, "updatedAt": "2020-04-08T12:26:26.479Z"},
        {"applicationId": 7, "status": "2"},
        {"applicationId": "x" * 129},
        {"applicationId": {"$oid": "5ddd"}, "status": None},
        {"status": 2},
    ]:
        seed("kyc_chain_webhook", body)
    # A form as browsers write it, one with everything that is allowed, and what is cut off.
    crlf = lambda text: text.replace("\n", "\r\n")
    forms = [
        ("multipart/form-data; boundary=b", '--b\nContent-Disposition: form-data; name="a"\n\nx\n--b--\n'),
        ('multipart/form-data; boundary="a b"', '--a b\nContent-Disposition: form-data; name=a\n\n\n--a b--'),
        ("multipart/form-data; charset=utf-8; boundary=AaB03x",
         'preamble\n--AaB03x\nContent-Disposition: form-data; name="a;b\\"c"\n\n\n--AaB03x  \ncontent-type: image/png\n'
         'Content-Disposition: form-data; filename="x.png"; name=f\n\n\n--AaB03\n-\n--AaB03x--\nepilogue'),
        ("multipart/form-data; boundary=b",
         '--b\nContent-Disposition: form-data; name="d%22\'\\"; filename="%0D%0A.pdf"\n'
         "Content-Type: application/pdf\n\n%PDF\n--b\n"),
        ("multipart/form-data; boundary=b", "--b\n\n\n--b--\n"),
        ("multipart/form-data; boundary=b", "--b--"),
        ("multipart/form-data; boundary=b", "--b\nContent-Disposition: form-data; name=attributes\n"
         "Content-Type: application/json\n\n[{\"id\":\"1\",\"data\":\"$document-1\"}]\n--b\n"
         'Content-Disposition: form-data; name="$document-1"; filename=a.png\n\n\x89PNG\n--b--\n'),
        ("multipart/form-data", "--b--"),
        ("multipart/mixed; boundary=b", "--b--"),
        ("multipart/form-data; boundary=", "--\n--"),
        ("multipart/form-data; boundary=b", "--b\nContent-Disposition: form-data; name=a\n" + "x-y: z\n" * 600 + "\nx\n--b--"),
        ("multipart/form-data; boundary=b", "--b\nContent-Disposition: form-data; name=a\nx: " + "y" * 4000 + "\n\nx\n--b--"),
        ("multipart/form-data; boundary=b", "--b\nContent-Disposition: form-data; name=a\n\nx\n" * 66 + "--b--"),
    ]
    for media_type, body in forms:
        seed("multipart", media_type.encode() + b"\n" + crlf(body).encode("latin-1"))


def credify():
    keys = {key["name"]: key for key in load("credify/signing-keys.json")["keys"]}
    for key in keys.values():
        for name, text in key.items():
            if isinstance(text, str) and (text.startswith("-----") or "base64url" in name):
                seed("pem", text)
                if text.startswith("-----"):
                    seed("pkcs8", der(text))
        seed("jwk", {"kty": "OKP", "crv": "Ed25519", "x": b64url(bytes.fromhex(key["public_hex"])), "kid": key["name"]})
    for case in load("credify/signing-keys.json")["imports"]:
        seed("pem", case["text"])
    for key in load("credify/encryption.json")["keys"]:
        for text in key.values():
            if isinstance(text, str):
                seed("pem", text)
                if text.startswith("-----"):
                    seed("pkcs8", der(text))
    for case in load("credify/encrypted-pem.json")["cases"] + load("credify/encrypted-pem.json")["negative"]:
        text = case.get("encrypted_pem")
        if isinstance(text, str):
            seed("pem", text)
            if case.get("type") != "rsa":
                try:
                    seed("pkcs8", der(text))
                except ValueError:
                    pass
    for case in load("credify/encryption.json")["field_by_field"]:
        for name in ["encrypted", "claims", "stringified_claims"]:
            if isinstance(case.get(name), dict):
                seed("credify_userinfo", case[name])
    for case in load("credify/userinfo.json")["userinfo"]:
        seed("credify_userinfo", case["body"])
    for case in load("credify/userinfo.json")["jwe"]:
        seed("jose_nested", case["compact"])
    for case in load("credify/webhook.json")["cases"]:
        seed("credify_webhook", case["raw_body"])
    tokens = load("credify/tokens.json")
    for case in tokens["tokens"] + tokens["disbursement"] + tokens["disbursement_documents"]:
        token = case.get("token")
        if isinstance(token, str):
            seed("credify_claim_token", token)
            seed("jose_compact", token)
            payload = token.split(".")[1]
            payload = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
            seed("credify_claim_token", payload)
            seed("credify_disbursement", payload)
        for name in ["answer", "document", "result", "response"]:
            if isinstance(case.get(name), dict):
                seed("credify_disbursement", case[name])
    seed("credify_disbursement", {"iat": 1, "iss": "market", "user_id": "u", "bnpl_order:1:invoice":
         {"content_type": "image/png", "content": "abc"}, "bnpl_order:1:invoice:commitment": "c"})
    for case in load("credify/claim-tokens.json")["cases"]:
        for row in case["scopes"]:
            token = row["per_scope"]["token"]
            seed("credify_claim_token", token)
            payload = token.split(".")[1]
            seed("credify_claim_token", base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    for call in load("credify/http-calls.json")["calls"]:
        answers = call.get("responses") or []
        target = {"offer": "credify_offers", "order": "credify_orders", "bnpl": "credify_offers"}
        name = next((target[word] for word in target if word in call["operation"]), "credify_introspection")
        for answer in answers:
            body = answer.get("body", answer)
            seed(name, body)
            if "token" in call["operation"] or "oidc" in call["operation"]:
                seed("credify_user_token", body)
    for call in load("credify/http-calls.json")["errors"]:
        seed("credify_failure", call["response"].get("body", {}))
    data = lambda value: {"success": True, "data": value}
    for value in [
        {"active": True, "scope": "scope other", "client_id": "c", "sub": "s", "exp": 1700003600},
        {"active": True, "exp": 1}, {"active": "true"}, {"active": False},
        {"signing": keys["published"]["public_pem"] if "public_pem" in keys["published"] else "", "encryption": ""},
    ]:
        seed("credify_introspection", data(value))
    for body in [
        {"access_token": "a", "expires_in": 3599, "scope": "openid", "token_type": "bearer", "id_token": "x"},
        {"access_token": "", "expires_in": "x"}, {"access_token": ["a"]}, data({"access_token": "a.b.c"}),
        {"error": "invalid_grant", "error_description": "x", "status_code": 400},
    ]:
        seed("credify_user_token", body)
        seed("credify_failure", body)
    order = {"id": "o-1", "status": "PAID", "total_amount": {"value": "10.5", "currency": "VND"}, "reference_id": "r",
             "order_lines": [{"name": "n", "quantity": "1", "unit_price": {"value": 1, "currency": "VND"}}]}
    offer = {"id": "1", "code": "o-1", "campaign": {"id": "c", "name": "n"}, "evaluation_result":
             {"rank": 1, "used_scopes": ["a"], "requested_scopes": []}}
    for value in [order, [order], {"orders": [order]}, {"order": order}]:
        seed("credify_orders", data(value))
    for value in [offer, [offer], {"offers": [offer]}, {"offer": offer}, {"items": [offer], "total": 1}]:
        seed("credify_offers", data(value))


def offers():
    cases = load("credify/offer-evaluation.json")["cases"]
    for case in cases[:: max(1, len(cases) // 36)]:
        seed("offer_conditions", {name: case[name] for name in ["conditions", "required_custom_scopes", "claims"]})
    claim = lambda kind: {"name": "tier", "value_type": kind, "scope": {"name": "o'ops\"; --"}}
    leaf = lambda kind, of, value, **more: {"kind": kind + "_CONDITION", "claim": claim(of), "value": value, **more}
    for parts in [
        [leaf("CONTAIN", "TEXT", "g'\"%_\\old; DROP TABLE users; --")],
        [leaf("IN_RANGE", "FLOAT", 1.5, upper=1e21), leaf("EQUALITY", "BOOLEAN", True)],
        [{"kind": "AND_CONDITION", "subconditions": [leaf("LESS_THAN", "INTEGER", -0.0)] * 3}],
        [{"kind": "OR_CONDITION", "subconditions": [leaf("EQUALITY", "TEXT", "\u0000\U0001f600")]}],
    ]:
        seed("offer_conditions", {"conditions": parts, "required_custom_scopes": [["o'ops\"; --"]] * len(parts),
                                  "claims": {"o'ops\"; --": {"tier": 2}}})


def identity():
    for file in sorted((VECTORS / "openid-ida" / "examples").glob("*.json")):
        seed("claim_set", file.read_bytes())
    known = {"provider": "example", "means": "document_checked", "verified_at": "2026-11-25T16:40:00Z",
             "read_at": "2026-11-25T16:44:05Z", "until": "2031-05-01"}
    stated = {"provider": "maya", "means": "self_asserted", "read_at": "2027-01-15T08:00:00Z"}
    form = {"form": "kyckit.identity", "version": 1}
    decision = {"form": "kyckit.decision", "version": 1, "outcome": "accepted", "provider": "maya", "at": "2027-01-15T08:00:00Z"}
    of = lambda value, provenance=known: [{"value": value, "provenance": provenance}]
    for body in [
        form,
        {**form, "names": of({"given": "Jane", "family": "Roe"}), "birth_dates": of("1990-10-31"), "assurance": [known, stated]},
        {**form, "birth_places": of({"locality": "Manila", "country": "PH"}), "nationalities": of("PH", stated), "genders": of("female")},
        {**form, "contacts": of({"kind": "email", "value": "a@b.co", "primary": True}), "addresses": of({"kind": "present", "street": "1\n2"})},
        {**form, "documents": of({"kind": "passport", "number": "P1", "expires": "2033-01-02"}), "work": of({"occupation": "x"})},
        {**form, "reputation": of({"scale": "s", "score": "0.5", "grade": "A"}), "identifiers": of({"kind": "did", "value": "did:eth:1"}, stated)},
        {**form, "version": 2}, {**form, "more": []}, {**form, "birth_dates": of("1990-02-30")},
        {**form, "assurance": [{**stated, "read_at": "9999-12-31T23:59:59.999999999Z"}]},
        {**form, "assurance": [{**stated, "read_at": "0000-01-01T00:00:00+23:59"}]},
        decision, {**decision, "outcome": "declined", "reasons": ["document_expired"], "codes": ["SPDR01"]},
    ]:
        seed("identity_json", body)


def tokens():
    part = lambda text: b64url(text.encode())
    for header in [
        '{"alg":"none"}', '{"alg":"HS256","typ":"JWT"}', '{"alg":"HS256","alg":"none"}', '{"alg":"EdDSA","crit":["b64"],"b64":false}',
        '{"alg":"RS256","jwk":{"kty":"RSA","n":"AQ","e":"AQAB"}}', '{"alg":"HS256","kid":"../x","zip":"DEF"}',
        '{"\\u0024serde_json::private::RawValue":"{}"}',
    ]:
        for signature in ["", "AA", b64url(bytes(32)), b64url(bytes(64))]:
            seed("jose_compact", part(header) + "." + part('{"sub":"1","exp":2000000000}') + "." + signature)
    for header in [
        '{"alg":"RSA-OAEP","enc":"A256GCM"}', '{"alg":"RSA-OAEP-256","enc":"A128CBC-HS256","zip":"DEF"}',
        '{"alg":"dir","enc":"A128GCM"}', '{"alg":"RSA1_5","enc":"A128GCM"}', '{"alg":"RSA-OAEP","enc":"A128GCM","p2c":1}',
    ]:
        seed("jose_nested", ".".join([part(header), b64url(bytes(256)), b64url(bytes(12)), b64url(b"x"), b64url(bytes(16))]))
        seed("jose_nested", ".".join([part(header), "", "", "", ""]))
    seed("jose_nested", part('{"alg":"HS256"}') + ".e30.AA")
    for jwk in [
        {"kty": "EC", "crv": "P-256", "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
         "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM", "use": "sig", "kid": "1", "alg": "ES256"},
        {"kty": "oct", "k": b64url(bytes(64)), "alg": "HS512", "key_ops": ["verify"]},
        {"kty": "OKP", "crv": "Ed25519", "x": b64url(bytes(32)), "d": b64url(bytes(32))},
        {"kty": "RSA", "n": b64url(b"\xff" * 256), "e": "AQAB", "alg": "PS256", "use": "sig", "x5c": ["AA=="]},
    ]:
        seed("jwk", jwk)
        seed("jwk", {"keys": [jwk, 1, None, jwk]})
    for text in [
        "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----", "-----BEGIN PUBLIC KEY-----\\nAA==\\n-----END PUBLIC KEY-----",
        "Bag Attributes\n-----BEGIN EC PARAMETERS-----\nBgUrgQQACg==\n-----END EC PARAMETERS-----\n",
    ]:
        seed("pem", text)


def others():
    for text in HOSTILE:
        for target in JSON_TARGETS:
            seed(target, ("\n" if target == "maya_session" else "") + text, MAX_FILES + len(HOSTILE))
        seed("gzip_body", gzip.compress(text.encode(), mtime=0))
    for text in [
        '{"b":1.0,"10":1e21,"9":"\\u0110\\u0001"}', "[5e-324,1.7976931348623157e308,1e-7,1e21,123456789012345680000,-0.0,0.1]",
        '{"4294967294":1,"4294967295":2,"00":3,"-1":4,"a":5}', '["\\u2028\\u2029\\u007f\\ud800","\\b\\f\\n\\r\\t\\"\\\\/"]',
        "[9007199254740991,9007199254740993,18446744073709551615,-9223372036854775808]",
    ]:
        seed("json_canonical", text)
        seed("json", text)
    body = gzip.compress(b'{"a":[1,2,3]}', mtime=0)
    for data in [body, body + body, body[:-4], body[:-8] + bytes(8), gzip.compress(bytes(200_000), mtime=0), b"\x1f\x8b", body + b"x"]:
        seed("gzip_body", data)
    for header in [
        "de-CH, de;q=0.9, en;q=0.8, *;q=0.1", "fil-PH,ja-JP-u-ca-japanese;q=0.5", "zh-Hant-TW;q=1.000,vi;q=0", "x-private,i-klingon",
        "en;q=NaN,es;Q=-1,fr;q=1e99", "a-b-c-d-e-f-g,,;;q=,=;q", "", "*", "de_AT", "en-" + "a1b2c3d4-" * 30,
    ]:
        seed("accept_language", header)
    inside = lambda **more: {"i": "0f" * 16, "p": "@person", "a": "1e" * 16, "s": 1700000000, "w": "{}", "t": {"m": []}, **more}
    for body in [
        inside(), inside(t={"m": [], "n": 2**32}), inside(t={"m": [{"t": 1, "w": "start"}], "n": 1}), inside(t=[]), inside(s=2**64 - 1), inside(i=""), inside(p="x"),
        inside(w='{"reference":"r"}', a="x" * 300),
    ]:
        seed("flow_state", body)
    for text in [
        "kyckit1.maya.1700000060.AAAA", "kyckit2.maya.1.AA", "kyckit1.maya.999999999999." + "A" * 80, "kyckit1..1.A", "kyckit1.a.b.c.d",
        "kyckit1.maya.1700000060", "kyckit99999999999.maya.1.A",
    ]:
        seed("flow_state", text)


for make in [shufti, maya, credo360, selfkey, credify, offers, identity, tokens, others]:
    make()
files = [file for file in CORPUS.glob("*/*") if file.is_file()]
print(f"{len(files)} seeds of {len(set(file.parent for file in files))} targets, {sum(file.stat().st_size for file in files)} bytes")
