import { writeRtp } from '../../src/media/rtp.ts'
import { SrtpReceiver, SrtpSender } from '../../src/media/srtp.ts'
import { srtpKey } from '../support/media-lab.ts'
import { compare, report } from './measure.ts'
import { NodeSrtp } from './node-srtp.ts'

/** In one round: 20 ms of G.711 each. */
const packets = 2000
const key = srtpKey('bench')
const reference = 'node:crypto, objects per packet'

const plain = Array.from({ length: packets }, (_, sequence) =>
  writeRtp({
    payloadType: 0,
    marker: false,
    sequence,
    timestamp: 160 * sequence,
    ssrc: 1,
    payload: new Uint8Array(160).fill(sequence),
  }),
)
const node = new NodeSrtp(key)
const sealed = plain.map((rtp) => node.protect(rtp))
let last: unknown

function each<Packet>(all: readonly Packet[], work: (packet: Packet) => unknown): void {
  for (const packet of all) last = work(packet)
}

const protecting = await compare({
  what: 'SRTP protect, 160 bytes of payload',
  operations: packets,
  ours: {
    name: 'ours',
    run() {
      const sender = new SrtpSender(key)
      each(plain, (rtp) => sender.protect(rtp))
    },
  },
  reference: { name: reference, run: () => each(plain, (rtp) => node.protect(rtp)) },
})

const unprotecting = await compare({
  what: 'SRTP unprotect, 160 bytes of payload',
  operations: packets,
  ours: {
    name: 'ours',
    run() {
      const receiver = new SrtpReceiver(key)
      each(sealed, (srtp) => receiver.unprotect(srtp))
    },
  },
  reference: { name: reference, run: () => each(sealed, (srtp) => node.unprotect(srtp)) },
})

if (!(last instanceof Uint8Array)) throw new Error('the last packet was not let through')
console.log(report(protecting))
console.log(report(unprotecting))
