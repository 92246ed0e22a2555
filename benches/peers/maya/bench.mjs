// The nested token of benches/maya_token.rs with the library of the provider's JavaScript sample, against the bare
// private RSA operation of the same node. Alternating rounds, medians.
//
//   npm install && npm run bench

import { constants, createPrivateKey, privateDecrypt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { compactDecrypt, importJWK, jwtVerify } from 'jose'

const ROUNDS = 9
const BUDGET_MS = 400

const vectors = new URL('../../../tests/vectors/maya/', import.meta.url)
const read = (name) => JSON.parse(readFileSync(new URL(name, vectors)))
const keys = read('keys.json')
const { token } = read('cases.json').find(({ name }) => name === 'full-profile-rsa-oaep-a256gcm')

const jwe = await importJWK(keys.jwe_private_jwk, 'RSA-OAEP')
const jws = await importJWK(keys.jws_secret_jwk, 'HS256')
const bare = createPrivateKey({ key: keys.jwe_private_jwk, format: 'jwk' })
const encryptedKey = Buffer.from(token.split('.')[1], 'base64url')

const candidates = [
  ['bare: RSA-2048 private operation with OAEP', async () => {
    privateDecrypt({ key: bare, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, encryptedKey)
  }],
  ['jose: decrypted, verified, parsed', async () => {
    const { plaintext } = await compactDecrypt(token, jwe)
    const { payload } = await jwtVerify(plaintext, jws, { algorithms: ['HS256'] })
    if (payload.kycStatus !== 'KYC1') throw new Error('another profile')
  }],
]

const rate = async (run) => {
  const begun = performance.now()
  let done = 0
  while (performance.now() - begun < BUDGET_MS) {
    await run()
    done += 1
  }
  return (done / (performance.now() - begun)) * 1000
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]

for (const [, run] of candidates) await rate(run)
const rates = candidates.map(() => [])
for (let round = 0; round < ROUNDS; round += 1) {
  for (let offset = 0; offset < candidates.length; offset += 1) {
    const index = (round + offset) % candidates.length
    rates[index].push(await rate(candidates[index][1]))
  }
}
candidates.forEach(([name], index) => {
  const ratio = median(rates[index].map((own, round) => rates[0][round] / own))
  console.log(`${name.padEnd(52)} ${median(rates[index]).toFixed(0).padStart(6)} a second  ratio ${ratio.toFixed(3)}`)
})
