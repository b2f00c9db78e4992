import { expect } from 'chai'
import { unchanging } from '../../src/call/unchanging.ts'
import type { Reply } from '../../src/sip/face.ts'
import { request } from '../support/fake-sip.ts'
import { audio } from '../support/sdp-text.ts'

const type = 'application/sdp'
const ours = { type, bytes: audio(['m=audio 4000 RTP/AVP 0'], '10.0.0.1') }
const line = 'm=audio 5000 RTP/AVP 0'
const theirs = audio([line])
const held = Buffer.from(theirs).toString()

const asked = (body: string, description = ours, known: Uint8Array = theirs): Promise<Reply> | undefined =>
  unchanging(description, () => known).reinvite?.(request('INVITE', 'sip:us', { 'Content-Type': type }, body))

describe('a session whose descriptions never change', () => {
  it('is refreshed with what was said last (RFC 4028 §7.4)', () => {
    expect(unchanging(ours, () => theirs).description?.()).to.equal(ours)
    expect(unchanging(undefined, () => theirs).description?.()).to.equal(undefined)
  })

  const unchanged = [
    ['that says the same again', held],
    ['of the same o= line, though it lists other formats (RFC 3264 §8)', held.replace(' 0\r', ' 0 8\r')],
    ['that counts the version up and changes nothing', held.replace('o=- 1 1', 'o=- 1 2')],
    ['without a body', ''],
  ] as const
  for (const [what, body] of unchanged) {
    it(`answers a re-INVITE ${what} with what was said last`, async () => {
      expect(await asked(body)).to.deep.equal({ status: 200, body: ours })
    })
  }

  const changed = [
    ['another port', held.replace('o=- 1 1', 'o=- 1 2').replace('5000', '5002')],
    ['hold', `${held.replace('o=- 1 1', 'o=- 1 2')}a=sendonly\r\n`],
    ['nothing that can be read', 'x'],
  ] as const
  for (const [what, body] of changed) {
    it(`refuses a re-INVITE that asks for ${what} with 488`, async () => {
      expect(await asked(body)).to.deep.equal({ status: 488 })
    })
  }

  it('refuses one where nothing was said yet', async () => {
    const { reinvite } = unchanging(undefined, () => theirs)
    expect(await reinvite?.(request('INVITE', 'sip:us'))).to.deep.equal({ status: 488 })
  })

  it('waits for a description that is still to come', async () => {
    const { reinvite } = unchanging(ours, () => Promise.resolve(theirs))
    expect(await reinvite?.(request('UPDATE', 'sip:us', {}, held))).to.deep.equal({ status: 200, body: ours })
  })
})
