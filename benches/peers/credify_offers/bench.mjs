// The offers of benches/credify_offers.rs with the official package. The bench starts this program and says what to do:
// the setup first, then lines such as `evaluate 100`; each is answered with `done`.
//
//   npm install --ignore-scripts

import { generateKeyPairSync } from 'node:crypto'
import { createInterface } from 'node:readline'
import nodejs from '@credify/nodejs'

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const setup = JSON.parse((await lines.next()).value)
const secret = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })
const { offer } = new nodejs.Credify(secret, 'Bearer unused', { mode: 'sandbox', locale: 'en-US' })
console.log('done')

const things = {
  evaluate: () => {
    for (const { conditions, required, claims, rank } of setup.cases) {
      const result = offer.evaluateOffer(conditions, required, claims)
      if (result.rank !== rank || !result.usedScopes || !result.requestedScopes) throw new Error('another rank')
    }
  },
  count: () => {
    const counts = setup.segments.map(() => 0)
    for (const claims of setup.users) {
      setup.segments.forEach(([condition, required], index) => {
        if (offer.evaluateOffer([condition], [required], claims).rank > 0) counts[index] += 1
      })
    }
    if (counts.join() !== setup.counts.join()) throw new Error('other counts')
  },
}

for await (const line of lines) {
  const [what, times] = line.split(' ')
  for (let done = 0; done < Number(times); done += 1) things[what]()
  console.log('done')
}
