// Signatures of challenges, checked by the provider's own library and by this crate: the same challenges in one run,
// fresh keys, alternating rounds, medians. One thread each.
//
//   cargo build --release --example selfkey_interop
//   npm install --ignore-scripts && npm run bench
//
// `CRATE` names the program where it was built elsewhere.

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)
const { auth } = require('@selfkey/node-lib')
const ethereum = require('ethereumjs-util')

const ROUNDS = 9
const BUDGET_MS = 400

const cases = await Promise.all(Array.from({ length: 50 }, async () => {
  const secret = randomBytes(32)
  const did = `did:eth:${ethereum.bufferToHex(ethereum.privateToAddress(secret))}`
  const nonce = await auth.generateNonce()
  const { v, r, s } = ethereum.ecsign(ethereum.hashPersonalMessage(Buffer.from(nonce, 'utf8')), secret)
  return { nonce, did, signature: { value: ethereum.toRpcSig(v, r, s), keyId: `${did}#keys-1` } }
}))

const program = process.env.CRATE ?? fileURLToPath(new URL('../../../target/release/examples/selfkey_interop', import.meta.url))
const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] })
const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
const ask = async (question) => {
  child.stdin.write(JSON.stringify(question) + '\n')
  return JSON.parse((await answers.next()).value)
}

const candidates = [
  ['@selfkey/node-lib 1.2.2: verifyChallengeSignature', async () => {
    const begun = performance.now()
    let done = 0
    while (performance.now() - begun < BUDGET_MS) {
      const { nonce, did, signature } = cases[done % cases.length]
      if (await auth.verifyChallengeSignature(nonce, signature, did) !== true) throw new Error('refused')
      done += 1
    }
    return (done / (performance.now() - begun)) * 1000
  }],
  ['kyckit: SignatureVerifier::verify', async () => {
    const { rate, text } = await ask({ op: 'bench', cases, milliseconds: BUDGET_MS })
    if (rate === undefined) throw new Error(text)
    return rate
  }],
]

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]

for (const [, rate] of candidates) await rate()
const rates = candidates.map(() => [])
for (let round = 0; round < ROUNDS; round += 1) {
  for (let offset = 0; offset < candidates.length; offset += 1) {
    const index = (round + offset) % candidates.length
    rates[index].push(await candidates[index][1]())
  }
}
candidates.forEach(([name], index) => {
  const times = median(rates[index].map((own, round) => own / rates[0][round]))
  console.log(`${name.padEnd(52)} ${median(rates[index]).toFixed(0).padStart(6)} a second  times ${times.toFixed(2)}`)
})
process.exit(0)
