import { expect } from 'chai'
import { ladderTitles, stationsOf } from '../support/report-page.ts'
import { playAnswered, playRefused, type Passed, type Stage } from '../support/report-calls.ts'
import { passed, written } from '../support/report-fixture.ts'

async function pageOf(play: (stage: Stage) => void): Promise<string> {
  const report = await written([{ result: passed, play }])
  const page = await report.read('index.html')
  await report.remove()
  return page
}

const between = (page: string): string[] =>
  ladderTitles(page).flatMap((title) => /, (\S+ to \S+) over /.exec(title)?.[1] ?? [])

const register: Passed = {
  from: 'caller 127.0.10.10:40001',
  to: 'pbx 127.0.10.10:5060',
  transport: 'udp',
  line: 'REGISTER sip:pbx.inside.test SIP/2.0',
  cseq: '1 REGISTER',
}

describe('the ladder of a report', () => {
  it('draws each message of a call once, from the station that sent it to the one that received it', async () => {
    const rows = ladderTitles(await pageOf(playAnswered)).filter((title) => title.includes(' over '))
    expect(rows.map((row) => row.replace(/^[\d.]+ s, | sip:\S+$/g, ''))).to.deep.equal([
      'caller to pbx over udp: INVITE',
      'pbx to caller over udp: 180 Ringing',
      'pbx to sbc over tcp: INVITE',
      'sbc to voicemail over tls: INVITE',
      'voicemail to sbc over tls: 200 OK',
      'sbc to pbx over tcp: 200 OK',
      'pbx to caller over udp: 200 OK',
      'caller to pbx over udp: ACK',
      'pbx to sbc over tcp: ACK',
      'sbc to voicemail over tls: ACK',
      'caller to pbx over udp: BYE',
      'pbx to sbc over tcp: BYE',
      'sbc to voicemail over tls: BYE',
      'voicemail to sbc over tls: 200 OK',
      'sbc to pbx over tcp: 200 OK',
      'pbx to caller over udp: 200 OK',
    ])
  })

  it('stands the telephone before the road and the stations in its order', async () => {
    expect(stationsOf(await pageOf(playAnswered))).to.deep.equal(['caller', 'pbx', 'sbc', 'voicemail', 'exchange'])
  })

  it('notes refusals and mail, and takes a challenge for what it is', async () => {
    const page = await pageOf(playAnswered)
    const titles = ladderTitles(page)
    expect(titles).to.include.members(['POST /EWS/Exchange.asmx 401', 'mail delivered to anna.berg'])
    expect(titles.some((t) => t.startsWith('authorization refused by ews: 401 2000005;'))).to.equal(true)
    expect(page).to.contain('<g class="note"><title>POST /EWS/Exchange.asmx 401</title>')
    expect(page).to.contain('<g class="note bad"><title>mail, attempt 1: deferred, 451 4.3.2')
  })

  it('names who refused a certificate and why', async () => {
    const titles = ladderTitles(await pageOf(playRefused))
    expect(titles).to.include('refuses TLS: certificate-expired, sbc.edge.test expired on 2026-06-01')
    expect(titles).to.include('refused by peer: voicemail.edge.test refused our certificate')
  })

  it('draws a retransmission as a message of its own', async () => {
    const page = await pageOf((stage) => {
      stage.saw('out', register)
      stage.saw('out', register)
      stage.saw('in', register)
      stage.saw('in', register)
    })
    expect(between(page)).to.deep.equal(['caller to pbx', 'caller to pbx'])
  })

  it('draws a message that was lost to where it went', async () => {
    const page = await pageOf((stage) => {
      stage.say('lab', { type: 'lab.started', roles: { pbx: { udp: '127.0.10.10:5060' } } })
      stage.saw('out', register)
    })
    expect(between(page)).to.deep.equal(['caller to pbx'])
  })

  it('knows the receiver on a socket that is bound to every address', async () => {
    const page = await pageOf((stage) => {
      stage.saw('out', register)
      stage.saw('in', { ...register, to: 'pbx 0.0.0.0:5060' })
      const answer = { ...register, line: 'SIP/2.0 200 OK' }
      stage.saw('out', { ...answer, from: 'pbx 0.0.0.0:5060', to: register.from })
      stage.saw('in', { ...answer, from: register.to, to: register.from })
    })
    expect(between(page)).to.deep.equal(['caller to pbx', 'pbx to caller'])
  })

  it('calls a stranger by its host, also one on the port that a station of ours has', async () => {
    const page = await pageOf((stage) => {
      stage.saw('in', { ...register, from: 'phone 192.0.2.7:5060', to: 'pbx 0.0.0.0:5060' })
      stage.saw('out', { ...register, from: 'pbx 127.0.10.10:41001', to: 'sbc 192.0.2.20:5060', transport: 'tcp' })
    })
    expect(between(page)).to.deep.equal(['192.0.2.7 to pbx', 'pbx to 192.0.2.20'])
    expect(stationsOf(page)).to.deep.equal(['192.0.2.7', 'pbx', '192.0.2.20'])
  })

  it('gives every row a text that its arrow leads to', async () => {
    const page = await pageOf(playAnswered)
    const links = [...page.matchAll(/<a href="#([^"]*-e\d+)">/g)].map(([, id]) => id)
    const targets = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id)
    expect(links).to.have.length.above(20)
    expect(targets).to.include.members(links)
    expect(new Set(targets)).to.have.property('size', targets.length)
  })

  it('shows UTF-8 as it was meant', async () => {
    const name = Buffer.from('From: "Jürgen"').toString('latin1')
    const page = await pageOf((stage) => stage.pass({ ...register, headers: [name] }))
    expect(page).to.contain('From: &#34;Jürgen&#34;')
  })
})
