import type { ScenarioResult } from '../scenario/result.ts'
import { slug } from './html-text.ts'

/** Where the files of one scenario stand, relative to the report's folder. */
export interface ScenarioFiles {
  /** Also the anchor of the scenario in the page. */
  readonly id: string
  readonly folder: string
  /** One a call, `undefined` where nothing was heard. */
  readonly heard: readonly (string | undefined)[]
  readonly mails: readonly { readonly eml: string; readonly wav: string | undefined }[]
  readonly messages: string
  readonly events: string
  /** Of a virtual run: every datagram and plaintext write. */
  readonly wire: string
}

/** Named by its place in the run and by the scenario, so that two of one name stay apart. */
export function filesOf(result: ScenarioResult, index: number): ScenarioFiles {
  const id = `${String(index + 1).padStart(2, '0')}-${slug(result.name)}`
  const folder = `calls/${id}`
  return {
    id,
    folder,
    heard: result.calls.map((c, i) => (c.heard === undefined ? undefined : `${folder}/heard-${i + 1}.wav`)),
    mails: result.mails.map((m, i) => ({
      eml: `${folder}/mail-${i + 1}.eml`,
      wav: m.recording === undefined ? undefined : `${folder}/delivered-${i + 1}.wav`,
    })),
    messages: `${folder}/sip.txt`,
    events: `${folder}/events.jsonl`,
    wire: `${folder}/wire.log`,
  }
}
