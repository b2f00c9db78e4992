import { writeFile } from 'node:fs/promises'
import { messageOf, PosternError } from '../kernel/errors.ts'
import type { Caller } from '../lab/caller.ts'
import type { PhoneCall, PhoneRefusal } from '../lab/face.ts'
import { realWorld } from '../lab/world.ts'
import { transcript } from '../media/ears/recognise.ts'
import { findTones } from '../media/ears/tone.ts'
import { writeWav } from '../media/wav.ts'
import type { ExitCode } from './exit-code.ts'
import type { Output } from './shell.ts'

export interface Conversation {
  readonly uri: string
  /** Hangs up so long after the answer. */
  readonly ms: number
  /** Hangs up, or gives up, when aborted. */
  readonly stop: AbortSignal
  /** What can be recognised, by name: PCM16 mono at 8 kHz. */
  readonly references: ReadonlyMap<string, Int16Array>
  /** PCM16 mono at 8 kHz. */
  readonly said?: Int16Array
  /** WAV file for what was heard. */
  readonly save?: string
}

/** One call from its INVITE to what was heard of it. @throws PosternError media-open, store-failed, interrupted */
export async function converse(caller: Caller, order: Conversation, out: Output): Promise<ExitCode> {
  const { stop } = order
  const giveUp = (): void => void caller.close()
  stop.addEventListener('abort', giveUp)
  const answer = await caller.phone.call(order.uri)
  stop.removeEventListener('abort', giveUp)
  if (answer.type === 'answered') return talk(answer, order, out)
  if (stop.aborted) throw new PosternError('interrupted', 'Interrupted before the call was answered')
  out.write(refusal(answer))
  return 1
}

function refusal({ status, reason, local, error }: PhoneRefusal): string {
  if (!local) return `Refused: ${status} ${reason}\n`
  const why = error === undefined ? `${status} ${reason}` : error.message
  const next = error instanceof PosternError && error.next !== undefined ? `  ${error.next}\n` : ''
  return `Not answered: ${why}\n${next}`
}

async function talk(answer: PhoneCall, order: Conversation, out: Output): Promise<ExitCode> {
  const { ms, stop, said, save } = order
  const hangUp = (): void => void answer.hangUp()
  const cancel = realWorld.clock.after(ms, hangUp)
  stop.addEventListener('abort', hangUp)
  if (stop.aborted) hangUp()
  const speech = said === undefined ? undefined : speak(answer, said, ms / 2)
  const end = await answer.ended
  cancel()
  stop.removeEventListener('abort', hangUp)
  const heard = await answer.heard()
  out.write(`Answered; ended by ${enders[end.by]} after ${(heard.length / 8000).toFixed(1)} s\n`)
  const spoken = await speech
  if (spoken !== undefined) out.write(`${spoken}\n`)
  for (const line of heardLines(heard, order.references)) out.write(`${line}\n`)
  if (save !== undefined) await keep(save, heard, out)
  return end.by === 'failed' ? 1 : 0
}

const enders = { local: 'us', remote: 'the other side', failed: 'a failure of the line' } as const

/** Says it after the tone; answers what came of it. */
async function speak(answer: PhoneCall, said: Int16Array, withinMs: number): Promise<string> {
  const tone = await answer.tone(withinMs)
  const whole = await answer.say(said)
  const when = tone ? 'after the tone' : 'without a tone'
  return whole
    ? `Said to its end, ${when}.`
    : 'Not said to its end: the call was over before. With a longer --for it may be.'
}

async function keep(file: string, heard: Int16Array, out: Output): Promise<void> {
  try {
    await writeFile(file, writeWav(heard, 'PCMU'))
  } catch (thrown) {
    const text = `What was heard cannot be written to ${file}: ${messageOf(thrown)}`
    throw new PosternError('store-failed', text, { next: 'Name another file with --save.', cause: thrown })
  }
  out.write(`What was heard: ${file}\n`)
}

function heardLines(heard: Int16Array, known: ReadonlyMap<string, Int16Array>): readonly string[] {
  const at = (ms: number): string => `${(ms / 1000).toFixed(1).padStart(6)} s`
  const speech = transcript(
    heard,
    [...known].map(([name, pcm]) => ({ name, pcm })),
  ).map((h) => ({
    fromMs: h.fromMs,
    text: `${at(h.fromMs)}  ${h.name} (${h.confidence.toFixed(2)})`,
  }))
  const tones = findTones(heard).map((t) => ({
    fromMs: t.fromMs,
    text: `${at(t.fromMs)}  tone of ${Math.round(t.frequencyHz)} Hz`,
  }))
  const lines = [...speech, ...tones].sort((a, b) => a.fromMs - b.fromMs).map((l) => l.text)
  return lines.length === 0 ? ['Nothing that is known was heard.'] : lines
}
