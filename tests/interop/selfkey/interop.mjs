// The provider's own library against this crate, with fresh keys each run: each verifies what the other has made, and
// each refuses what it must. `npm install --ignore-scripts && npm start`; CONTRIBUTING.md has the command.

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)
const { auth, did: dids, key: keys } = require('@selfkey/node-lib')
const ethereum = require('ethereumjs-util')

const ROUNDS = Number(process.env.ROUNDS ?? 25)
const root = fileURLToPath(new URL('../../../', import.meta.url))

/** The crate, a question a line. */
const crate = () => {
  const child = spawn('cargo', ['run', '--quiet', '--features', 'full', '--example', 'selfkey_interop'], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const waiting = []
  createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()(JSON.parse(line)))
  child.on('exit', () => waiting.splice(0).forEach((resolve) => resolve({ error: 'the crate ended' })))
  return {
    ask: (question) => new Promise((resolve) => {
      waiting.push(resolve)
      child.stdin.write(JSON.stringify(question) + '\n')
    }),
    end: () => child.stdin.end(),
  }
}

let passed = 0
const failures = []
const counts = new Map()
const check = (what, holds, detail) => {
  counts.set(what, (counts.get(what) ?? 0) + 1)
  if (holds) passed += 1
  else failures.push(`${what}: ${JSON.stringify(detail)}`)
}

/** What the library says: true, false, or the text that it threw. */
const outcome = async (run) => {
  try {
    return await run()
  } catch (error) {
    return `${error.message ?? error}`
  }
}

/** A wallet as the provider's desktop client has it. */
const wallet = () => {
  const secret = randomBytes(32)
  const address = ethereum.bufferToHex(ethereum.privateToAddress(secret))
  const did = `did:eth:${address}`
  const sign = (message) => {
    const signed = ethereum.ecsign(ethereum.hashPersonalMessage(Buffer.from(message, 'utf8')), secret)
    return { value: ethereum.toRpcSig(signed.v, signed.r, signed.s), keyId: `${did}#keys-1` }
  }
  return { secret: secret.toString('hex'), address, did, sign }
}

/** The other signature of the same message that fits. */
const twin = ({ value, keyId }) => {
  const order = BigInt('0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141')
  const s = order - BigInt('0x' + value.slice(66, 130))
  const v = value.slice(130) === '1b' ? '1c' : '1b'
  return { value: value.slice(0, 66) + s.toString(16).padStart(64, '0') + v, keyId }
}

const { ask, end } = crate()
const hmac = await keys.generateHMACKey()
const otherHmac = await keys.generateHMACKey()
const rsa = await keys.generateRSAKeyPair()
const algorithms = {
  hmac: { issue: hmac, verify: hmac },
  rsa: { issue: rsa.privateKey, verify: rsa.publicKey },
}

for (const [algorithm, key] of Object.entries(algorithms)) {
  // RS512 with 4096 bits takes its time on both sides.
  const rounds = algorithm === 'rsa' ? Math.min(ROUNDS, 10) : ROUNDS
  for (let round = 0; round < rounds; round += 1) {
    const own = wallet()

    // A challenge of the crate's, and an access token, read by the library.
    const challenge = await ask({ op: 'challenge', algorithm, key: key.issue, did: own.did })
    const claims = await outcome(async () => (await auth.validateChallengeToken(challenge.token, algorithm, key.verify)).payload)
    check(`${algorithm}: the library validates the crate's challenge`, claims.sub === own.did && claims.nonce?.length === 88, claims)
    const access = await ask({ op: 'access', algorithm, key: key.issue, did: own.did })
    const granted = await outcome(async () => (await auth.validateAccessToken(access.token, algorithm, key.verify)).payload)
    check(`${algorithm}: the library validates the crate's access token`, granted.sub === own.did, granted)
    const mistaken = await outcome(() => auth.validateAccessToken(challenge.token, algorithm, key.verify))
    check(`${algorithm}: the library tells the crate's two tokens apart`, typeof mistaken === 'string', mistaken)

    // The library's, read by the crate.
    const theirs = await auth.generateChallengeToken(own.did, algorithm, key.issue)
    const read = await ask({ op: 'validate', as: 'challenge', algorithm, key: key.verify, token: theirs })
    check(`${algorithm}: the crate validates the library's challenge`, read.payload?.sub === own.did, read)
    const theirAccess = await auth.generateAccessToken(own.did, algorithm, key.issue)
    const readAccess = await ask({ op: 'validate', as: 'access', algorithm, key: key.verify, token: theirAccess })
    check(`${algorithm}: the crate validates the library's access token`, readAccess.payload?.sub === own.did, readAccess)
    const wrongKind = await ask({ op: 'validate', as: 'access', algorithm, key: key.verify, token: theirs })
    check(`${algorithm}: the crate tells the library's two tokens apart`, wrongKind.error === 'token.kind', wrongKind)
    const broken = theirs.slice(0, -6) + (theirs.slice(-6) === 'AAAAAA' ? 'BBBBBB' : 'AAAAAA')
    const forged = await ask({ op: 'validate', as: 'challenge', algorithm, key: key.verify, token: broken })
    check(`${algorithm}: the crate refuses a changed token`, forged.error !== undefined, forged)

    // Signed by the crate, checked by the library, and the other way round.
    const signed = await ask({ op: 'sign', key: own.secret, message: claims.nonce })
    check('both name the same identity', signed.did === own.did, signed)
    const accepted = await outcome(() => auth.verifyChallengeSignature(claims.nonce, signed, own.did))
    check("the library accepts the crate's signature", accepted === true, accepted)
    const signature = own.sign(claims.nonce)
    check('both sign alike, byte for byte', signature.value === signed.value, { signature, signed })
    const verified = await ask({ op: 'verify', nonce: read.payload.nonce, signature: own.sign(read.payload.nonce), did: own.did })
    check("the crate accepts the library's signature", verified.address === own.address, verified)

    // And neither accepts what belongs to somebody else; the crate refuses a malleated one, the library does not.
    const stranger = wallet()
    const foreign = { ...stranger.sign(claims.nonce), keyId: signature.keyId }
    check("the library refuses another's signature", await outcome(() => auth.verifyChallengeSignature(claims.nonce, foreign, own.did)) !== true)
    const refused = await ask({ op: 'verify', nonce: claims.nonce, signature: foreign, did: own.did })
    check("the crate refuses another's signature", refused.error === 'signature.mismatch', refused)
    const high = twin(signature)
    check('the library accepts a high s', await outcome(() => auth.verifyChallengeSignature(claims.nonce, high, own.did)) === true)
    const strict = await ask({ op: 'verify', nonce: claims.nonce, signature: high, did: own.did })
    check('the crate refuses a high s', strict.error === 'signature.mismatch', strict)
  }
}

const another = await ask({ op: 'challenge', algorithm: 'hmac', key: otherHmac, did: wallet().did })
const foreignKey = await outcome(() => auth.validateChallengeToken(another.token, 'hmac', hmac))
check("the library refuses the crate's token of another key", typeof foreignKey === 'string', foreignKey)
const crossed = await ask({ op: 'validate', as: 'challenge', algorithm: 'hmac', key: rsa.publicKey, token: await auth.generateChallengeToken(wallet().did, 'rsa', rsa.privateKey) })
check('the crate takes no RSA token for one of HMAC', crossed.error === 'token.algorithm', crossed)
const document = await dids.resolve(wallet().did)
check('the library resolves did:eth as the contract says', document.authentication[0] === document.publicKey[0].id, document)
end()

for (const [what, count] of counts) console.log(`${String(count).padStart(4)}  ${what}`)
failures.slice(0, 20).forEach((failure) => console.error(`FAILED ${failure}`))
console.log(`${passed} passed, ${failures.length} failed`)
// The library's chain client keeps the process alive.
process.exit(failures.length === 0 ? 0 : 1)
