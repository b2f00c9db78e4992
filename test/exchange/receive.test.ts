import { expect } from 'chai'
import type { Envelope, SmtpReply } from '../../src/kernel/smtp.ts'
import { alice, contoso, makeIdentities, type Contoso, type Identities } from './contoso.ts'

const from = 'voicemail@contoso.test'
const bob = 'bob@contoso.test'
const mail = (id = '<1@um>', contentClass = 'voice-ca'): Buffer =>
  Buffer.from(
    `Message-ID: ${id}\r\nContent-Class: ${contentClass}\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n` +
      '--b\r\nContent-Type: audio/wav\r\n\r\nx\r\n--b--\r\n',
  )
const brief = ({ code, enhanced }: SmtpReply): string => `${code} ${enhanced}`

describe('the receive connector', () => {
  let identities: Identities
  let lab: Contoso

  before(() => {
    identities = makeIdentities()
  })
  beforeEach(() => {
    lab = contoso(identities)
  })

  const rcpt = async (to: string): Promise<string> => brief(await lab.exchange.smtp.recipient(to, from))
  const data = async (message: Uint8Array, ...to: string[]): Promise<string> => {
    const envelope: Envelope = { from, to }
    return brief(await lab.exchange.smtp.message(envelope, message))
  }
  const outcomes = (): unknown[] =>
    lab.events.flatMap((e) => (e.type === 'exchange.mail' ? [`${e.mailbox} ${e.outcome}`] : []))

  it('takes senders with an address or none, and no others', async () => {
    const senders = [from, '', 'nobody', 'a b@c', 'a@b@c']
    const verdicts = await Promise.all(senders.map(async (s) => brief(await lab.exchange.smtp.sender(s))))
    expect(verdicts).to.deep.equal(['250 2.1.0', '250 2.1.0', '501 5.1.7', '501 5.1.7', '501 5.1.7'])
  })
  it('takes its own mailboxes and the postmaster, in any case', async () => {
    for (const to of [alice, 'ALICE@Contoso.TEST', 'postmaster@contoso.test', 'Postmaster'])
      expect(await rcpt(to)).to.equal('250 2.1.5')
  })
  it('refuses an unknown user and a foreign domain, each in its own words', async () => {
    expect(await rcpt('nobody@contoso.test')).to.equal('550 5.1.1')
    for (const to of ['alice@gmail.test', '1001', 'alice', '', 'alice@contoso.test.evil.test'])
      expect(await rcpt(to), to).to.equal('550 5.7.1')
    expect(await lab.exchange.smtp.recipient('x@gmail.test', from))
      .to.have.property('text')
      .contain('only Exchange mailboxes are accepted')
    expect(outcomes()).to.include('nobody@contoso.test refused')
  })
  it('delivers to every recipient and promotes the message class', async () => {
    expect(await data(mail(), alice, bob, 'ALICE@contoso.test')).to.equal('250 2.6.0')
    expect(outcomes()).to.deep.equal(['alice delivered', 'bob delivered'])
    const expected = {
      type: 'exchange.mail',
      mailbox: 'bob',
      id: '<1@um>',
      outcome: 'delivered',
      class: 'IPM.Note.Microsoft.Voicemail.UM.CA',
    }
    expect(lab.events).to.deep.include(expected)
    const [stored] = await lab.exchange.mails('1001')
    expect(Buffer.from(stored!.message).toString()).to.match(
      /^Return-Path: <voicemail@contoso\.test>\r\nReceived: by mail\.contoso\.test /,
    )
    expect(Buffer.from(stored!.message).subarray(-mail().length).equals(mail())).to.equal(true)
  })
  it('keeps one copy of a message sent twice, and says 250 both times', async () => {
    await data(mail(), alice)
    expect(await data(mail(), alice)).to.equal('250 2.6.0')
    expect(await data(mail('<2@um>'), alice)).to.equal('250 2.6.0')
    expect(outcomes()).to.deep.equal(['alice delivered', 'alice duplicate', 'alice delivered'])
    expect(await lab.exchange.mails(alice)).to.have.length(2)
  })
  it('keeps both of two messages without Message-ID', async () => {
    for (let i = 0; i < 2; i++) expect(await data(Buffer.from('Subject: x\r\n\r\nx'), alice)).to.equal('250 2.6.0')
    expect(await lab.exchange.mails(alice)).to.have.length(2)
  })
  it('answers 452 in one line when the store fails, and the next try completes the delivery', async () => {
    lab.mailboxes.failing = 'bob'
    const failed = await lab.exchange.smtp.message({ from, to: [alice, bob] }, mail())
    expect(brief(failed)).to.equal('452 4.3.1')
    expect(failed.text).not.to.match(/[\r\n]/)
    lab.mailboxes.failing = undefined
    expect(await data(mail(), alice, bob)).to.equal('250 2.6.0')
    expect(outcomes()).to.deep.equal(['alice delivered', 'bob refused', 'alice duplicate', 'bob delivered'])
  })
  it('answers 554 when no recipient is ours', async () => {
    expect(await data(mail(), 'x@gmail.test', '1001')).to.equal('554 5.5.1')
    expect(outcomes()).to.deep.equal(['x@gmail.test refused', '1001 refused'])
  })

  describe('with faults', () => {
    const fault = { code: 451, enhanced: '4.7.0', text: 'Try later', count: 2 }

    it('refuses a recipient as often as asked, then not', async () => {
      lab.exchange.fault({ ...fault, at: 'recipient' })
      expect([await rcpt(alice), await rcpt(bob), await rcpt(alice)]).to.deep.equal([
        '451 4.7.0',
        '451 4.7.0',
        '250 2.1.5',
      ])
    })
    it('refuses only the mailbox it names, by any of its names, other faults in turn', async () => {
      lab.exchange.fault({ ...fault, at: 'message', mailbox: '1001', count: 1 })
      lab.exchange.fault({ ...fault, at: 'message', mailbox: alice, count: 1, code: 550, enhanced: '5.7.1' })
      const tries = [
        await data(mail('<3@um>'), bob),
        await data(mail(), alice),
        await data(mail(), alice),
        await data(mail(), alice),
      ]
      expect(tries).to.deep.equal(['250 2.6.0', '451 4.7.0', '550 5.7.1', '250 2.6.0'])
      expect(await lab.exchange.mails('alice')).to.have.length(1)
    })
    it('refuses the sender, and nothing any more once cleared', async () => {
      lab.exchange.fault({ ...fault, at: 'sender', mailbox: 'alice' })
      expect(await lab.exchange.smtp.sender(from)).to.deep.equal({ code: 451, enhanced: '4.7.0', text: 'Try later' })
      lab.exchange.clearFaults()
      expect(brief(await lab.exchange.smtp.sender(from))).to.equal('250 2.1.0')
    })
  })

  it('names the mailboxes there are when asked for another', () => {
    expect(() => lab.exchange.mailbox('carol'))
      .to.throw('postmaster, alice, bob')
      .with.property('code', 'mailbox-unknown')
    expect(lab.exchange.mailbox('1002')).to.deep.include({ user: 'bob', smtp: bob, displayName: 'Bob' })
  })
})
