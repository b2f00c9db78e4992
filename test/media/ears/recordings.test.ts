import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import { parse } from 'yaml'
import { levelDbov } from '../../../src/media/level.ts'
import { readWav } from '../../../src/media/wav.ts'
import { recordings } from './recordings.ts'

const texts = parse(readFileSync('scenarios/audio/texts.yaml', 'utf8')) as Record<string, { text: string }>

describe('the speech of the scenarios', () => {
  it('has one recording for each text, and the texts differ', () => {
    expect(recordings.map(({ name }) => name)).to.have.members(Object.keys(texts))
    expect(new Set(Object.values(texts).map(({ text }) => text)).size).to.equal(recordings.length)
  })

  it('is at 8 kHz, 3 to 5.5 s long, with at most 100 ms of silence at either end', () => {
    for (const file of readdirSync('scenarios/audio').filter((each) => each.endsWith('.wav'))) {
      const { rate, samples } = readWav(readFileSync(`scenarios/audio/${file}`))
      expect(rate, file).to.equal(8000)
      expect(samples.length / 8, file).to.be.within(3000, 5500)
      expect(levelDbov(samples.subarray(0, 800)), `start of ${file}`).to.be.above(-60)
      expect(levelDbov(samples.subarray(-800)), `end of ${file}`).to.be.above(-60)
    }
  })
})
