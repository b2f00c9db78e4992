import { expect } from 'chai'
import type { Happening } from '../../src/lab/events.ts'
import { missingMail, refusedBy, wrongGreeting, type Blame } from '../../src/scenario/blame.ts'
import { happenings, type Said } from '../support/happenings.ts'

const tls = {
  side: 'server',
  local: { host: 'a', port: 1 },
  remote: { host: 'b', port: 2 },
  verdict: 'refused',
  names: [],
} as const
const refused = { callId: 'c', status: 403, text: 'no' } as const
const choice = { kind: 'standard', source: 'custom', because: 'x' } as const
const invited = {
  type: 'sip.message',
  direction: 'in',
  transport: 'tcp',
  local: tls.local,
  remote: tls.remote,
  callId: 'c',
  title: 'INVITE sip:7000@sbc',
  cseq: '1 INVITE',
  text: '',
} as const

describe('the station at fault for a refused call', () => {
  const by = (...events: readonly Said[]): Blame => refusedBy(happenings(...events), 403)

  it('is the one that refused a certificate, before all others', () => {
    const blame = by(['pbx', { type: 'pbx.refused', ...refused }], ['voicemail', { type: 'tls.refused', ...tls }])
    expect(blame).to.deep.equal({ station: 'voicemail', evidence: [2] })
  })

  it('is the furthest one down the road that said so', () => {
    const road = [
      ['voicemail', { type: 'voicemail.refused', ...refused }],
      ['sbc', { type: 'sbc.refused', ...refused }],
      ['pbx', { type: 'pbx.refused', ...refused }],
    ] as const
    expect(by(...road)).to.deep.equal({ station: 'voicemail', evidence: [1] })
    expect(by(...road.slice(1))).to.deep.equal({ station: 'sbc', evidence: [1] })
    expect(by(...road.slice(2))).to.deep.equal({ station: 'pbx', evidence: [1] })
  })

  it('is the last one that the call reached when nobody said anything', () => {
    const blame = by(['pbx', invited], ['sbc', invited], ['sbc', { ...invited, direction: 'out' }])
    expect(blame).to.deep.equal({ station: 'sbc', evidence: [2] })
  })

  it('is the PBX when the call reached nobody, the caller when it refused itself', () => {
    expect(refusedBy([], 503)).to.deep.equal({ station: 'pbx' })
    expect(refusedBy([], 486)).to.deep.equal({ station: 'caller' })
  })
})

describe('the station at fault for a wrong greeting', () => {
  const chosen = ['voicemail', { type: 'voicemail.greeting', callId: 'c', deposit: 'd', choice }] as const

  it('is voicemail, which chose it, with what it was told about the state', () => {
    const asked = ['voicemail', { type: 'ews.oof', smtp: 'a', active: false }] as unknown as Said
    expect(wrongGreeting(happenings(asked, chosen), 'other')).to.deep.equal({ station: 'voicemail', evidence: [1, 2] })
  })

  it('is the SBC, which carries the sound, when a greeting was chosen and nothing was heard', () => {
    expect(wrongGreeting(happenings(chosen), undefined)).to.deep.equal({ station: 'sbc', evidence: [1] })
  })

  it('is the PBX when an extension answered, else voicemail', () => {
    const answered = ['pbx', { type: 'pbx.answered', callId: 'c', extension: '1002' }] as const
    expect(wrongGreeting(happenings(answered), undefined)).to.deep.equal({ station: 'pbx', evidence: [1] })
    expect(wrongGreeting([], undefined)).to.deep.equal({ station: 'voicemail', evidence: [] })
  })
})

describe('the station at fault for a missing mail', () => {
  const spooled = { type: 'voicemail.spooled', deposit: 'd', kind: 'voice', messageId: 'm', recovered: false } as const

  for (const event of [
    { type: 'mail.undeliverable', id: 'd', to: 'a', text: '550' },
    { type: 'mail.retry', id: 'd', next: 5 },
    { type: 'exchange.mail', mailbox: 'a', outcome: 'refused' },
  ] as const) {
    it(`is exchange after ${event.type}`, () => {
      const events: readonly Happening[] = happenings(['voicemail', spooled], ['x', event])
      expect(missingMail(events)).to.deep.equal({ station: 'exchange', evidence: [2] })
    })
  }

  it('is voicemail when it took the call or kept the message, and the SBC when the call never came', () => {
    const delivered = ['exchange', { type: 'exchange.mail', mailbox: 'a', outcome: 'delivered' }] as const
    expect(missingMail(happenings(['voicemail', spooled], delivered))).to.deep.equal({
      station: 'voicemail',
      evidence: [1],
    })
    const kept = ['voicemail', { type: 'voicemail.kept', deposit: 'd', text: 'full' }] as const
    expect(missingMail(happenings(kept))).to.deep.equal({ station: 'voicemail', evidence: [1] })
    expect(missingMail([])).to.deep.equal({ station: 'sbc', evidence: [] })
  })
})
