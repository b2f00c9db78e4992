import { expect } from 'chai'
import type { LabEvent } from '../../../src/lab/events.ts'
import type { Plan } from '../../../src/scenario/explore/plan.ts'
import { brokenPromise, unsettled, type Broken, type MailboxIds } from '../../../src/scenario/explore/promises.ts'
import type { ScenarioResult, Verdict } from '../../../src/scenario/result.ts'
import { happenings } from '../../support/happenings.ts'

const host = 'voicemail.edge.test'
const report = 'key.non-delivery'

const answered = (deposit: string): LabEvent => ({
  type: 'voicemail.answered',
  callId: 'c1',
  deposit,
  mailbox: '1001',
  caller: '+4533120100',
})
const spooled = (id: string, note?: string): LabEvent => ({
  type: 'mail.spooled',
  id,
  to: 'anna.berg@postern.test',
  bytes: 900,
  ...(note !== undefined && { note }),
})
const mail = (id: string, outcome: 'delivered' | 'duplicate' | 'refused'): LabEvent => ({
  type: 'exchange.mail',
  mailbox: '1001',
  id: `<${id}@${host}>`,
  outcome,
})
const undeliverable = (id: string): LabEvent => ({ type: 'mail.undeliverable', id, to: 'x@postern.test', text: '550' })

const open = (...events: readonly LabEvent[]): readonly string[] =>
  unsettled(happenings(...events.map((event) => ['voicemail', event] as const)))

describe('a deposit that was answered', () => {
  it('is open until it has come to an end', () => {
    expect(open(answered('d1'))).to.deep.equal(['d1'])
    expect(open(answered('d1'), spooled('d1'))).to.deep.equal(['d1'])
  })

  it('has come to its end in a mailbox, also when it lies there already', () => {
    expect(open(answered('d1'), spooled('d1'), mail('d1', 'delivered'))).to.deep.equal([])
    expect(open(answered('d1'), spooled('d1'), mail('d1', 'duplicate'))).to.deep.equal([])
  })

  it('is open when it was refused, and when it was given up alone', () => {
    expect(open(answered('d1'), mail('d1', 'refused'), undeliverable('d1'))).to.deep.equal(['d1'])
  })

  it('has come to its end when the postmaster has the report of it, and not before', () => {
    const given = [answered('d1'), spooled('d1'), undeliverable('d1'), spooled(report, 'non-delivery of d1')]
    expect(open(...given)).to.deep.equal(['d1'])
    expect(open(...given, mail(report, 'refused'))).to.deep.equal(['d1'])
    expect(open(...given, mail(report, 'delivered'))).to.deep.equal([])
  })

  it('has come to its end when the report of it is set aside for a person', () => {
    const given = [answered('d1'), spooled(report, 'non-delivery of d1')]
    expect(open(...given, undeliverable(report))).to.deep.equal([])
  })

  it('is told apart from others', () => {
    const given = [answered('d1'), answered('d2'), answered('d3'), spooled(report, 'non-delivery of d2')]
    expect(open(...given, mail('d3', 'delivered'), mail(report, 'delivered'))).to.deep.equal(['d1'])
  })
})

const result = (verdict: Verdict, summary = ''): ScenarioResult => ({
  name: 's',
  file: 's.yaml',
  verdict,
  summary,
  durationMs: 1,
  startedAt: 0,
  steps: [],
  calls: [],
  mails: [],
})

interface Play {
  readonly harmless?: boolean
  readonly result?: ScenarioResult
  readonly events?: readonly LabEvent[]
  readonly mailboxes?: MailboxIds
}

const brokenBy = (play: Play): Broken | undefined => {
  const plan: Plan = { seed: 7, faults: [], harmless: play.harmless ?? false }
  const events = happenings(...(play.events ?? []).map((event) => ['voicemail', event] as const))
  return brokenPromise(plan, play.result ?? result('passed'), events, play.mailboxes ?? new Map())
}

const double: MailboxIds = new Map([
  ['1001', ['<a@h>', '<b@h>']],
  ['1002', ['<c@h>', '<d@h>', '<c@h>']],
])

describe('a promise is broken', () => {
  it('by a deposit that is nowhere, and all that is known of it is told', () => {
    expect(
      brokenBy({ events: [answered('d0'), mail('d0', 'delivered'), answered('d1'), mail('d1', 'refused')] }),
    ).to.deep.equal({
      promise: 'nothing lost',
      text: 'deposit d1 is in no mailbox and was not reported: voicemail.answered at 2 ms, exchange.mail at 3 ms',
    })
  })

  it('by a mailbox that holds one mail twice', () => {
    expect(brokenBy({ mailboxes: double })).to.deep.equal({
      promise: 'nothing twice',
      text: 'mailbox 1002 holds <c@h> more than once',
    })
  })

  it('by a scenario that fails where nothing could be noticed', () => {
    expect(brokenBy({ harmless: true, result: result('failed', 'voicemail: silence') })).to.deep.equal({
      promise: 'a harmless network changes nothing',
      text: 'voicemail: silence',
    })
  })

  it('by a scenario that breaks, before all else', () => {
    const broken = result('broken', 'something threw')
    expect(brokenBy({ harmless: true, result: broken, events: [answered('d1')], mailboxes: double })).to.deep.equal({
      promise: 'the process lives on',
      text: 'something threw',
    })
  })

  it('first by what is lost, then by what is there twice, then by what was disturbed', () => {
    const failed = result('failed')
    const lost: Play = { harmless: true, result: failed, events: [answered('d1')], mailboxes: double }
    expect(brokenBy(lost)?.promise).to.equal('nothing lost')
    expect(brokenBy({ ...lost, events: [] })?.promise).to.equal('nothing twice')
    expect(brokenBy({ ...lost, events: [], mailboxes: new Map() })?.promise).to.equal(
      'a harmless network changes nothing',
    )
  })
})

describe('no promise is broken', () => {
  it('when a deposit was delivered once, and harmless plans pass', () => {
    const mailboxes = new Map([
      ['1001', ['<a@h>', '<b@h>']],
      ['1002', ['<a@h>']],
    ])
    expect(brokenBy({ harmless: true, events: [answered('d1'), mail('d1', 'delivered')], mailboxes })).to.equal(
      undefined,
    )
  })

  it('when a scenario fails under a plan that is not harmless', () => {
    expect(brokenBy({ result: result('failed') })).to.equal(undefined)
  })
})
