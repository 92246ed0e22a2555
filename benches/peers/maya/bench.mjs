// The nested token of benches/maya_token.rs with the library of the provider's JavaScript sample, and the bare private
// RSA operation of node. The bench starts this program and says what to do: the setup first, then lines such as
// `jose 100`; each is answered with `done`.

import { constants, createPrivateKey, privateDecrypt } from 'node:crypto'
import { createInterface } from 'node:readline'
import { compactDecrypt, importJWK, jwtVerify } from 'jose'

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const setup = JSON.parse((await lines.next()).value)
const jwe = await importJWK(setup.jwe, 'RSA-OAEP')
const jws = await importJWK(setup.jws, 'HS256')
const key = createPrivateKey({ key: setup.jwe, format: 'jwk' })
const encryptedKey = Buffer.from(setup.token.split('.')[1], 'base64url')
console.log('done')

const things = {
  bare: () => privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, encryptedKey),
  jose: async () => {
    const { plaintext } = await compactDecrypt(setup.token, jwe)
    const { payload } = await jwtVerify(plaintext, jws, { algorithms: ['HS256'] })
    if (payload.kycStatus !== 'KYC1') throw new Error('another profile')
  },
}

for await (const line of lines) {
  const [what, times] = line.split(' ')
  for (let done = 0; done < Number(times); done += 1) await things[what]()
  console.log('done')
}
