import { expect } from 'chai'
import { elements } from '../support/report-page.ts'
import { playAnswered, playRefused } from '../support/report-calls.ts'
import { broken, failed, hostile, passed, written } from '../support/report-fixture.ts'

const plain = [
  'a',
  'audio',
  'body',
  'br',
  'circle',
  'code',
  'b',
  'details',
  'div',
  'g',
  'h1',
  'h2',
  'h3',
  'head',
  'header',
  'html',
  'li',
  'line',
  'main',
  'meta',
  'nav',
  'ol',
  'p',
  'polygon',
  'pre',
  'section',
  'span',
  'style',
  'summary',
  'svg',
  'table',
  'td',
  'text',
  'th',
  'time',
  'title',
  'tr',
  'tspan',
  'ul',
]

describe('the page of a report', () => {
  let page: string
  before(async () => {
    const enemy = { type: 'lab.broken', text: '</svg><script>alert(3)</script>\u0001' } as const
    const report = await written([
      { result: passed, play: playAnswered },
      { result: failed, play: playRefused },
      { result: broken },
      { result: hostile, play: (s) => s.say('<lab onload=alert(4)>', enemy) },
    ])
    page = await report.read('index.html')
    await report.remove()
  })

  it('is well-formed and holds no script, whatever names and texts say', () => {
    expect([...elements(page)].filter((name) => !plain.includes(name))).to.deep.equal([])
    expect(page).to.contain('&#60;/script&#62;&#60;script&#62;alert(&#34;1&#34;)')
    expect(page.replace(/"[^"]*"/g, '')).not.to.match(/<[^>]*\son\w+=/)
  })

  it('holds no control character', () => {
    expect(page).not.to.match(/[^\P{Cc}\n\r\t]/u)
  })

  it('refers to nothing outside its folder', () => {
    const refers = [...page.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, to = '']) => to)
    expect(refers.filter((to) => !/^(?:#|calls\/)[\w./-]+$/.test(to))).to.deep.equal([])
    expect(page).not.to.match(/url\(|@import/)
  })

  it('tells of each step what was found, and of a failed one who is at fault, what was expected and what shows it', () => {
    expect(page).to.contain('<div>heard greeting-standard-1001 (0.97)</div>')
    const step = /<li class="failed">.*?<\/li>/.exec(page)?.[0] ?? ''
    expect(step).to.contain('<b>At fault</b> voicemail').and.contain('<b>Expected</b> an answer')
    expect(step).to.contain('<b>Observed</b> 503 Service Unavailable')
    expect(step).to.match(
      /<b>Shown by<\/b> <a href="#02-[^"]*-e2">INVITE, caller to pbx at 0\.002 s<\/a> · <a href="#02-[^"]*-e6">voicemail at/,
    )
  })

  it('offers what was heard and what was delivered, and says so of a call that was not answered', () => {
    expect(page).to.match(/<audio controls="" preload="none" src="calls\/01-[^"]*\/heard-1\.wav"/)
    expect(page).to.match(/<audio controls="" preload="none" src="calls\/01-[^"]*\/delivered-1\.wav"/)
    expect(page).to.contain('0.1–2.4 s: greeting-standard-1001 (0.97)').and.contain('the call was not answered')
  })

  it('counts in its title and at its top', () => {
    expect(page).to.contain('<title>Postern: 1 of 4 passed</title>')
    expect(page).to.contain('2 failed</span> <span class="verdict broken">1 broken</span> in 10.1 s')
    expect(page).to.contain('2026-07-02 12:00:00 UTC')
  })
})
