import type { CallResult, MailResult, ScenarioResult } from '../scenario/result.ts'
import type { ScenarioFiles } from './files.ts'
import { escaped, seconds } from './html-text.ts'
import type { Ladder, Row } from './ladder.ts'
import { anchorOf, ladderSvg } from './ladder-svg.ts'
import { countsOf } from './results.ts'
import { stepItem } from './steps.ts'
import { styles } from './styles.ts'

export interface PageScenario {
  readonly result: ScenarioResult
  readonly files: ScenarioFiles
  readonly ladder: Ladder
}

/** The report as one page without scripts, well-formed as XML too: its sound and mail stand in files beside it. */
export function pageHtml(scenarios: readonly PageScenario[], durationMs: number): string {
  const results = scenarios.map((s) => s.result)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="color-scheme" content="light dark" />
<meta http-equiv="Content-Security-Policy" content="script-src 'none'; object-src 'none'; frame-src 'none'; form-action 'none'" />
<title>Postern: ${countsOf(results).passed} of ${results.length} passed</title>
<style>${styles}</style>
</head>
<body>
<header>
<h1>Postern</h1>
<p>${totals(results)} in ${seconds(durationMs)}${startOf(results)}</p>
</header>
<main>
${scenarios.length === 0 ? '<p>No scenario was played.</p>' : `<nav aria-label="Scenarios"><ul>${scenarios.map(entry).join('')}</ul></nav>`}
${scenarios.map(section).join('\n')}
</main>
</body>
</html>
`
}

function totals(results: readonly ScenarioResult[]): string {
  const counts = countsOf(results)
  return (['passed', 'failed', 'broken', 'skipped'] as const)
    .filter((v) => v === 'passed' || counts[v] > 0)
    .map((v) => `<span class="verdict ${v}">${counts[v]} ${v}</span>`)
    .join(' ')
}

function startOf(results: readonly ScenarioResult[]): string {
  if (results.length === 0) return ''
  const first = new Date(Math.min(...results.map((r) => r.startedAt))).toISOString()
  return `, <time datetime="${first}">${first.slice(0, 19).replace('T', ' ')} UTC</time>`
}

const badge = (verdict: string): string => `<span class="verdict ${verdict}">${verdict}</span>`

const entry = ({ result, files }: PageScenario): string =>
  `<li>${badge(result.verdict)} <a href="#${files.id}">${escaped(result.name)}</a><span class="summary">${escaped(result.summary)}</span></li>`

function section({ result, files, ladder }: PageScenario): string {
  const parts = [
    `<h2>${badge(result.verdict)} ${escaped(result.name)}</h2>`,
    `<p class="where">${escaped(result.file)}, ${seconds(result.durationMs)}</p>`,
    errorBlock(result.error),
    result.steps.length === 0
      ? ''
      : `<ol class="steps">${result.steps.map((s) => stepItem(s, ladder.rows, files.id)).join('')}</ol>`,
    ...result.calls.map((call, i) => callBlock(call, files.heard[i])),
    ...result.mails.map((mail, i) => mailBlock(mail, files.mails[i])),
    ladderBlock(result, ladder, files.id),
    `<p class="files"><a href="${files.messages}">SIP messages</a> <a href="${files.events}">all events</a></p>`,
  ]
  return `<section id="${files.id}">\n${parts.filter((part) => part !== '').join('\n')}\n</section>`
}

function errorBlock(error: ScenarioResult['error']): string {
  if (error === undefined) return ''
  const next = error.next === undefined ? '' : `<br />${escaped(error.next)}`
  return `<p class="error"><code>${escaped(error.code)}</code> ${escaped(error.message)}${next}</p>`
}

function callBlock(call: CallResult, heard: string | undefined): string {
  const events = call.transcript.map((h) => {
    const when = `${(h.fromMs / 1000).toFixed(1)}–${seconds(h.toMs)}`
    return `<li>${when}: ${escaped(h.name)} (${h.confidence.toFixed(2)})</li>`
  })
  const title = `Heard by ${escaped(call.from)}, who called ${escaped(call.to)}`
  const listen = heard === undefined ? '<p>Nothing was heard: the call was not answered.</p>' : player(heard, title)
  const list = events.length === 0 ? '' : `<ul>${events.join('')}</ul>`
  return `<h3>${title}</h3>${listen}${list}`
}

function mailBlock(mail: MailResult, files: ScenarioFiles['mails'][number] | undefined): string {
  const title = `Mail delivered to ${escaped(mail.mailbox)}`
  const wav = files?.wav === undefined ? '' : player(files.wav, title)
  const headers = mail.headers.map(
    ([name, value]) => `<tr><th scope="row">${escaped(name)}</th><td>${escaped(value)}</td></tr>`,
  )
  const whole =
    files === undefined ? '' : `<p class="files"><a href="${files.eml}">the mail as it was delivered</a></p>`
  return `<h3>${title}</h3>
<p class="subject">${escaped(mail.subject)}</p>${wav}
<pre>${escaped(mail.text.trimEnd())}</pre>
<details><summary>Headers</summary><div class="scroll" tabindex="0" role="region" aria-label="Headers"><table>${headers.join('')}</table></div></details>
${whole}`
}

/** @param label escaped */
const player = (file: string, label: string): string =>
  `<p class="player"><audio controls="" preload="none" src="${file}" aria-label="${label}"></audio> <a class="files" href="${file}">${file.replace(/^.*\//, '')}</a></p>`

function ladderBlock(result: ScenarioResult, ladder: Ladder, id: string): string {
  if (ladder.rows.length === 0) return ''
  const messages = ladder.rows.filter((r) => r.kind === 'message').length
  return `<h3>Ladder</h3>
<div class="scroll" tabindex="0" role="region" aria-label="Ladder of ${escaped(result.name)}">${ladderSvg(ladder, id)}</div>
<details class="messages"><summary>${messages} SIP messages, and what the stations did</summary>
${ladder.rows.map((row) => rowText(row, id)).join('\n')}
</details>`
}

/** The anchor stands inside the details, so that a link to it opens them. */
function rowText(row: Row, id: string): string {
  const when = seconds(row.at, 3)
  if (row.kind === 'note') {
    return `<p class="note${row.bad ? ' bad' : ''}" id="${anchorOf(id, row)}">${when}, ${escaped(row.station)}: ${escaped(row.title)}</p>`
  }
  const title = `${when}, ${row.from} to ${row.to} over ${row.how}: ${row.title}`
  return `<details><summary>${escaped(title)}</summary><pre id="${anchorOf(id, row)}">${escaped(row.text.trimEnd())}</pre></details>`
}
