import { composeMissedCall, composeVoiceMail } from '../../src/mail/voice-mail.ts'
import { writeWav } from '../../src/media/wav.ts'

const notice = {
  from: 'voicemail@postern.test',
  to: 'anna.berg@postern.test',
  callerNumber: '+4533120100',
  callerName: 'Carl Jensen',
  calledName: 'Anna Berg',
  callId: 'call@pbx',
  date: Date.UTC(2026, 0, 2, 12),
  messageId: 'd1@voicemail.edge.test',
  boundary: 'd1',
}

/** The mail of a voice message with this sound in it, or with these bytes for a sound file. */
export const voiceMail = (sound: Int16Array | Uint8Array, caller = notice.callerNumber): Promise<Uint8Array> =>
  composeVoiceMail({
    ...notice,
    callerNumber: caller,
    durationSeconds: 4,
    wav: sound instanceof Int16Array ? writeWav(sound, 'PCMU') : sound,
  })

export const missedCall = (): Promise<Uint8Array> => composeMissedCall(notice)
