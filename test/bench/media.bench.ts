import { writeRtp } from '../../src/media/rtp.ts'
import { srtpKey } from '../support/media-lab.ts'
import { fourLegCall } from './four-leg-call.ts'
import { compare, report } from './measure.ts'
import { NodeSrtp } from './node-srtp.ts'

const seconds = 30
/** What a second of the call protects, and what it unprotects: 50 packets each way. */
const packetsPerSecond = 100

const began = process.cpuUsage()
const summaries = await fourLegCall(seconds)
const first = process.cpuUsage(began)
for (const { sent, received, lost, rejected } of summaries) {
  const right = sent === 50 * seconds && received === sent && lost === 0 && rejected === 0
  if (!right) throw new Error(`the call is not whole: ${JSON.stringify(summaries)}`)
}
console.log(
  `four legs, ${seconds} s: the first call of the process took ${(first.user + first.system) / 1000} ms of CPU`,
)

const node = new NodeSrtp(srtpKey('bench'))
const rtp = writeRtp({
  payloadType: 0,
  marker: false,
  sequence: 1,
  timestamp: 0,
  ssrc: 1,
  payload: new Uint8Array(160),
})
const srtp = node.protect(rtp)

const perSecond = await compare({
  what: `CPU per call-second of four legs: RTP, RTP bridged to SRTP, SRTP; both ends record`,
  operations: seconds,
  ours: { name: 'ours, all of it', run: () => fourLegCall(seconds) },
  reference: {
    name: 'node:crypto, the SRTP alone',
    run() {
      for (let n = 0; n < seconds * packetsPerSecond; n++) node.protect(rtp)
      for (let n = 0; n < seconds * packetsPerSecond; n++) node.unprotect(srtp)
    },
  },
})
console.log(report(perSecond))
