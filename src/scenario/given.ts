import { PosternError } from '../kernel/errors.ts'
import type { Sounds } from '../lab/audio.ts'
import type { Lab } from '../lab/face.ts'
import type { LabFile } from '../lab/schema.ts'
import type { Given } from './schema.ts'

/** What a scenario changes of the lab before it starts. */
export function givenFile(file: LabFile, given: Given): LabFile {
  const { 'sbc-certificate': certificate, 'retry-after': retryAfter, 'session-expires': expires } = given
  return [
    certificate !== undefined && { sbc: { ...file.sbc, certificate } },
    retryAfter !== undefined && { voicemail: { ...file.voicemail, 'retry-after': retryAfter } },
    expires !== undefined && { 'session-expires': expires },
  ].reduce<LabFile>((changed, change) => (change === false ? changed : { ...changed, ...change }), file)
}

/** @throws PosternError mailbox-unknown */
export function givenSounds(sounds: Sounds, given: Given): Sounds {
  const greeting = given['oof-greeting'] ?? {}
  const numbers = sounds.mailboxes.map((m) => m.number)
  const stranger = Object.keys(greeting).find((number) => !numbers.includes(number))
  if (stranger !== undefined) {
    throw new PosternError(
      'mailbox-unknown',
      `No mailbox "${stranger}" in the lab: expected one of ${numbers.join(', ')}`,
    )
  }
  return {
    ...sounds,
    extensions: sounds.extensions.map((e) => (given.ring === undefined ? e : { ...e, ringMs: given.ring })),
    mailboxes: sounds.mailboxes.map((mailbox) => {
      const when = greeting[mailbox.number]
      if (when === undefined) return mailbox
      const oof = { oofAlways: when === 'always', oofFollowsAutomaticReplies: when === 'follow-automatic-replies' }
      return { ...mailbox, settings: { ...mailbox.settings, ...oof } }
    }),
  }
}

/** What a scenario sets in the running lab before its first step. @throws PosternError mailbox-unknown */
export function applyGiven(lab: Lab, given: Given): void {
  for (const [mailbox, replies] of Object.entries(given['automatic-replies'] ?? {}))
    lab.setAutomaticReplies(mailbox, replies)
  if (given.oauth !== undefined) lab.setAuthorization(given.oauth)
  for (const fault of given.smtp ?? []) lab.injectSmtpFault(fault)
}
