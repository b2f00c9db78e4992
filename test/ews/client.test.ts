import { expect } from 'chai'
import type { OofAnswer } from '../../src/ews/client.ts'
import type { HttpClient, HttpReply } from '../../src/kernel/http.ts'
import { PosternError } from '../../src/kernel/errors.ts'
import { alice, contoso, makeIdentities, type Contoso, type Identities } from '../exchange/contoso.ts'

const hour = 3_600_000

describe('asking for the out-of-office state', () => {
  let identities: Identities
  let lab: Contoso

  before(() => {
    identities = makeIdentities()
  })
  beforeEach(() => {
    lab = contoso(identities)
  })

  const purposes = (): string[] =>
    lab.events.flatMap((e) => (e.type === 'ews.request' ? [`${e.purpose} ${e.status ?? '-'}`] : []))
  const answering =
    (reply: Partial<HttpReply>): HttpClient =>
    async (order) =>
      order.url.includes('tokens') ? lab.http(order) : { status: 200, headers: {}, body: new Uint8Array(), ...reply }
  const textOf = (answer: OofAnswer): string => (answer.known ? 'known' : answer.text)

  it('uses one token until near its end, then asks for another', async () => {
    const oof = lab.client()
    for (const wait of [0, 7 * hour, 0.98 * hour, 0.01 * hour]) {
      lab.clock.advance(wait)
      expect(await oof(alice)).to.include({ known: true })
    }
    const asked = 'GetUserOofSettings 200'
    expect(purposes()).to.deep.equal(['token 200', asked, asked, asked, 'token 200', asked])
  })
  it('asks for one token when two ask at once', async () => {
    const oof = lab.client()
    await Promise.all([oof(alice), oof('bob@contoso.test')])
    expect(purposes().filter((p) => p.startsWith('token'))).to.have.length(1)
  })
  it('discovers the realm by an empty Bearer, once', async () => {
    const oof = lab.client({ tokenUrl: 'https://mail.contoso.test/{realm}/tokens/OAuth/2' }, 'to discover')
    expect(await oof(alice)).to.include({ known: true })
    expect(await oof(alice)).to.include({ known: true })
    expect(purposes()).to.deep.equal([
      'realm-discovery 401',
      'token 200',
      'GetUserOofSettings 200',
      'GetUserOofSettings 200',
    ])
    expect(lab.orders[0]?.headers).to.deep.equal({ authorization: 'Bearer' })
  })
  it('says that Exchange refused when its challenge names no realm', async () => {
    const challenges: HttpClient = () =>
      Promise.resolve({ status: 401, headers: { 'www-authenticate': 'Bearer client_id="x"' }, body: new Uint8Array() })
    const answer = await lab.client({ http: challenges }, 'to discover')(alice)
    expect(answer).to.include({ known: false, refusedBy: 'ews', status: 401 })
    expect(purposes()).to.deep.equal(['realm-discovery 401'])
  })
  it('drops a token that Exchange refuses: a held one is tried once more with a new one', async () => {
    const oof = lab.client()
    await oof(alice)
    lab.exchange.setAuthorization('application-disabled')
    expect(await oof(alice)).to.include({ known: false, refusedBy: 'ews' })
    const refused = 'GetUserOofSettings 401'
    expect(purposes().slice(2)).to.deep.equal([refused, 'token 200', refused])
    await oof(alice)
    expect(purposes().slice(5)).to.deep.equal(['token 200', refused])
    lab.exchange.setAuthorization('works')
    expect(await oof(alice)).to.include({ known: true })
  })
  it('says unreachable when the line fails, with what was said of it', async () => {
    const http: HttpClient = () => Promise.reject(new PosternError('network-connect', 'refused by 127.0.0.1:443'))
    const answer = await lab.client({ http })(alice)
    expect(answer).to.deep.equal({ known: false, refusedBy: 'unreachable', text: 'refused by 127.0.0.1:443' })
    expect(lab.events).to.deep.include.members([
      {
        type: 'ews.request',
        purpose: 'token',
        method: 'POST',
        url: 'https://mail.contoso.test/contoso.test/tokens/OAuth/2',
        text: 'refused by 127.0.0.1:443',
      },
    ])
  })
  it('says unreachable at its timeout, whatever still hangs', async () => {
    const answer = lab.client({ http: () => new Promise(() => undefined), timeoutMs: 2000 })(alice)
    lab.clock.advance(2000)
    expect(await answer).to.deep.equal({ known: false, refusedBy: 'unreachable', text: 'No answer within 2000 ms.' })
  })
  it('leaves no timer behind once it has answered', async () => {
    let waiting = 0
    const after = (ms: number, task: () => void): (() => void) => {
      waiting += 1
      const cancel = lab.clock.after(ms, task)
      return () => {
        waiting -= 1
        cancel()
      }
    }
    const clock = { now: () => lab.clock.now(), wall: () => lab.clock.wall(), after }
    expect(await lab.client({ clock })(alice)).to.include({ known: true })
    expect(waiting).to.equal(0)
  })
  it('never rejects, not on a key that cannot sign either', async () => {
    const application = { appId: 'x', signingKey: 'no key', certificate: 'none' }
    expect(await lab.client({ application })(alice)).to.include({ known: false, refusedBy: 'unreachable' })
  })
  it('takes no answer for a state that is none', async () => {
    const said = async (reply: Partial<HttpReply>): Promise<string> =>
      textOf(await lab.client({ http: answering(reply) })(alice))
    expect(await said({ body: Buffer.from('<html/>') })).to.contain('ErrorSchemaValidation')
    expect(await said({ status: 503 })).to.equal('Exchange answered 503.')
    expect(await said({ status: 302, headers: { location: 'https://evil.test' } })).to.equal('Exchange answered 302.')
    expect(await said({ status: 401 })).to.contain('no diagnostics')
    expect(await said({ body: Buffer.alloc(300_000, 0x20) })).to.contain('larger than')
  })
  it('takes no token from an answer that has none', async () => {
    for (const body of ['', '[]', '{"access_token":1}', '{"access_token":"x","expires_in":"-1"}', 'null']) {
      const http: HttpClient = () => Promise.resolve({ status: 200, headers: {}, body: Buffer.from(body) })
      expect(await lab.client({ http })(alice)).to.include({ known: false, refusedBy: 'authorization-server' })
    }
  })
})
