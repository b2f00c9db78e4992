import { readdirSync } from 'node:fs'
import { readSound } from '../../src/lab/audio.ts'
import { loadLab } from '../../src/lab/load.ts'
import { loadScenario, type Scenario } from '../../src/scenario/load.ts'
import { virtualSet } from '../../src/scenario/virtual/suite.ts'
import { Threads } from '../../src/scenario/virtual/threads.ts'
import { spread } from './measure.ts'

/** A deposit of 30 s of speech over all five hops, SRTP and STARTTLS included, what was heard recognised and the mail compared. */

const rounds = Number(process.env['ROUNDS'] ?? 25)
const { file, sounds } = await loadLab('labs/embedded.yaml')
const scenario = await thirtySeconds(await loadScenario('scenarios/01-no-answer.yaml'))
const set = await virtualSet(file, sounds, [scenario])

/** As `run --virtual` plays it: in a worker thread. */
const threads = new Threads({ ...set, scenarios: [scenario], wireLog: false }, 1)
const times: number[] = []
const walls: number[] = []
let virtualMs = 0
for (let round = 0; round < rounds; round++) {
  const [before, began] = [process.cpuUsage(), performance.now()]
  const { result } = await threads.play({ scenario: 0, seed: round })
  const { user, system } = process.cpuUsage(before)
  if (result.verdict !== 'passed') throw new Error(`${result.verdict}: ${result.summary}`)
  times.push((user + system) / 1000)
  walls.push(performance.now() - began)
  virtualMs = result.durationMs
}
await threads.close()

const show = (name: string, values: readonly number[], unit: string): void => {
  const { min, median, max } = spread(values)
  console.log(`  ${name.padEnd(34)} ${[min, median, max].map((v) => v.toFixed(0).padStart(7)).join(' ')}  ${unit}`)
}
const warm = times.slice(Math.floor(rounds / 2))
console.log(`a deposit of 30 s of speech, ${(virtualMs / 1000).toFixed(1)} s from start to mail`)
console.log(`  ${''.padEnd(34)} ${['min', 'median', 'max'].map((head) => head.padStart(7)).join(' ')}`)
console.log(`  ${'the first'.padEnd(34)} ${(times[0] ?? NaN).toFixed(0).padStart(7)}  ms of CPU`)
show('CPU, second half of the rounds', warm, 'ms')
show('wall, second half of the rounds', walls.slice(Math.floor(rounds / 2)), 'ms')
show(
  'faster than real time, by CPU',
  warm.map((ms) => virtualMs / ms),
  'times',
)
show(
  'faster than real time, by wall',
  walls.slice(Math.floor(rounds / 2)).map((ms) => virtualMs / ms),
  'times',
)

/** The same scenario with a message of 30 s: all that is spoken in the shipped audio, one after the other. */
async function thirtySeconds(given: Scenario): Promise<Scenario> {
  const [name = ''] = [...given.sounds.keys()]
  const long = new Int16Array(30 * 8000)
  let at = 0
  for (const file of readdirSync('scenarios/audio').filter((f) => f.endsWith('.wav'))) {
    const said = await readSound(`scenarios/audio/${file}`)
    long.set(said.subarray(0, long.length - at), at)
    at = Math.min(long.length, at + said.length)
  }
  return { ...given, sounds: new Map([[name, long]]) }
}
