import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { errorCodes, messageOf, PosternError } from '../../src/kernel/errors.ts'

const documented = (): [code: string, meaning: string][] =>
  [...readFileSync('docs/errors.md', 'utf8').matchAll(/^\| `([^`]+)` \| (.*) \|$/gm)].map(
    ([, code = '', meaning = '']) => [code, meaning],
  )

describe('error codes', () => {
  it('are listed in docs/errors.md, each with its meaning, and no others', () => {
    expect(documented()).to.deep.equal(Object.entries(errorCodes))
  })

  it('stand in the alphabet, in small letters and hyphens, and each says what it means in one sentence', () => {
    const codes = Object.keys(errorCodes)
    expect(codes).to.deep.equal([...codes].sort())
    for (const [code, meaning] of Object.entries(errorCodes)) {
      expect(code).to.match(/^[a-z]+(?:-[a-z]+)*$/)
      expect(meaning, code)
        .to.match(/^[A-Z].*\.$/)
        .and.not.to.include('|')
    }
  })
})

describe('PosternError', () => {
  it('carries a code, a message, what to do next, further facts and the cause', () => {
    const cause = new Error('ENOENT')
    const error = new PosternError('file-unreadable', 'lab.yaml cannot be read', {
      next: 'Look.',
      cause,
      detail: { line: 3 },
    })
    expect(error)
      .to.be.instanceOf(Error)
      .and.to.include({ name: 'PosternError', code: 'file-unreadable', next: 'Look.', cause })
    expect(error.message).to.equal('lab.yaml cannot be read')
    expect(error.detail).to.deep.equal({ line: 3 })
  })

  it('has no next and empty facts when none are given', () => {
    const error = new PosternError('lab-broken', 'it broke')
    expect([error.next, error.detail]).to.deep.equal([undefined, {}])
  })

  it('messageOf reads whatever was thrown', () => {
    expect([new Error('one'), 'two', undefined].map(messageOf)).to.deep.equal(['one', 'two', 'undefined'])
  })
})
