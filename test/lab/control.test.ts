import { expect } from 'chai'
import { PosternError } from '../../src/kernel/errors.ts'
import type { HttpResponse } from '../../src/kernel/http.ts'
import { controlFace } from '../../src/lab/control.ts'
import { FakeLab } from '../support/fake-lab.ts'
import { missedCall, voiceMail } from '../support/voice-mail.ts'

const address = 'anna.berg@postern.test'

interface Told {
  readonly status: number
  readonly value: Record<string, unknown>
}

describe('the control face', () => {
  let lab: FakeLab
  beforeEach(() => void (lab = new FakeLab()))

  const ask = (method: string, path: string, body: unknown = '', headers: Record<string, string> = {}) =>
    controlFace(lab)({
      method,
      path,
      headers,
      body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    })

  const textOf = ({ body }: HttpResponse): string =>
    body instanceof Uint8Array ? Buffer.from(body).toString() : 'a stream'

  const told = async (...order: Parameters<typeof ask>): Promise<Told> => {
    const response = await ask(...order)
    expect(response.headers['content-type']).to.equal('application/json')
    return { status: response.status, value: JSON.parse(textOf(response)) as Record<string, unknown> }
  }

  it('lists every route at /', async () => {
    const { status, value } = await told('GET', '/?x=1')
    expect(status).to.equal(200)
    const routes = (value['routes'] as string[]).map((route) => route.split(' —')[0])
    expect(routes).to.deep.equal([
      'GET /',
      'GET /health',
      'GET /mailboxes/{number or address}',
      'GET /mailboxes/{number or address}/mails/{id}',
      'PUT /mailboxes/{number or address}/automatic-replies',
      'GET /applications',
      'PATCH /applications/{id or name}',
      'PUT /authorization',
      'POST /faults/smtp',
      'DELETE /faults/smtp',
      'GET /events',
    ])
  })

  it('says that the lab is up, and where its roles listen', async () => {
    expect(await told('GET', '/health')).to.deep.equal({
      status: 200,
      value: { up: true, roles: { pbx: { udp: '127.0.10.10:5060' } } },
    })
  })

  it('reads a mailbox: whose it is, and its mails', async () => {
    lab.stored.push({ name: '17.M1:2,S', message: await voiceMail(new Int16Array(8000)) })
    lab.stored.push({ name: '18', message: await missedCall() })
    const { status, value } = await told('GET', '/mailboxes/1001')
    expect(status).to.equal(200)
    expect(value).to.deep.include({ displayName: 'Anna Berg', smtp: address })
    const [voice, missed] = value['mails'] as Record<string, unknown>[]
    expect(voice).to.include({ id: '17.M1:2,S', kind: 'voice', caller: '+4533120100', durationSeconds: 4 })
    expect(missed).to.include({ id: '18', kind: 'missed-call', subject: 'Missed call from +4533120100' })
  })

  it('finds a mailbox by its address, escaped as clients do or not', async () => {
    for (const path of [`/mailboxes/${address}`, `/mailboxes/${encodeURIComponent(address)}`]) {
      expect((await told('GET', path)).status, path).to.equal(200)
    }
  })

  it('hands out one mail as it lies there, whatever is in its name', async () => {
    const message = await missedCall()
    lab.stored.push({ name: '17.M1:2,S', message })
    const response = await ask('GET', `/mailboxes/1001/mails/${encodeURIComponent('17.M1:2,S')}`)
    expect([response.status, response.headers]).to.deep.equal([200, { 'content-type': 'message/rfc822' }])
    expect(response.body).to.equal(message)
    const missing = await told('GET', '/mailboxes/1001/mails/99')
    expect(missing).to.deep.equal({ status: 404, value: { error: 'no mail 99 in 1001' } })
  })

  it('sets automatic replies: off, on, or from one time to another', async () => {
    const window = { from: '2026-01-01T00:00:00Z', to: '2026-01-03T00:00:00+01:00' }
    for (const replies of ['off', 'on', window]) {
      expect((await told('PUT', '/mailboxes/1001/automatic-replies', JSON.stringify(replies))).status).to.equal(200)
    }
    expect(lab.log).to.deep.equal(['replies 1001 "off"', 'replies 1001 "on"', `replies 1001 ${JSON.stringify(window)}`])
  })

  it('lists the partner applications without their keys, and changes one', async () => {
    const { value } = await told('GET', '/applications')
    expect(value).to.deep.equal([{ name: 'CloudVoicemail', appId: 'db7de2b5', present: true, enabled: true, keys: 1 }])
    await told('PATCH', '/applications/CloudVoicemail', { enabled: false })
    await told('PATCH', '/applications/CloudVoicemail', { present: true })
    expect(lab.log).to.deep.equal([
      'application CloudVoicemail {"enabled":false}',
      'application CloudVoicemail {"present":true}',
    ])
  })

  it('breaks the authorization in one way', async () => {
    const { status, value } = await told('PUT', '/authorization', '"wrong-audience"')
    expect([status, value, lab.log]).to.deep.equal([
      200,
      { authorization: 'wrong-audience' },
      ['authorization wrong-audience'],
    ])
  })

  it('injects an SMTP fault, at the message and once unless told otherwise, and takes all back', async () => {
    const fault = { at: 'message', reply: '451 4.3.2 later', times: 1 }
    expect(await told('POST', '/faults/smtp', { reply: '451 4.3.2 later' })).to.deep.equal({
      status: 201,
      value: fault,
    })
    expect((await told('DELETE', '/faults/smtp')).status).to.equal(200)
    expect(lab.log).to.deep.equal([`smtp ${JSON.stringify(fault)}`, 'clear faults'])
  })

  for (const [method, path] of [
    ['GET', '/mailboxes/1009'],
    ['GET', '/mailboxes/1009/mails/1'],
    ['PUT', '/mailboxes/1009/automatic-replies'],
    ['PATCH', '/applications/nobody'],
  ] as const) {
    it(`answers 404 to ${method} ${path}, with the code`, async () => {
      const { status, value } = await told(method, path, method === 'PUT' ? '"on"' : '{}')
      expect(status).to.equal(404)
      expect(value['code']).to.equal(method === 'PATCH' ? 'application-unknown' : 'mailbox-unknown')
    })
  }

  for (const [method, path, body, error] of [
    ['PUT', '/authorization', '', 'the body is not JSON'],
    ['PUT', '/authorization', '{"works"', 'the body is not JSON'],
    ['PUT', '/authorization', '"broken"', 'expected one of works, application-disabled'],
    ['PUT', '/mailboxes/1001/automatic-replies', '"maybe"', 'expected off, on or { from: …, to: … }'],
    ['PUT', '/mailboxes/1001/automatic-replies', '{"from": "monday", "to": "2026-01-01T00:00:00Z"}', 'expected a date'],
    ['PATCH', '/applications/CloudVoicemail', '{"enabled": "no"}', 'enabled expected true or false, found "no"'],
    ['PATCH', '/applications/CloudVoicemail', '{"disabled": true}', 'disabled'],
    ['POST', '/faults/smtp', '{"reply": "250 ok"}', 'reply expected an SMTP reply such as "451 4.3.2 try later"'],
    ['POST', '/faults/smtp', '{"reply": "451", "times": 0}', 'times expected 1 or more, found 0'],
    ['GET', '/mailboxes/%E0%A4%A', '', 'is not escaped as a URL should be'],
  ] as const) {
    it(`answers 400 to ${method} ${path} with ${JSON.stringify(body)}, and changes nothing`, async () => {
      const { status, value } = await told(method, path, body)
      expect([status, value['code']]).to.deep.equal([400, 'request-invalid'])
      expect(value['error']).to.include(error)
      expect(lab.log).to.deep.equal([])
    })
  }

  it('answers 500 when the lab itself fails, a disk as much as a defect', async () => {
    lab.broken = new PosternError('store-failed', 'I/O error')
    expect(await told('GET', '/mailboxes/1001')).to.deep.equal({
      status: 500,
      value: { error: 'I/O error', code: 'store-failed' },
    })
    lab.broken = new TypeError('x is not a function')
    expect((await told('GET', '/mailboxes/1001')).value['code']).to.equal('lab-broken')
  })

  it('answers 404 to what is nowhere, and 405 with what is allowed to a method that does not go', async () => {
    for (const path of ['/nowhere', '/mailboxes', '/mailboxes/', '/health/x']) {
      expect((await told('GET', path)).status, path).to.equal(404)
    }
    const response = await ask('PUT', '/faults/smtp')
    expect([response.status, response.headers['allow']]).to.deep.equal([405, 'POST, DELETE'])
  })

  it('refuses a page whose name was pointed here (DNS rebinding)', async () => {
    const headers = { host: 'evil.test:8080', origin: 'http://evil.test:8080' }
    expect((await ask('PUT', '/authorization', '"works"', headers)).status).to.equal(403)
  })

  it('answers 403 to the page of another site, and lets its own page and other programs in', async () => {
    const from = (origin: string) => ask('PUT', '/authorization', '"works"', { host: '127.0.0.1:8080', origin })
    for (const origin of ['https://evil.test', 'null', 'http://127.0.0.1:8081', 'https://127.0.0.1:8080']) {
      expect((await from(origin)).status, origin).to.equal(403)
    }
    expect(lab.log).to.deep.equal([])
    expect((await from('http://127.0.0.1:8080')).status).to.equal(200)
    expect((await ask('PUT', '/authorization', '"works"', { host: '127.0.0.1:8080' })).status).to.equal(200)
  })
})
