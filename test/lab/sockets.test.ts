import { expect } from 'chai'
import { startLab } from '../../src/lab/lab.ts'
import { loadLab } from '../../src/lab/load.ts'
import { EventLog } from '../support/event-log.ts'
import { leftovers } from '../support/leftovers.ts'
import { wholeRealWorld } from '../support/own-process.ts'
import { labCertificates, temporaryFolder } from '../support/stage.ts'

describe('a lab on real sockets', () => {
  it('takes a call over UDP, TCP and TLS to the voicemail service, and leaves nothing open when it is closed', async () => {
    const certificates = await labCertificates()
    const folder = await temporaryFolder()
    const left = await leftovers()
    const lab = await startLab({
      ...(await loadLab('labs/embedded.yaml')),
      world: wholeRealWorld,
      certificates,
      data: folder.path,
    })
    const log = new EventLog(lab.bus)
    const phone = await lab.phone({ name: 'caller', from: '+4533120100' })
    const call = await phone.call('7000')
    expect(call.type === 'refused' && call.status).to.equal(404)
    const refused = (['voicemail.refused', 'sbc.refused', 'pbx.refused'] as const).map(
      (type) => log.of(type)[0]?.status,
    )
    expect(refused).to.deep.equal([404, 404, 404])
    await lab.close()
    await folder.remove()
    expect(await left(), 'left behind').to.deep.equal([])
  })
})
