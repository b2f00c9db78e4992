import { expect } from 'chai'
import { beep } from '../../src/media/ears/tone.ts'
import type { World } from '../../src/lab/world.ts'
import type { Hop } from '../../src/sip/face.ts'
import { Peer } from '../support/peer.ts'
import { heardHz } from '../support/role-lab.ts'
import { audio } from '../support/sdp-text.ts'
import { passing, virtualIt } from '../support/virtually.ts'

describe('a call between two stations', () => {
  let world: World
  let peers: Peer[]

  const pair = async (srtp: boolean): Promise<{ one: Peer; two: Peer; hop: Hop }> => {
    const [one, two] = [
      await Peer.open({ world, bind: '127.0.10.1', transport: 'udp', srtp }),
      await Peer.open({ world, bind: '127.0.10.2', transport: 'udp', srtp }),
    ]
    peers = [one, two]
    return { one, two, hop: { transport: 'udp', host: '127.0.10.2', port: two.port } }
  }

  const it = virtualIt(
    (given) => {
      world = given
      peers = []
    },
    async () => {
      await passing(world.clock, 100)
      const media = peers.flatMap(({ log }) => log.openMedia)
      await Promise.all(peers.map((peer) => peer.close()))
      expect(media, 'media left open').to.deep.equal([])
    },
  )

  for (const srtp of [false, true]) {
    it(`carries sound both ways and digits over ${srtp ? 'SRTP' : 'RTP'}`, async () => {
      const { one, two, hop } = await pair(srtp)
      const coming = two.nextCall().then((call) => two.answer(call))
      const near = await one.talk('1001', hop)
      const far = await coming
      const digits: string[] = []
      far.media.onDigit((digit) => digits.push(digit))
      const heard = Promise.all([one.hear(near), two.hear(far)])
      await Promise.all([near.media.play(beep(600, 500)), far.media.play(beep(900, 500))])
      await near.media.sendDigits('1#')
      await near.hangUp()
      const [byNear, byFar] = await heard
      expect([heardHz(byNear), heardHz(byFar), digits]).to.deep.equal([[900], [600], ['1', '#']])
      expect((await far.ended).by).to.equal('remote')
    })
  }

  it('is over for both when both hang up at once', async () => {
    const { one, two, hop } = await pair(false)
    const coming = two.nextCall().then((call) => two.answer(call))
    const near = await one.talk('1001', hop)
    const far = await coming
    await Promise.all([near.hangUp(), far.hangUp()])
    expect([(await near.ended).by, (await far.ended).by]).not.to.include('failed')
  })

  it('ends with BYE, and without an open port, when the answer is one that was not offered', async () => {
    const { one, two, hop } = await pair(false)
    const ended = two.nextCall().then((call) => {
      const bytes = audio(['m=audio 40000 RTP/SAVP 0'], '127.0.10.2')
      return call.accept({ body: { type: 'application/sdp', bytes } }).ended
    })
    const placed = await one.call('1001', hop)
    expect(placed.type === 'unusable' && placed.error.code).to.equal('sdp-not-acceptable')
    expect((await ended).by).to.equal('remote')
    expect(one.log.openMedia).to.deep.equal([])
  })

  it('ends with BYE when the answer has no description at all', async () => {
    const { one, two, hop } = await pair(false)
    const ended = two.nextCall().then((call) => call.accept({}).ended)
    const placed = await one.call('1001', hop)
    expect(placed.type === 'unusable' && placed.error.code).to.equal('sdp-invalid')
    expect((await ended).by).to.equal('remote')
  })
})
