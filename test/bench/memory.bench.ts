import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { loadLab } from '../../src/lab/load.ts'
import { loadScenario } from '../../src/scenario/load.ts'
import { playVirtually } from '../../src/scenario/virtual/play.ts'
import { virtualSet } from '../../src/scenario/virtual/suite.ts'

/** Many virtual calls in one thread, each in a world of its own: what of them stays in memory. CALLS sets how many. */

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const calls = Number(process.env['CALLS'] ?? 500)
const { file, sounds } = await loadLab('labs/embedded.yaml')
const scenario = await loadScenario('scenarios/04-missed-call.yaml')
const set = await virtualSet(file, sounds, [scenario])
const mebibyte = 2 ** 20

console.log('     calls   heap MiB   resident MiB   ms a call')
let began = performance.now()
for (let call = 1; call <= calls; call++) {
  const { result } = await playVirtually(scenario, { ...set, seed: call, emit: () => undefined })
  if (result.verdict !== 'passed') throw new Error(`${result.verdict}: ${result.summary}`)
  if (call % (calls / 10) !== 0) continue
  const ms = (performance.now() - began) / (calls / 10)
  collect()
  const { heapUsed, external, rss } = process.memoryUsage()
  const figures = [(heapUsed + external) / mebibyte, rss / mebibyte, ms].map((v) => v.toFixed(1).padStart(11))
  console.log(`${String(call).padStart(10)}${figures.join(' ')}`)
  began = performance.now()
}
