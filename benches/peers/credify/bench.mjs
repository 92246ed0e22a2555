// The claim tokens of benches/credify.rs with the provider's own package. The bench starts this program and says what
// to do: the setup first, then lines with a number of tokens to sign; each is answered with `done`.
//
//     npm install --ignore-scripts

import { createInterface } from 'node:readline'
import crypto from '@credify/crypto'

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const { key, scope, claims, commitment } = JSON.parse((await lines.next()).value)
const signing = new crypto.Signing()
signing.importPrivateKey(key)
const provider = '40f9a736-0d97-409b-a0f7-d23ebca20bde'
const user = 'ba3d1f1a-57eb-4fc2-a6aa-dfaf4a359512'
console.log('done')

for await (const line of lines) {
  for (let done = 0; done < Number(line); done += 1) {
    crypto.generateClaimToken(signing, provider, user, scope, claims, commitment)
  }
  console.log('done')
}
