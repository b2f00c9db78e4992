import { listen, type HeardReference, type Recognition } from '../media/ears/recognise.ts'
import { writeWav } from '../media/wav.ts'
import type { Lab, PhoneCall, PhoneRefusal } from '../lab/face.ts'
import { refusedBy } from './blame.ts'
import { eventCheck, hearCheck, noEventCheck, type Found } from './checks.ts'
import type { Scenario } from './load.ts'
import { mailCheck, noMailCheck, noMoreMailCheck, type MailPorts } from './mail-checks.ts'
import type { CallResult, MailResult, StepResult } from './result.ts'
import type { Step } from './schema.ts'
import { stepText } from './step-text.ts'
import { TimeLimit } from './time-limit.ts'
import type { Watch } from './watch.ts'

interface Made {
  readonly from: string
  readonly to: string
  readonly answer: PhoneCall | PhoneRefusal
}

export interface Performed {
  readonly steps: readonly StepResult[]
  readonly calls: readonly CallResult[]
  readonly mails: readonly MailResult[]
}

type InCall = Extract<Step, { verb: 'tone' | 'say' | 'press' | 'hang-up' | 'ended' }>
type Action = InCall | Extract<Step, { verb: 'call' | 'refused' | 'kill' | 'start' }>

const notRun: Found = { verdict: 'not-run' }

/** Judged when the calls are over and all that could arrive has arrived, wherever they stand. */
const last: ReadonlySet<Step['verb']> = new Set(['hear', 'no-mail', 'no-more-mail', 'no-event'])

/**
 * The steps of one scenario, in their order: what callers do happens live, what was heard and what must never arrive is
 * judged when the calls are over. After an action that failed, only judgements go on.
 */
export class Performance {
  readonly #scenario: Scenario
  readonly #lab: Lab
  readonly #watch: Watch
  readonly #progress: (index: number, text: string) => void
  readonly #found = new Map<number, Found>()
  readonly #calls: {
    made: Made
    heard?: Int16Array
    transcript: readonly HeardReference[]
    nearest: Recognition['all']
  }[] = []
  readonly #mails: MailResult[] = []
  readonly #mailPorts: MailPorts
  readonly #limit: TimeLimit

  constructor(scenario: Scenario, lab: Lab, watch: Watch, progress: (index: number, text: string) => void) {
    this.#scenario = scenario
    this.#lab = lab
    this.#watch = watch
    this.#progress = progress
    this.#limit = new TimeLimit(lab.clock, scenario.file.takes)
    const { sounds } = scenario
    this.#mailPorts = { lab, watch, sounds, taken: new Set(), keep: (mail) => this.#mails.push(mail) }
  }

  async run(): Promise<Performed> {
    const steps = this.#scenario.file.steps
    let going = true
    for (const [index, step] of steps.entries()) {
      if (last.has(step.verb)) continue
      this.#progress(index, stepText(step))
      if (step.verb === 'mail') await this.#endCalls()
      const found: Found = going || step.verb === 'event' ? await this.#take(step, steps[index + 1]) : notRun
      this.#found.set(index, found)
      going &&= found.verdict === 'passed'
    }
    await this.#endCalls()
    await this.#judge(steps)
    return {
      steps: steps.map((step, i) => ({
        text: stepText(step),
        line: this.#scenario.lines[i] ?? 0,
        ...(this.#found.get(i) ?? notRun),
      })),
      calls: this.#calls.map(({ made, heard, transcript: said }) => ({
        callId: made.answer.callId,
        from: made.from,
        to: made.to,
        transcript: said,
        ...(heard === undefined ? {} : { heard: writeWav(heard, 'PCMU') }),
      })),
      mails: this.#mails,
    }
  }

  async #take(step: Step, next: Step | undefined): Promise<Found> {
    const soon = (within: number): number => Math.min(within, this.#limit.left)
    switch (step.verb) {
      case 'mail':
        return mailCheck({ ...step.value, within: soon(step.value.within) }, this.#mailPorts)
      case 'event':
        return eventCheck({ ...step.value, within: soon(step.value.within) }, this.#watch)
      case 'wait':
        return this.#limit.pass(step.value)
      case 'until':
        return this.#limit.until(step.value)
      case 'hear':
      case 'no-mail':
      case 'no-more-mail':
      case 'no-event':
        return notRun
      default:
        return this.#limit.within(this.#act(step, next))
    }
  }

  async #act(step: Action, next: Step | undefined): Promise<Found> {
    switch (step.verb) {
      case 'call':
        return this.#call(step.value, next)
      case 'refused':
        return this.#refused(step.value)
      case 'kill':
        this.#lab.kill(step.value.role, step.value.power)
        return { verdict: 'passed' }
      case 'start':
        await this.#lab.restart(step.value)
        return { verdict: 'passed' }
      default:
        return this.#inCall(step)
    }
  }

  async #call(value: Extract<Step, { verb: 'call' }>['value'], next: Step | undefined): Promise<Found> {
    const name = `caller${this.#calls.length === 0 ? '' : String(this.#calls.length + 1)}`
    const phone = await this.#lab.phone({
      name,
      from: value.from,
      ...(value.name === undefined ? {} : { displayName: value.name }),
    })
    const answer = await phone.call(value.to)
    this.#calls.push({ made: { from: value.from, to: value.to, answer }, transcript: [], nearest: [] })
    if (answer.type === 'answered' || next?.verb === 'refused') return { verdict: 'passed' }
    const observed = `${answer.status} ${answer.reason}`
    return { verdict: 'failed', expected: 'an answer', observed, ...refusedBy(this.#watch.events, answer.status) }
  }

  #refused(status: number): Found {
    const answer = this.#calls.at(-1)?.made.answer
    if (answer === undefined) return { verdict: 'failed', observed: 'there was no call' }
    if (answer.type === 'answered')
      return { verdict: 'failed', expected: `a refusal with ${status}`, observed: 'the call was answered' }
    const observed = `refused with ${answer.status} ${answer.reason}`
    if (answer.status === status) return { verdict: 'passed', observed }
    return {
      verdict: 'failed',
      expected: `a refusal with ${status}`,
      observed,
      ...refusedBy(this.#watch.events, answer.status),
    }
  }

  async #inCall(step: InCall): Promise<Found> {
    const call = this.#calls.at(-1)?.made.answer
    if (call?.type !== 'answered')
      return { verdict: 'failed', expected: 'a call that goes on', observed: 'there is none' }
    switch (step.verb) {
      case 'tone':
        return (await call.tone(step.value.within))
          ? { verdict: 'passed' }
          : { verdict: 'failed', expected: 'a tone', observed: 'none was heard', station: 'voicemail' }
      case 'say':
        return this.#say(call, typeof step.value === 'string' ? { sound: step.value } : step.value)
      case 'press':
        await call.press(step.value)
        return { verdict: 'passed' }
      case 'hang-up':
        await call.hangUp()
        return { verdict: 'passed' }
      case 'ended': {
        const end = await call.ended
        return end.by === 'remote'
          ? { verdict: 'passed' }
          : { verdict: 'failed', expected: 'the other side to end the call', observed: `it was ended by: ${end.by}` }
      }
    }
  }

  async #say(call: PhoneCall, { sound, for: ms }: { sound: string; for?: number }): Promise<Found> {
    const pcm = this.#scenario.sounds.get(sound) ?? new Int16Array()
    const whole = await call.say(ms === undefined ? pcm : pcm.subarray(0, 8 * ms))
    return whole
      ? { verdict: 'passed' }
      : { verdict: 'failed', expected: `${sound} said to its end`, observed: 'the call ended before' }
  }

  /** Hangs up what is still up, and listens to what each call sounded like. */
  async #endCalls(): Promise<void> {
    const references = [...this.#lab.references].map(([name, pcm]) => ({ name, pcm }))
    for (const call of this.#calls) {
      const { answer } = call.made
      if (answer.type !== 'answered' || call.heard !== undefined) continue
      await answer.hangUp()
      call.heard = await answer.heard()
      const { transcript, recognition } = listen(call.heard, references)
      call.transcript = transcript
      if (transcript.length === 0) call.nearest = recognition.all
    }
  }

  async #judge(steps: readonly Step[]): Promise<void> {
    const heard = this.#calls.flatMap((c) => c.transcript)
    const nearest = this.#calls.flatMap((c) => c.nearest)
    let after = 0
    for (const [index, step] of steps.entries()) {
      if (step.verb === 'hear') {
        const found = hearCheck(step.value, heard.slice(after), this.#watch, nearest)
        if (found.verdict === 'passed') after = heard.findIndex((h, i) => i >= after && h.name === step.value) + 1
        this.#found.set(index, found)
      }
      if (step.verb === 'no-event') this.#found.set(index, noEventCheck(step.value, this.#watch))
      if (step.verb === 'no-mail') this.#found.set(index, await noMailCheck(step.value, this.#lab))
      if (step.verb === 'no-more-mail') this.#found.set(index, await noMoreMailCheck(step.value, this.#mailPorts))
    }
  }
}
