import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { parseAddress } from '../../src/kernel/address.ts'
import { readSound } from '../../src/lab/audio.ts'
import { startCaller, type Caller } from '../../src/lab/caller.ts'
import { readMail } from '../../src/mail/read.ts'
import { compare } from '../../src/media/ears/compare.ts'
import { readWav } from '../../src/media/wav.ts'
import { rfcTimers } from '../../src/sip/transaction/timers.ts'
import { quickLab } from '../support/quick-lab.ts'
import { wholeRealWorld } from '../support/own-process.ts'
import { events, serve, type Served } from '../support/served.ts'
import { temporaryFolder } from '../support/stage.ts'

interface MailboxAnswer {
  readonly mails: readonly { readonly id: string; readonly kind: string }[]
}

const mailbox = async ({ control }: Served): Promise<MailboxAnswer> =>
  (await (await fetch(`${control}/mailboxes/1001`)).json()) as MailboxAnswer

async function callTo(lab: Served, data: string): Promise<Caller> {
  return startCaller({
    world: wholeRealWorld,
    data,
    from: 'sip:+4533120100@localhost',
    hop: { transport: 'udp', ...parseAddress(lab.roles['pbx']?.['udp'] ?? '') },
    bind: '127.0.0.1',
    hosts: { 'pbx.inside.test': '127.0.10.10' },
    srtp: false,
    anchors: [],
    headers: [],
    timers: { ...rfcTimers, t2: 500, byeAnswer: 500 },
  })
}

/** Calls 1001 and says something after the tone; what comes next is the caller's affair. */
async function speak(
  caller: Caller,
  pcm: Int16Array,
): Promise<{ press(digits: string): Promise<void>; ended: Promise<unknown> }> {
  const call = await caller.phone.call('sip:1001@pbx.inside.test')
  if (call.type !== 'answered') throw new Error(`refused with ${call.status} ${call.reason}`)
  expect(await call.tone(20_000), 'the tone').to.equal(true)
  expect(await call.say(pcm), 'said to its end').to.equal(true)
  return call
}

describe('kill -9 of the serving process', function () {
  this.timeout(90_000)

  it('loses no finished message, doubles none, and keeps the half-recorded one to within 0.5 s', async () => {
    const folder = await temporaryFolder()
    const lab = await quickLab(folder.path, (text) => text.replace('silence: 600ms', 'silence: 3s'), 500)
    const options = ['--lab', lab, '--data', join(folder.path, 'lab')]
    const message = (await readSound('scenarios/audio/message-carl.wav')).subarray(0, 4 * 8000)
    const half = message.subarray(0, 3 * 8000)
    const callers: Caller[] = []
    let served = await serve(...options)
    try {
      const fault = { at: 'message', reply: '451 4.3.2 not now', times: 1000 }
      expect(
        (await fetch(`${served.control}/faults/smtp`, { method: 'POST', body: JSON.stringify(fault) })).status,
      ).to.equal(201)

      // A finished message whose mail is being retried.
      const followed = await events(served.control)
      const retried = (async () => {
        for await (const event of followed) if (event.type === 'mail.retry') return
      })()
      const first = await callTo(served, join(folder.path, 'first'))
      callers.push(first)
      const whole = await speak(first, message)
      await whole.press('#')
      await whole.ended
      await retried

      // Another that is being spoken.
      const second = await callTo(served, join(folder.path, 'second'))
      callers.push(second)
      await speak(second, half)
      await served.kill()

      served = await serve(...options)
      const delivered = await events(served.control)
      let found = await mailbox(served)
      while (found.mails.length < 2) {
        await delivered.next()
        found = await mailbox(served)
      }
      await delivered.return(undefined)
      const mails = await Promise.all(
        found.mails.map(async ({ id }) =>
          readMail(new Uint8Array(await (await fetch(`${served.control}/mailboxes/1001/mails/${id}`)).arrayBuffer())),
        ),
      )
      expect(mails.map((m) => m.kind)).to.deep.equal(['voice', 'voice'])
      const recordings = mails
        .map((m) => readWav(m.wav ?? new Uint8Array()).samples)
        .sort((a, b) => b.length - a.length)
      const [longer = new Int16Array(), shorter = new Int16Array()] = recordings
      expect(compare(message, longer).correlation, 'the finished message').to.be.at.least(0.9)
      const cut = compare(half, shorter)
      expect(cut.correlation, 'the half-recorded message').to.be.at.least(0.85)
      expect(Math.abs(cut.durationDifferenceMs), 'ms lost of what was spoken').to.be.at.most(500)
      expect(await served.stop()).to.equal(0)
      expect(
        await readdir(join(folder.path, 'lab', 'recordings')).then((f) => f.filter((n) => n.endsWith('.json'))),
      ).to.deep.equal([])
    } finally {
      await served.kill()
      await Promise.all(callers.map((c) => c.close()))
      await folder.remove()
    }
  })
})
