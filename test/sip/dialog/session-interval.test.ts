import { expect } from 'chai'
import {
  agreedBy,
  askedFields,
  asking,
  askingMore,
  grantedFields,
  granting,
  leastTaken,
  refusingInterval,
  withFields,
  type SessionInterval,
} from '../../../src/sip/dialog/session-interval.ts'
import type { SessionTimerOrder } from '../../../src/sip/face.ts'
import { request, response } from '../../support/fake-sip.ts'

const half: SessionTimerOrder = { expiresMs: 1_800_000, minMs: 90_000 }
const local: SessionInterval = { seconds: 600, refresher: 'local' }
const remote: SessionInterval = { seconds: 600, refresher: 'remote' }

const invite = (headers: Readonly<Record<string, string>>) => request('INVITE', 'sip:b', headers)
const timer = { Supported: 'timer' }
const text = (fields: Iterable<{ readonly name: string; readonly value: string }>): string[] =>
  [...fields].map(({ name, value }) => `${name}: ${value}`)

describe('what a session refresh request of ours asks for', () => {
  const asked = (order?: SessionTimerOrder, min = leastTaken(order), current?: SessionInterval) =>
    text(askedFields(asking(order, min, current)))

  it('is nothing without a setting and without a running timer', () => {
    expect(asked()).to.deep.equal([])
  })

  it('is the interval in whole seconds, the refresher left to the peer (RFC 4028 §7.1)', () => {
    expect(asked(half)).to.deep.equal(['Session-Expires: 1800'])
    expect(asked({ ...half, expiresMs: 90_001 })).to.deep.equal(['Session-Expires: 91'])
  })

  it('names the refresher where the setting does', () => {
    expect(asked({ ...half, refresher: 'uac' })).to.deep.equal(['Session-Expires: 1800;refresher=uac'])
  })

  it('says Min-SE above 90 s only (RFC 4028 §5)', () => {
    expect(asked({ ...half, minMs: 600_000 })).to.deep.equal(['Session-Expires: 1800', 'Min-SE: 600'])
  })

  it('is never under Min-SE, and never under 90 s (RFC 4028 §4)', () => {
    expect(asked({ expiresMs: 300_000, minMs: 600_000 })).to.deep.equal(['Session-Expires: 600', 'Min-SE: 600'])
    expect(asked({ expiresMs: 1000, minMs: 0 })).to.deep.equal(['Session-Expires: 90'])
  })

  it('keeps interval and refresher of a running timer, whatever the setting (RFC 4028 §7.4)', () => {
    for (const order of [undefined, half]) {
      expect(asked(order, 90, local)).to.deep.equal(['Session-Expires: 600;refresher=uac'])
      expect(asked(order, 90, remote)).to.deep.equal(['Session-Expires: 600;refresher=uas'])
    }
  })

  it('is the larger of the running interval and the largest Min-SE seen (RFC 4028 §7.4)', () => {
    expect(asked(half, 900, local)).to.deep.equal(['Session-Expires: 900;refresher=uac', 'Min-SE: 900'])
  })
})

describe('what is asked after a refusal', () => {
  const first = asking({ ...half, refresher: 'uac' }, 90)
  const refusal = (status: number, minSe?: string) =>
    response(status, 'No', minSe === undefined ? {} : { 'Min-SE': minSe })

  it('is the Min-SE of the 422, as interval and as Min-SE (RFC 4028 §7.3)', () => {
    const more = askingMore(first, refusal(422, '3600'))
    expect(text(askedFields(more))).to.deep.equal(['Session-Expires: 3600;refresher=uac', 'Min-SE: 3600'])
  })

  it('is nothing where the 422 wants no more than was asked, or does not say what it wants', () => {
    expect(askingMore(first, refusal(422, '1800'))).to.equal(undefined)
    expect(askingMore(first, refusal(422))).to.equal(undefined)
  })

  it('is nothing after any other status, and where nothing was asked', () => {
    expect(askingMore(first, refusal(500, '3600'))).to.equal(undefined)
    expect(askingMore(undefined, refusal(422, '3600'))).to.equal(undefined)
  })
})

describe('an interval that is too short (RFC 4028 §9)', () => {
  it('is refused with 422 and our Min-SE where the peer knows timers', () => {
    expect(refusingInterval(invite({ ...timer, 'Session-Expires': '599' }), 600)).to.deep.equal({
      status: 422,
      headers: [{ name: 'Min-SE', value: '600' }],
    })
  })

  it('is not refused where the peer could not ask again', () => {
    expect(refusingInterval(invite({ 'Session-Expires': '599' }), 600)).to.equal(undefined)
  })

  it('is none that is long enough, and none that is not asked', () => {
    expect(refusingInterval(invite({ ...timer, 'Session-Expires': '600' }), 600)).to.equal(undefined)
    expect(refusingInterval(invite(timer), 600)).to.equal(undefined)
  })

  it('begins at 90 s, whatever the setting', () => {
    expect([
      leastTaken(undefined),
      leastTaken({ ...half, minMs: 1000 }),
      leastTaken({ ...half, minMs: 90_500 }),
    ]).to.deep.equal([90, 90, 91])
  })
})

describe('what our 2xx grants', () => {
  const granted = (
    headers: Readonly<Record<string, string>>,
    order?: SessionTimerOrder,
    current?: SessionInterval,
  ): string[] => text(grantedFields(invite(headers), granting(invite(headers), order, current)))

  describe('by table 2 of RFC 4028 §9', () => {
    const rows = [
      ['not known', '', ['Session-Expires: 1200;refresher=uas']],
      ['known', '', ['Require: timer', 'Session-Expires: 1200;refresher=uac']],
      ['known', ';refresher=uac', ['Require: timer', 'Session-Expires: 1200;refresher=uac']],
      ['known', ';refresher=uas', ['Require: timer', 'Session-Expires: 1200;refresher=uas']],
    ] as const
    for (const [known, parameter, fields] of rows) {
      it(`with timers ${known} and "1200${parameter}" asked is "${fields.join(', ')}"`, () => {
        const headers = { ...(known === 'known' ? timer : {}), 'Session-Expires': `1200${parameter}` }
        for (const order of [undefined, half]) expect(granted(headers, order)).to.deep.equal(fields)
      })
    }
  })

  it('is our own interval where the peer knows timers and asks for none', () => {
    expect(granted(timer, half)).to.deep.equal(['Require: timer', 'Session-Expires: 1800;refresher=uac'])
    expect(granted(timer)).to.deep.equal([])
  })

  it('is nothing where neither the peer knows timers nor a proxy asks', () => {
    expect(granted({}, half)).to.deep.equal([])
    expect(granted({}, half, remote)).to.deep.equal([])
  })

  it('is not under the Min-SE of the request', () => {
    expect(granted({ ...timer, 'Min-SE': '3600' }, half)).to.deep.equal([
      'Require: timer',
      'Session-Expires: 3600;refresher=uac',
    ])
  })

  it('is made long enough where the peer cannot be refused (erratum 1687)', () => {
    const least = { ...half, minMs: 600_000 }
    expect(granted({ 'Session-Expires': '300' }, least)).to.deep.equal(['Session-Expires: 600;refresher=uas'])
    expect(granted({ 'Session-Expires': '300', 'Min-SE': '700' }, least)).to.deep.equal([
      'Session-Expires: 700;refresher=uas',
    ])
  })

  it('keeps a running timer and its refresher where a re-INVITE leaves them open', () => {
    expect(granted(timer, undefined, local)).to.deep.equal(['Require: timer', 'Session-Expires: 600;refresher=uas'])
    expect(granted(timer, undefined, remote)).to.deep.equal(['Require: timer', 'Session-Expires: 600;refresher=uac'])
    expect(granted({ ...timer, 'Session-Expires': '700' }, half, local)[1]).to.equal(
      'Session-Expires: 700;refresher=uas',
    )
  })

  it('changes the refresher where the request says so', () => {
    const [, expires] = granted({ ...timer, 'Session-Expires': '600;refresher=uac' }, half, local)
    expect(expires).to.equal('Session-Expires: 600;refresher=uac')
  })
})

describe('what a 2xx to us agrees on (RFC 4028 §7.2)', () => {
  const agreed = (value?: string) =>
    agreedBy(response(200, 'OK', value === undefined ? {} : { 'Session-Expires': value }).headers)

  it('is who refreshes, as we see it', () => {
    expect(agreed('600;refresher=uac')).to.deep.equal(local)
    expect(agreed('600;refresher=uas')).to.deep.equal(remote)
  })

  it('is us where it does not say', () => {
    expect(agreed('600')).to.deep.equal(local)
  })

  it('is no timer without the header', () => {
    expect(agreed()).to.equal(undefined)
  })
})

describe('headers of the engine beside those of a service', () => {
  it('leave alone what the service says itself', () => {
    const given = { headers: [{ name: 'x', value: '90' }] }
    const fields = [
      { name: 'Session-Expires', value: '1800' },
      { name: 'Min-SE', value: '600' },
    ]
    expect(withFields(given, fields)).to.deep.equal({ headers: [fields[1], given.headers[0]] })
    expect(withFields({}, fields)).to.deep.equal({ headers: fields })
  })
})
