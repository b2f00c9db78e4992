import { createLogger, format, type transport as Transport, transports } from 'winston'
import type { Bus } from '../kernel/bus.ts'
import type { Happening, LabEvent } from '../lab/events.ts'
import { printable, shorter } from './html-text.ts'
import { redact } from '../kernel/redact.ts'

export interface LogOptions {
  /** 0: what went wrong. 1: what happens. 2: every message too. */
  readonly verbosity: number
  readonly format: 'text' | 'json'
  /** Where lines go; stderr when left out. */
  readonly stream?: NodeJS.WritableStream
}

export interface Log {
  /** Logs every event of a lab; `about` names the scenario it belongs to. */
  follow(bus: Pick<Bus<LabEvent>, 'subscribe'>, about?: string): void
}

type Level = 'warn' | 'info' | 'debug'

const levels = ['warn', 'info', 'debug'] as const

const warnings: ReadonlySet<string> = new Set<Happening['type']>([
  'lab.broken',
  'mail.set-aside',
  'mail.spool-failed',
  'mail.undeliverable',
  'media.failed',
  'net.error',
  'sip.malformed',
  'voicemail.kept',
])

/** Noise apart from problems apart from the story. */
export function levelOf({ type }: Pick<Happening, 'type'>): Level {
  if (warnings.has(type)) return 'warn'
  return type === 'sip.message' || type.startsWith('media.') ? 'debug' : 'info'
}

const Sink: new (order: { stream: NodeJS.WritableStream; eol: string }) => Transport = transports.Stream

/** One log for a process, a line an event. As JSON a line is the event as it is, with `level`, `time` (UTC) and `scenario` before it. */
export function startLog({ verbosity, format: form, stream = process.stderr }: LogOptions): Log {
  const logger = createLogger({
    level: levels[Math.max(0, Math.min(2, verbosity))] ?? 'debug',
    format: format.printf(({ message }) => String(message)),
  })
  logger.add(new Sink({ stream, eol: '\n' }))
  const lineOf = form === 'json' ? jsonLine : textLine
  return {
    follow(bus, about) {
      bus.subscribe((event) => {
        const level = levelOf(event)
        if (logger.isLevelEnabled(level)) logger.log({ level, message: lineOf(level, redact(event), about) })
      })
    },
  }
}

function jsonLine(level: Level, event: Happening, about: string | undefined): string {
  const scenario = about === undefined ? {} : { scenario: about }
  return JSON.stringify({ level, time: timeOf(event), ...scenario, ...event })
}

function textLine(level: Level, event: Happening, about: string | undefined): string {
  const facts: [string, unknown][] = Object.entries(event).filter(([name]) => !stamped.has(name))
  const where = about === undefined ? event.station : `${shorter(about, 24)} ${event.station}`
  return printable(
    `${timeOf(event)} ${level.padEnd(5)} ${where} ${event.type} ${JSON.stringify(Object.fromEntries(facts))}`,
  )
}

const stamped: ReadonlySet<string> = new Set(['type', 'station', 'at', 'wall', 'seq'])

const timeOf = ({ wall }: Happening): string => new Date(wall).toISOString()
