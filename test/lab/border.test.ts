import { expect } from 'chai'
import { inThreadMedia } from '../../src/media/in-thread.ts'
import { createNetwork } from '../../src/net/network.ts'
import { hostsResolver } from '../../src/net/resolver.ts'
import type { WireTap } from '../../src/net/tap.ts'
import { startLab } from '../../src/lab/lab.ts'
import { loadLab } from '../../src/lab/load.ts'
import type { LabFile } from '../../src/lab/schema.ts'
import { realWorld, type World } from '../../src/lab/world.ts'
import { labCertificates, temporaryFolder } from '../support/stage.ts'

const inside = ['127.0.10.', 'inside.test', 'pbx']

/** Every byte that the SBC sends outside in one call that is diverted to voicemail: SIP as it is before TLS, RTP as it is on the wire. */
async function sentOutside(
  change: (file: LabFile) => LabFile = (file) => file,
): Promise<{ sip: Buffer; rtp: number; all: Buffer }> {
  const loaded = await loadLab('labs/embedded.yaml')
  const file = change(loaded.file)
  const folder = await temporaryFolder()
  const writes: WireTap[] = []
  const tap = (write: WireTap): void => {
    const outward = write.direction === 'out' && write.local.host === file.sbc.outside.bind
    if (outward) writes.push({ ...write, bytes: write.bytes.slice() })
  }
  const world: World = {
    ...realWorld,
    media: (recordings, emit) => {
      const { clock, random } = realWorld
      const network = createNetwork({ clock, emit: () => undefined, resolver: hostsResolver({}), tap })
      return Promise.resolve(inThreadMedia({ network, store: realWorld.store(recordings), clock, random, emit }))
    },
  }
  const lab = await startLab({
    ...loaded,
    file,
    world,
    certificates: await labCertificates(),
    data: folder.path,
    outsideTap: tap,
  })
  try {
    const phone = await lab.phone({ name: 'caller', from: '+4533120100', displayName: 'Carl Jensen' })
    const call = await phone.call('1001')
    if (call.type !== 'answered') throw new Error(`refused: ${call.status}`)
    await call.press('5')
    await call.hangUp()
  } finally {
    await lab.close()
    await folder.remove()
  }
  const bytes = (transport: string): Buffer =>
    Buffer.concat(writes.filter((w) => w.transport === transport).map((w) => w.bytes))
  return {
    sip: bytes('tls'),
    rtp: writes.filter((w) => w.transport === 'udp').length,
    all: Buffer.concat(writes.map((w) => w.bytes)),
  }
}

const found = (bytes: Buffer): readonly string[] =>
  inside.filter((name) => bytes.toString('latin1').toLowerCase().includes(name))

describe('the border', function () {
  this.timeout(30_000)

  it('shows nothing of the inside outside: not in SIP, not in SDP, not in media', async () => {
    const sent = await sentOutside()
    const sip = sent.sip.toString('latin1')
    expect(sip)
      .to.include('INVITE sip:7000@')
      .and.to.include('Diversion: <sip:1001@sbc.edge.test>;reason=no-answer')
      .and.to.include('BYE ')
    expect(sent.rtp, 'datagrams sent outside').to.be.greaterThan(10)
    expect(found(sent.all)).to.deep.equal([])
  })

  it('is caught when an inside address is planted in what the SBC advertises', async () => {
    const sent = await sentOutside((file) => ({
      ...file,
      hosts: { 'sbc.edge.test': '127.0.20.20' },
      sbc: { ...file.sbc, outside: { ...file.sbc.outside, advertise: '127.0.10.20' } },
    }))
    expect(found(sent.all)).to.include('127.0.10.')
  })
})
