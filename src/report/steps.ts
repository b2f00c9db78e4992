import type { StepResult } from '../scenario/result.ts'
import { escaped, seconds } from './html-text.ts'
import type { Row } from './ladder.ts'
import { anchorOf } from './ladder-svg.ts'

/** Links to more events than these would bury the step. */
const mostLinks = 8

/** One step as a list item: what was found, who is at fault, and links to the messages and notes that show it. */
export function stepItem(step: StepResult, rows: readonly Row[], id: string): string {
  const observed = step.observed ?? ''
  const found = [
    fact('At fault', step.station),
    fact('Expected', step.expected),
    step.verdict === 'failed' ? fact('Observed', step.observed) : observed && `<div>${escaped(observed)}</div>`,
    shownBy(step, rows, id),
  ]
  const badge = `<span class="verdict ${step.verdict}">${step.verdict.replace('-', ' ')}</span>`
  return `<li class="${step.verdict}">${badge} ${escaped(step.text)}${found.join('')}</li>`
}

const fact = (name: string, text: string | undefined): string =>
  text === undefined ? '' : `<div><b>${name}</b> ${escaped(text)}</div>`

function shownBy({ evidence = [] }: StepResult, rows: readonly Row[], id: string): string {
  const shown = rows.filter((r) =>
    evidence.some((seq) => seq === r.seq || (r.kind === 'message' && seq === r.received)),
  )
  if (shown.length === 0) return ''
  const links = shown.slice(0, mostLinks).map((r) => {
    const what = r.kind === 'message' ? `${r.label}, ${r.from} to ${r.to}` : r.station
    return `<a href="#${anchorOf(id, r)}">${escaped(what)} at ${seconds(r.at, 3)}</a>`
  })
  return `<div><b>Shown by</b> ${links.join(' · ')}</div>`
}
