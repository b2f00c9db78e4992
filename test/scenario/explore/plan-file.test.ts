import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { loadLab } from '../../../src/lab/load.ts'
import { planOf } from '../../../src/scenario/explore/plan.ts'
import { planText, readPlan } from '../../../src/scenario/explore/plan-file.ts'
import { temporaryFolder } from '../../support/stage.ts'

describe('a plan file', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  before(async () => {
    folder = await temporaryFolder()
  })
  after(() => folder.remove())

  const written = async (text: string): Promise<string> => {
    const path = join(folder.path, 'plan.json')
    await writeFile(path, text)
    return path
  }

  it('reads back what is drawn', async () => {
    const { file } = await loadLab('labs/embedded.yaml')
    for (let seed = 0; seed < 20; seed++) {
      const plan = planOf(seed, file)
      expect(await readPlan(await written(planText(plan)))).to.deep.equal(plan)
    }
  })

  const plan = (fault: string): string => `{\n  "seed": 7,\n  "harmless": false,\n  "faults": [\n    ${fault}\n  ]\n}\n`

  for (const [what, text, fault] of [
    ['a kind that is not known', plan('{ "kind": "fire" }'), /plan\.json:5:15: faults\.0\.kind: /],
    ['no number of ms', plan('{ "kind": "disk", "mostMs": "long" }'), /plan\.json:5:33: faults\.0\.mostMs: /],
    [
      'a share past 1',
      plan('{ "kind": "link", "rule": { "from": "*", "to": "*", "loss": 2 } }'),
      /plan\.json:5:65: faults\.0\.rule\.loss: /,
    ],
    [
      'a reply of success',
      plan('{ "kind": "smtp", "at": "sender", "reply": "250 2.0.0 ok", "times": 1 }'),
      /plan\.json:5:48: faults\.0\.reply: expected an SMTP reply such as "451 4\.3\.2 try later"/,
    ],
    [
      'a role that is not there',
      plan('{ "kind": "kill", "role": "moon", "atEvent": 1, "power": false, "downMs": 1 }'),
      /plan\.json:5:31: faults\.0\.role: /,
    ],
    ['a key that is not known', '{ "seed": 7, "harmless": true, "faults": [], "more": 1 }', /plan\.json:1:46: "more"/],
    ['a seed below 0', '{ "seed": -1, "harmless": true, "faults": [] }', /plan\.json:1:11: seed: /],
    ['text that is no JSON', '{ "seed": [', /plan\.json:\d+:\d+: not YAML/],
  ] as const) {
    it(`with ${what} is refused, and the place is named`, async () => {
      const thrown: unknown = await readPlan(await written(text)).catch((error: unknown) => error)
      expect(thrown).to.have.property('code', 'file-invalid')
      expect(thrown).to.have.property('message').that.matches(fault)
    })
  }

  it('that is not there is named', async () => {
    const thrown: unknown = await readPlan(join(folder.path, 'nowhere.json')).catch((error: unknown) => error)
    expect(thrown).to.include({ code: 'file-unreadable' })
  })
})
