import { Writable } from 'node:stream'
import { expect } from 'chai'
import { levelOf, startLog, type LogOptions } from '../../src/report/log.ts'
import { playAnswered, srtpKey, stage, token, type Stage } from '../support/report-calls.ts'

function logged(
  order: Pick<LogOptions, 'verbosity' | 'format'>,
  play: (stage: Stage) => void,
  about?: string,
): string[] {
  let text = ''
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string, _, done) {
      text += chunk
      done()
    },
  })
  const scene = stage()
  startLog({ ...order, stream }).follow(scene.bus, about)
  play(scene)
  return text.split('\n').slice(0, -1)
}

const problem = (scene: Stage): void => scene.say('lab', { type: 'lab.broken', text: 'a\u001B[2J\u009Bb' })
const answered = (scene: Stage): void => {
  playAnswered(scene)
  problem(scene)
}
const parsed = (lines: readonly string[]): Record<string, unknown>[] =>
  lines.map((line) => JSON.parse(line) as Record<string, unknown>)

describe('the log', () => {
  it('tells problems from the story and from noise', () => {
    expect(
      [
        'lab.broken',
        'media.failed',
        'net.error',
        'tls.refused',
        'voicemail.greeting',
        'sip.message',
        'media.opened',
      ].map((type) => levelOf({ type } as Parameters<typeof levelOf>[0])),
    ).to.deep.equal(['warn', 'warn', 'warn', 'info', 'info', 'debug', 'debug'])
  })

  it('has problems only, unless asked for more', () => {
    const lines = logged({ verbosity: 0, format: 'text' }, answered)
    expect(lines).to.have.length(1)
    expect(lines[0]).to.match(/^2026-07-02T12:00:\d\d\.\d{3}Z warn {2}lab lab\.broken \{"text":"a\\u001b\[2J�b"\}$/)
  })

  it('has what happens at 1, and every message at 2 and beyond', () => {
    const types = (verbosity: number): unknown[] =>
      parsed(logged({ verbosity, format: 'json' }, answered)).map((e) => e['type'])
    expect(types(1))
      .to.include.members(['pbx.diverted', 'oauth.refused', 'lab.broken'])
      .and.not.to.include('sip.message')
    expect(types(2).filter((type) => type === 'sip.message')).to.have.length(32)
    expect(types(9)).to.have.length(types(2).length)
  })

  it('names the scenario and the station in each line', () => {
    const [line] = logged({ verbosity: 0, format: 'text' }, problem, '06-expired-certificate-of-the-sbc.yaml')
    expect(line).to.contain(' warn  06-expired-certificate-… lab lab.broken ')
  })

  it('has, as JSON, the event as it is after level, time and scenario', () => {
    const lines = parsed(logged({ verbosity: 1, format: 'json' }, playAnswered, '03.yaml'))
    const recorded = lines.find((line) => line['type'] === 'voicemail.recorded')
    expect(recorded).to.deep.equal({
      level: 'info',
      time: '2026-07-02T12:00:09.042Z',
      scenario: '03.yaml',
      type: 'voicemail.recorded',
      deposit: 'd1',
      ms: 4200,
      end: 'closed',
      seq: recorded?.['seq'],
      at: 9042,
      wall: Date.UTC(2026, 6, 2, 12, 0, 9, 42),
      station: 'voicemail',
    })
  })

  it('has no key and no token in it', () => {
    for (const format of ['text', 'json'] as const) {
      const text = logged({ verbosity: 2, format }, playAnswered).join('\n')
      expect(text).to.contain('inline:[redacted]').and.not.to.contain(srtpKey)
      expect(text).not.to.contain(token)
    }
  })

  it('leaves the process as it was', () => {
    const listeners = (): number[] => process.eventNames().map((name) => process.listenerCount(name as 'exit'))
    const before = [listeners(), process.exitCode]
    logged({ verbosity: 2, format: 'text' }, playAnswered)
    expect([listeners(), process.exitCode]).to.deep.equal(before)
  })
})
