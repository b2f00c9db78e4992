import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bus } from '../kernel/bus.ts'
import { messageOf, PosternError } from '../kernel/errors.ts'
import type { Happening, LabEvent } from '../lab/events.ts'
import type { RunEvent, ScenarioResult } from '../scenario/result.ts'
import { filesOf, type ScenarioFiles } from './files.ts'
import { junitXml } from './junit.ts'
import { ladderOf } from './ladder.ts'
import { pageHtml } from './page.ts'
import { redact } from '../kernel/redact.ts'
import { resultsJson } from './results.ts'
import { sipText } from './sip-text.ts'

interface Played {
  readonly result: ScenarioResult
  readonly files: ScenarioFiles
  readonly events: readonly Happening[]
  readonly wire: string | undefined
}

/** Gathers what happens in a run and writes it down: a page, JUnit, JSON, and the files of each call. */
export class Report {
  readonly #folder: string
  /** By scenario file; a file played twice has two. */
  readonly #events = new Map<string, (readonly Happening[])[]>()
  readonly #wires = new Map<string, string[]>()
  #results: readonly ScenarioResult[] = []
  #durationMs = 0

  /** @param folder where to write; made when it is not there */
  constructor(folder: string) {
    this.#folder = folder
  }

  /** Keeps every event of one scenario's lab. */
  follow(file: string, bus: Pick<Bus<LabEvent>, 'subscribe'>): void {
    const events: Happening[] = []
    this.#events.set(file, [...(this.#events.get(file) ?? []), events])
    bus.subscribe((event) => events.push(redact(event)))
  }

  /** Keeps the log of every datagram and plaintext write of one scenario in virtual time. */
  readonly keepWire = (file: string, log: string): void => {
    this.#wires.set(file, [...(this.#wires.get(file) ?? []), log])
  }

  take(event: RunEvent): void {
    if (event.type !== 'run.finished') return
    this.#results = event.results.map(redact)
    this.#durationMs = event.durationMs
  }

  /** Writes everything; the answer holds the text of results.json. @throws PosternError store-failed */
  async write(): Promise<{ readonly json: string }> {
    const json = resultsJson(this.#results, this.#durationMs)
    const played = this.#played()
    const scenarios = played.map(({ result, files, events }) => ({ result, files, ladder: ladderOf(events) }))
    for (const one of played) await this.#writeScenario(one)
    await this.#file('results.json', json)
    await this.#file('junit.xml', junitXml(this.#results, this.#durationMs))
    await this.#file('index.html', pageHtml(scenarios, this.#durationMs))
    return { json }
  }

  #played(): readonly Played[] {
    const events = new Map([...this.#events].map(([file, runs]) => [file, [...runs]]))
    const wires = new Map([...this.#wires].map(([file, runs]) => [file, [...runs]]))
    return this.#results.map((result, index) => {
      const { file } = result
      const wire = wires.get(file)?.shift()
      return { result, files: filesOf(result, index), events: events.get(file)?.shift() ?? [], wire }
    })
  }

  async #writeScenario({ result, files, events, wire }: Played): Promise<void> {
    for (const [i, name] of files.heard.entries()) {
      const heard = result.calls[i]?.heard
      if (name !== undefined && heard !== undefined) await this.#file(name, heard)
    }
    for (const [i, { eml, wav }] of files.mails.entries()) {
      const mail = result.mails[i]
      if (mail !== undefined) await this.#file(eml, mail.message)
      if (wav !== undefined && mail?.recording !== undefined) await this.#file(wav, mail.recording)
    }
    await this.#file(files.messages, sipText(events))
    if (wire !== undefined) await this.#file(files.wire, wire)
    await this.#file(files.events, events.map((e) => `${JSON.stringify(e)}\n`).join(''))
  }

  async #file(name: string, content: string | Uint8Array): Promise<void> {
    const path = join(this.#folder, name)
    try {
      await mkdir(join(path, '..'), { recursive: true })
      await writeFile(path, content)
    } catch (thrown) {
      throw new PosternError('store-failed', `The report cannot be written to ${path}: ${messageOf(thrown)}`, {
        cause: thrown,
        next: 'Name another folder with --report, or make room.',
      })
    }
  }
}
