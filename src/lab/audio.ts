import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { messageOf, PosternError } from '../kernel/errors.ts'
import { readWav, resampleTo8k } from '../media/wav.ts'
import type { Extension } from '../pbx/extension.ts'
import type { Mailbox, SystemPrompts } from '../voicemail/mailbox.ts'
import type { LabFile, MailboxFile } from './schema.ts'

/** All sound of a lab file, read from disk once: PCM16 mono at 8 kHz. */
export interface Sounds {
  readonly extensions: readonly Extension[]
  readonly mailboxes: readonly Mailbox[]
  readonly prompts: SystemPrompts
  /** What a caller can hear, by the file's name without folder and ending. */
  readonly references: ReadonlyMap<string, Int16Array>
}

/** Reads a WAV file as PCM16 mono at 8 kHz. @throws PosternError file-unreadable, wav-invalid */
export async function readSound(file: string): Promise<Int16Array> {
  try {
    const { rate, samples } = readWav(await readFile(file))
    return resampleTo8k(samples, rate)
  } catch (thrown) {
    if (thrown instanceof PosternError)
      throw new PosternError(thrown.code, `${file}: ${thrown.message}`, { cause: thrown })
    throw new PosternError('file-unreadable', `${file} cannot be read: ${messageOf(thrown)}`, { cause: thrown })
  }
}

/** `audio/greeting-oof-1001.wav` is known as `greeting-oof-1001`. */
export const soundName = (file: string): string => file.replace(/^.*\//, '').replace(/\.wav$/i, '')

/** Reads every sound that a lab file names, relative to `folder`. @throws PosternError file-invalid, file-unreadable, wav-invalid */
export async function readSounds(file: LabFile, folder: string): Promise<Sounds> {
  const references = new Map<string, Int16Array>()
  const files = new Map<string, string>()
  const read = async (name: string): Promise<Int16Array> => {
    const known = soundName(name)
    const path = resolve(folder, name)
    const other = files.get(known) ?? path
    if (other !== path)
      throw new PosternError('file-invalid', `Two sounds have the name ${known}: ${other} and ${path}`)
    const sound = references.get(known) ?? (await readSound(path))
    files.set(known, path)
    references.set(known, sound)
    return sound
  }
  const prompts = { standard: await read(file.voicemail.prompts.standard), oof: await read(file.voicemail.prompts.oof) }
  const mailboxes: Mailbox[] = []
  for (const mailbox of file.mailboxes) mailboxes.push(await mailboxOf(mailbox, read))
  const extensions: Extension[] = []
  for (const { number, phone, ring, talk } of file.extensions) {
    const spoken = talk === undefined ? {} : { talk: await read(talk) }
    extensions.push({ number, behaviour: phone, ringMs: ring, ...spoken })
  }
  return { prompts, mailboxes, extensions, references }
}

async function mailboxOf(file: MailboxFile, read: (name: string) => Promise<Int16Array>): Promise<Mailbox> {
  const { standard, oof } = file.greetings
  return {
    number: file.number,
    name: file.name,
    smtp: file.smtp,
    settings: {
      enabled: file.voicemail,
      oofAlways: file['oof-greeting'] === 'always',
      oofFollowsAutomaticReplies: file['oof-greeting'] === 'follow-automatic-replies',
    },
    greetings: {
      ...(standard === undefined ? {} : { standard: await read(standard) }),
      ...(oof === undefined ? {} : { oof: await read(oof) }),
    },
  }
}
