import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeWav } from '../../src/media/wav.ts'
import { Report } from '../../src/report/report.ts'
import type { ScenarioResult } from '../../src/scenario/result.ts'
import { stage, type Stage } from './report-calls.ts'

const base = { startedAt: Date.UTC(2026, 6, 2, 12), calls: [], mails: [], steps: [] } as const
const pcm = Int16Array.from({ length: 8000 }, (_, i) => Math.round(8000 * Math.sin(i / 4)))

export const passed: ScenarioResult = {
  ...base,
  name: 'Out of office, but the CloudVoicemail application is disabled, so the regular greeting plays',
  file: 'scenarios/03-oauth-disabled.yaml',
  verdict: 'passed',
  summary: 'heard greeting-standard-1001 (0.97); mail in anna.berg says message-dora (0.95)',
  durationMs: 9641.25,
  steps: [
    { text: 'call: +4533120100 to 1001', line: 7, verdict: 'passed' },
    {
      text: 'hear: greeting-standard-1001',
      line: 8,
      verdict: 'passed',
      observed: 'heard greeting-standard-1001 (0.97)',
    },
    { text: 'tone', line: 9, verdict: 'passed' },
    { text: 'event: oauth.refused at voicemail, by ews, status 401', line: 12, verdict: 'passed', evidence: [14] },
    {
      text: 'mail: to 1001, says message-dora',
      line: 13,
      verdict: 'passed',
      observed: 'mail in anna.berg says message-dora (0.95)',
    },
  ],
  calls: [
    {
      callId: 'a@caller',
      from: '+4533120100',
      to: '1001',
      heard: writeWav(pcm, 'PCMU'),
      transcript: [{ name: 'greeting-standard-1001', fromMs: 120, toMs: 2430, confidence: 0.97 }],
    },
  ],
  mails: [
    {
      mailbox: 'anna.berg@postern.test',
      message: Buffer.from('Subject: Voice Mail from +4533120100 (4 seconds)\r\n\r\nIt is attached.\r\n'),
      subject: 'Voice Mail from +4533120100 (4 seconds)',
      text: '+4533120100 called Anna Berg and left a voice message of 4 seconds. It is attached.\r\n',
      headers: [
        [
          'Received',
          'from voicemail.edge.test (127.0.20.30) by exchange.edge.test with ESMTPS; Thu, 02 Jul 2026 12:00:10 +0000',
        ],
        ['Received', 'from spool'],
        ['Content-Class', 'Voice-CA'],
        ['X-AttachmentOrder', '+4533120100 (4 seconds) Voice Mail.wav'],
      ],
      recording: writeWav(pcm, 'PCMU'),
    },
  ],
}

export const failed: ScenarioResult = {
  ...base,
  name: 'The SBC presents an expired certificate and the call goes through all the same',
  file: 'scenarios/06-expired-certificate.yaml',
  verdict: 'failed',
  summary: 'voicemail: expected an answer, 503 Service Unavailable (line 5)',
  durationMs: 412,
  steps: [
    {
      text: 'call: +4533120100 to 1001',
      line: 5,
      verdict: 'failed',
      expected: 'an answer',
      observed: '503 Service Unavailable',
      station: 'voicemail',
      evidence: [3, 6],
    },
    { text: 'hear: greeting-standard-1001', line: 6, verdict: 'not-run' },
  ],
  calls: [{ callId: 'a@caller', from: '+4533120100', to: '1001', transcript: [] }],
}

export const broken: ScenarioResult = {
  ...base,
  name: 'A lab that does not come up',
  file: 'scenarios/broken.yaml',
  verdict: 'broken',
  summary: 'cannot listen for udp on 127.0.10.10:5060: it is in use',
  durationMs: 12,
  steps: [{ text: 'call: +4533120100 to 1001', line: 3, verdict: 'not-run' }],
  error: {
    code: 'network-listen',
    message: 'cannot listen for udp on 127.0.10.10:5060: it is in use',
    next: 'Choose another port in the lab file.',
  },
}

export const skipped: ScenarioResult = {
  ...base,
  name: 'A schedule across the change to summer time',
  file: 'scenarios/09-schedule-summer-time.yaml',
  verdict: 'skipped',
  summary: 'it sets the date; play it with --virtual',
  durationMs: 0,
  steps: [{ text: 'it becomes 2026-03-28T18:00:00+01:00', line: 9, verdict: 'not-run' }],
}

/** Names and texts as an enemy would choose them. */
export const hostile: ScenarioResult = {
  ...base,
  name: '</script><script>alert("1")</script> \u001B[31mred\u0000 \'&amp;\'',
  file: 'a"b/<c>.yaml',
  verdict: 'failed',
  summary: '</title>\u0007]]>\u009B2J\ninto the next line',
  durationMs: 1,
  steps: [
    {
      text: 'hear: "><img src=x onerror=alert(2)>',
      line: 1,
      verdict: 'failed',
      expected: '<b>',
      observed: ']]>\uFFFE',
      station: '"sbc"',
    },
  ],
  calls: [
    {
      callId: 'x',
      from: '"><a href=javascript:1>',
      to: '<i>',
      transcript: [{ name: '<u>', fromMs: 0, toMs: 1, confidence: 1 }],
    },
  ],
  mails: [
    {
      mailbox: '<m>',
      message: new Uint8Array(),
      subject: '<style>*{display:none}</style>',
      text: '</pre><form>',
      headers: [['X-<n>', '"<v>"']],
    },
  ],
}

export interface Written {
  readonly folder: string
  readonly json: string
  readonly read: (name: string) => Promise<string>
  readonly remove: () => Promise<void>
}

export interface Act {
  readonly result: ScenarioResult
  /** What happens in its lab; without it the lab never came up. */
  readonly play?: (stage: Stage) => void
}

/** A report of these scenarios, written into a temporary folder. */
export async function written(acts: readonly Act[]): Promise<Written> {
  const parent = await mkdtemp(join(tmpdir(), 'postern-report-'))
  const folder = join(parent, 'new', 'report')
  const report = new Report(folder)
  for (const { result, play } of acts) {
    if (play === undefined) continue
    const scene = stage()
    report.follow(result.file, scene.bus)
    play(scene)
  }
  report.take({ type: 'run.started', total: acts.length })
  for (const { result } of acts) report.take({ type: 'scenario.finished', result })
  report.take({ type: 'run.finished', results: acts.map((a) => a.result), durationMs: 10_066.4 })
  const { json } = await report.write()
  return {
    folder,
    json,
    read: (name) => readFile(join(folder, name), 'utf8'),
    remove: () => rm(parent, { recursive: true, force: true }),
  }
}
