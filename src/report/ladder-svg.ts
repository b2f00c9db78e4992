import { escaped, seconds, shorter } from './html-text.ts'
import type { Ladder, MessageRow, NoteRow, Row } from './ladder.ts'

/** In CSS pixels; `letter` is a wide guess at the mean width of one in the notes' font. */
const lane = 192
const left = 64
/** Beside the first and the last lane. */
const margin = 60
const step = 30
const top = 36
const narrowest = 560
const letter = 6.4
/** In characters. */
const widest = 24

interface Sheet {
  readonly x: (station: string) => number
  readonly width: number
  readonly id: string
}

/** Where the text of a row stands in the page. */
export const anchorOf = (id: string, row: Row): string => `${id}-e${row.seq}`

/** Draws a ladder as SVG; colours come from the page's CSS. Each row links to its text below it. */
export function ladderSvg({ stations, rows }: Ladder, id: string): string {
  const width = Math.max(narrowest, left + 2 * margin + (stations.length - 1) * lane)
  const height = top + rows.length * step + 30
  const sheet: Sheet = { x: (station) => left + margin + stations.indexOf(station) * lane, width, id }
  const lanes = stations.map((s) => laneOf(s, sheet.x(s), height))
  const drawn = rows.map((row, i) => drawnRow(row, top + i * step + 18, sheet))
  const label = `Ladder between ${stations.join(', ')}: ${rows.length} messages and notes`
  return `<svg class="ladder" role="group" aria-label="${escaped(label)}" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
${[...lanes, ...drawn].join('\n')}
</svg>`
}

function laneOf(station: string, x: number, height: number): string {
  const name = escaped(shorter(station, 24))
  const line = `<line class="lane" x1="${x}" y1="24" x2="${x}" y2="${height - 22}"/>`
  return `${line}<text class="station" x="${x}" y="16">${name}</text><text class="station" x="${x}" y="${height - 6}">${name}</text>`
}

function drawnRow(row: Row, y: number, sheet: Sheet): string {
  const time = `<text class="time" x="2" y="${y + 4}">${(row.at / 1000).toFixed(3)}</text>`
  const body = row.kind === 'message' ? arrow(row, y, sheet) : note(row, y, sheet)
  return `<a href="#${anchorOf(sheet.id, row)}">${time}${body}</a>`
}

function arrow(row: MessageRow, y: number, { x }: Sheet): string {
  const from = x(row.from)
  // What a station sends to itself leaves its lane and no more.
  const to = row.from === row.to ? from + lane / 3 : x(row.to)
  const side = to > from ? 1 : -1
  const tip = `${to},${y} ${to - side * 8},${y - 4} ${to - side * 8},${y + 4}`
  const full = `${seconds(row.at, 3)}, ${row.from} to ${row.to} over ${row.how}: ${row.title}`
  const line = `<line x1="${from}" y1="${y}" x2="${to - side * 6}" y2="${y}"/><polygon points="${tip}"/>`
  const label = `<text x="${labelPlace(from, to)}" y="${y - 5}">${escaped(labelText(row.label))} <tspan class="how">${row.how}</tspan></text>`
  return `<g class="${kindOf(row)}"><title>${escaped(full)}</title>${line}${label}</g>`
}

/** What fits between two lanes: of a long response the method is left out first. */
function labelText(label: string): string {
  const short = label.length > widest ? label.replace(/ \(\w+\)$/, '') : label
  return shorter(short, widest)
}

/** In the middle between two lanes: the first gap of an arrow that passes others, so that no lane runs through its label. */
function labelPlace(from: number, to: number): number {
  const first = to > from ? lane / 2 : -lane / 2
  return Math.abs(to - from) > lane ? from + first : (from + to) / 2
}

function kindOf({ title }: MessageRow): string {
  if (/^[3-6]\d\d /.test(title)) return 'refusal'
  return /^\d{3} /.test(title) ? 'response' : 'request'
}

/** Beside its station, on the side with more room; what does not fit is left to the text below. */
function note(row: NoteRow, y: number, { x, width }: Sheet): string {
  const at = x(row.station)
  const before = at - left > width - at
  const room = (before ? at - left : width - at) - 12
  const text = shorter(row.title, Math.floor(room / letter))
  const label = `<text class="${before ? 'before' : 'after'}" x="${at + (before ? -10 : 10)}" y="${y + 4}">${escaped(text)}</text>`
  return `<g class="note${row.bad ? ' bad' : ''}"><title>${escaped(row.title)}</title><circle cx="${at}" cy="${y}" r="4"/>${label}</g>`
}
