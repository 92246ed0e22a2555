// Opens what the crate made with @credify/crypto, and makes the same for the crate to open.
//
//     node crypto.mjs OURS.json THEIRS.json

import { readFileSync, writeFileSync } from 'node:fs'
import { strict as assert } from 'node:assert'
import { randomBytes } from 'node:crypto'
import crypto from '@credify/crypto'

const [ours, theirs] = process.argv.slice(2)
const made = JSON.parse(readFileSync(ours, 'utf8'))
let compared = 0
const same = (left, right, what) => {
  assert.deepEqual(left, right, what)
  compared += 1
}

for (const key of made.signing) {
  for (const load of [
    (one) => one.importPrivateKey(key.pem),
    (one) => one.importPrivateKey(key.encrypted_pem, made.password),
    (one) => one.importPrivateKeyInBase64Url(key.base64url),
  ]) {
    const signing = new crypto.Signing()
    load(signing)
    same(signing.exportPrivateKey(), key.pem, 'a private key')
    same(signing.sign(key.message, { input: 'utf8' }), key.signature, 'a signature')
  }
  for (const load of [
    (one) => one.importPublicKey(key.public_pem),
    (one) => one.importPublicKeyInBase64Url(key.public_base64url),
  ]) {
    const signing = new crypto.Signing()
    load(signing)
    same(signing.exportPublicKey(), key.public_pem, 'a public key')
    same(crypto.verifyJwt(crypto.parseJwt(key.login_token), signing), true, 'a login token')
    same(crypto.verifyJwt(crypto.parseJwt(key.approval_token), signing), true, 'an approval token')
  }
}

for (const { text, sha256, sha256_unified } of made.values) {
  const value = JSON.parse(text)
  same(JSON.stringify(value), text, 'a canonical text')
  same(crypto.sha256(value), sha256, 'a hash')
  same(crypto.sha256(crypto.unifyJsonData(value)), sha256_unified, 'a hash of a sorted value')
}

const market = new crypto.Signing()
market.importPrivateKey(made.signing[0].pem)
for (const { scope, claims, commitment, token } of made.claim_tokens) {
  const parsed = crypto.parseJwt(token)
  same(crypto.verifyJwt(parsed, market), true, 'a claim token')
  const again = crypto.generateClaimToken(market, 'market', 'user', scope, claims, commitment)
  same(parsed.payload.scope_hash, crypto.parseJwt(again.token).payload.scope_hash, 'a scope hash')
  same(Object.keys(parsed.payload), Object.keys(crypto.parseJwt(again.token).payload), 'the members of a claim token')
}

for (const load of [
  (one) => one.importPrivateKey(made.rsa.pem),
  (one) => one.importPrivateKey(made.rsa.encrypted_pem, made.password),
  (one) => one.importPrivateKeyInBase64Url(made.rsa.base64url),
]) {
  const encryption = new crypto.Encryption()
  await load(encryption)
  for (const { plaintext, ciphertext } of made.rsa.texts) {
    same(await encryption.decryptBase64UrlStringToString(ciphertext), plaintext, 'an encrypted text')
  }
  same(await encryption.decryptFieldByField(made.rsa.fields), made.rsa.claims, 'claims field by field')
}
for (const [scope, { JWT }] of Object.entries(made.rsa.aggregated._claim_sources)) {
  const { plaintext } = await crypto.decryptJwe(made.rsa.pem, JWT)
  const parsed = crypto.parseJwt(plaintext.toString())
  same(crypto.verifyJwt(parsed, market), true, 'aggregated claims')
  same(parsed.payload, made.rsa.claims[scope], 'aggregated claims')
}
console.log(`@credify/crypto opened what the crate made: ${compared} comparisons`)

// The reverse.
const password = 'supersecret'
const signing = []
for (let count = 0; count < 5; count += 1) {
  const key = new crypto.Signing()
  key.generateKeyPair()
  const message = randomBytes(count * 40).toString('hex')
  signing.push({
    pem: key.exportPrivateKey(),
    encrypted_pem: key.exportPrivateKey(password),
    base64url: key.exportPrivateKeyInBase64Url(),
    public_pem: key.exportPublicKey(),
    public_base64url: key.exportPublicKeyInBase64Url(),
    message,
    signature: key.sign(message, { input: 'utf8' }),
  })
}
const provider = new crypto.Signing()
provider.importPrivateKey(signing[0].pem)

const random = () => {
  const numbers = new Float64Array(randomBytes(8 * 40).buffer.slice(0, 8 * 40))
  const value = { b: [...numbers].filter(Number.isFinite), a: { 10: 1, 9: [[2, 1]], '😀': 1, 'ｚ': 2 } }
  value[randomBytes(3).toString('latin1')] = randomBytes(9).toString('latin1')
  return value
}
const values = Array.from({ length: 200 }, random).map((value) => ({
  text: JSON.stringify(value),
  sha256: crypto.sha256(value),
  sha256_unified: crypto.sha256(crypto.unifyJsonData(value)),
}))

const claims = {
  phone: { phone_number: '+84381234567' },
  'b09e8f99-6d89-4e7d-83ea-a43a1787b3e0:history': { '3285592c:count': '12', nested: { z: 'Đường 😀', a: null } },
}
const claim_tokens = Object.entries(claims).map(([scope, inner]) => ({
  scope,
  ...crypto.generateClaimToken(provider, 'market', 'user', scope, inner),
}))

const encryption = new crypto.Encryption()
await encryption.generateKeyPair()
const texts = []
for (const plaintext of ['a', 'x'.repeat(318), 'x'.repeat(319), 'Đ'.repeat(160), '😀'.repeat(300)]) {
  texts.push({ plaintext, ciphertext: await encryption.encryptStringToBase64UrlString(plaintext) })
}
const tokens = []
for (const payload of ['hello', JSON.stringify(claims.phone)]) {
  tokens.push({ payload, token: await crypto.generateJwe(payload, await encryption.exportPublicKey()) })
}
writeFileSync(
  theirs,
  JSON.stringify({
    password,
    signing,
    values,
    claims,
    claim_tokens,
    approval: crypto.generateApprovalToken(provider, 'client', 'user', ['openid', 'phone']),
    rsa: {
      pem: await encryption.exportPrivateKey(),
      encrypted_pem: await encryption.exportPrivateKey(password),
      base64url: await encryption.exportPrivateKeyInBase64Url(),
      public_pem: await encryption.exportPublicKey(),
      texts,
      claims,
      fields: await encryption.encryptFieldByField(claims),
      tokens,
    },
  }),
)
