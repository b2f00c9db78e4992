import { expect } from 'chai'
import { XMLParser } from 'fast-xml-parser'
import { elements } from '../support/report-page.ts'
import { broken, failed, hostile, passed, skipped, written } from '../support/report-fixture.ts'

interface Suite {
  readonly testsuites: { readonly testsuite: { readonly testcase: readonly Record<string, unknown>[] } }
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseAttributeValue: false,
  htmlEntities: true,
  isArray: (name) => name === 'testcase',
})

/** It throws unless the file is well-formed. */
async function junit(
  ...results: (typeof passed)[]
): Promise<{ text: string; read: Suite; cases: readonly Record<string, unknown>[] }> {
  const report = await written(results.map((result) => ({ result })))
  const text = await report.read('junit.xml')
  await report.remove()
  elements(text)
  const read = parser.parse(text) as Suite
  return { text, read, cases: read.testsuites.testsuite.testcase }
}

describe('the JUnit file of a report', () => {
  it('counts tests, failures and errors on the suite and on the suites', async () => {
    const { read } = await junit(passed, failed, broken)
    const counts = { tests: '3', failures: '1', errors: '1', skipped: '0', time: '10.066' }
    expect(read.testsuites).to.include(counts)
    expect(read.testsuites.testsuite).to.include({ ...counts, name: 'postern', timestamp: '2026-07-02T12:00:00' })
  })

  it('has a test case a scenario, with its file and its steps', async () => {
    const { cases } = await junit(passed)
    expect(cases).to.have.length(1)
    expect(cases[0]).to.include({
      name: passed.name,
      classname: 'scenarios.03-oauth-disabled',
      file: passed.file,
      time: '9.641',
    })
    expect(cases[0]).to.have.property('system-out').that.contains('passed  line 8: hear: greeting-standard-1001')
    expect(cases[0]).not.to.have.any.keys('failure', 'error')
  })

  it('names the station of a failure, what was expected and what was observed', async () => {
    const { cases } = await junit(failed)
    expect(cases[0]).to.have.nested.property('failure.type', 'voicemail')
    expect(cases[0]).to.have.nested.property('failure.message', failed.summary)
    expect(cases[0])
      .to.have.nested.property('failure.#text')
      .that.contains('expected: an answer\n    observed: 503 Service Unavailable')
  })

  it('makes an error of a scenario that broke, with its code and what to do next', async () => {
    const { cases } = await junit(broken)
    expect(cases[0]).to.have.nested.property('error.type', 'network-listen')
    expect(cases[0]).to.have.nested.property('error.#text').that.contains('Choose another port')
  })

  it('counts what was skipped, and says of a case why', async () => {
    const { read, cases } = await junit(passed, skipped)
    expect(read.testsuites).to.include({ tests: '2', failures: '0', errors: '0', skipped: '1' })
    expect(read.testsuites.testsuite).to.include({ tests: '2', skipped: '1' })
    expect(cases[0]).not.to.have.property('skipped')
    expect(cases[1]).to.have.nested.property('skipped.message', 'it sets the date; play it with --virtual')
    expect(cases[1]).not.to.have.any.keys('failure', 'error')
  })

  it('is well-formed whatever names and texts say, and holds no control character', async () => {
    const { text, cases } = await junit(hostile)
    expect(text).not.to.match(/[^\P{Cc}\n\r\t]|\uFFFE/u)
    expect(cases[0]).to.have.property('name', '</script><script>alert("1")</script> \uFFFD[31mred\uFFFD \'&amp;\'')
    expect(cases[0]).to.have.nested.property('failure.type', '"sbc"')
  })

  it('is well-formed when nothing was played', async () => {
    const { text } = await junit()
    expect(text).to.contain('tests="0"')
  })
})
