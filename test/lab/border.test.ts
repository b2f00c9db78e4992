import { expect } from 'chai'
import type { WireTap } from '../../src/net/tap.ts'
import { startLab } from '../../src/lab/lab.ts'
import { loadLab } from '../../src/lab/load.ts'
import type { LabFile } from '../../src/lab/schema.ts'
import { virtualCertificates, virtually } from '../support/virtually.ts'

const inside = ['127.0.10.', 'inside.test', 'pbx']

interface Sent {
  readonly sip: Buffer
  readonly rtp: number
  readonly all: Buffer
}

/** Every byte that the SBC sends outside in one call that is diverted to voicemail: SIP as it is before TLS, RTP as it is on the wire. */
async function sentOutside(change: (file: LabFile) => LabFile = (file) => file): Promise<Sent> {
  const loaded = await loadLab('labs/embedded.yaml')
  const file = change(loaded.file)
  const writes: WireTap[] = []
  const tap = (write: WireTap): void => {
    const outward = write.direction === 'out' && write.local.host === file.sbc.outside.bind
    if (outward) writes.push({ ...write, bytes: write.bytes.slice() })
  }
  const call = virtually(
    async (world) => {
      const certificates = await virtualCertificates()
      const lab = await startLab({ ...loaded, file, world, certificates, data: '/lab', outsideTap: tap })
      const phone = await lab.phone({ name: 'caller', from: '+4533120100', displayName: 'Carl Jensen' })
      const talk = await phone.call('1001')
      if (talk.type !== 'answered') throw new Error(`refused: ${talk.status}`)
      await talk.press('5')
      await talk.hangUp()
      await lab.close()
    },
    undefined,
    (write) => {
      if (write.transport === 'udp') tap(write)
    },
  )
  await call()
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

describe('the border', () => {
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
