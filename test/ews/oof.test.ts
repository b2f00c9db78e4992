import { expect } from 'chai'
import {
  oofActive,
  oofDisabled,
  oofRequest,
  oofResponse,
  readOofRequest,
  readOofResponse,
  type OofSettings,
} from '../../src/ews/oof.ts'
import { soapFault } from '../../src/ews/soap.ts'

const start = Date.UTC(2026, 6, 1, 8)
const end = Date.UTC(2026, 6, 15, 18)
const scheduled: OofSettings = {
  state: 'Scheduled',
  externalAudience: 'Known',
  start,
  end,
  internalReply: '<p>Away & gone</p>',
  externalReply: ' "Back" soon\r\n',
}

describe('GetUserOofSettings', () => {
  it('asks for one address and reads it back', () => {
    expect(readOofRequest(oofRequest("o'neil&co@contoso.test"))).to.deep.equal({ mailbox: "o'neil&co@contoso.test" })
  })
  it("reads a request in Microsoft's own prefixes ([MS-OXWOOF] 4.1)", () => {
    const request =
      '<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>' +
      '<GetUserOofSettingsRequest xmlns="http://schemas.microsoft.com/exchange/services/2006/messages">' +
      '<Mailbox xmlns="http://schemas.microsoft.com/exchange/services/2006/types"><Address>User1@example.com</Address></Mailbox>' +
      '</GetUserOofSettingsRequest></soap:Body></soap:Envelope>'
    expect(readOofRequest(request)).to.deep.equal({ mailbox: 'User1@example.com' })
  })
  it('refuses another operation, another namespace and an empty body by schema', () => {
    for (const text of [
      oofRequest('a@b').replaceAll('GetUserOofSettingsRequest', 'FindItem'),
      oofRequest('a@b').replaceAll('services/2006/types', 'services/2020/types'),
      oofRequest('a@b').replace(/<m:.*<\/m:GetUserOofSettingsRequest>/, ''),
      oofRequest(' '),
    ]) {
      expect(readOofRequest(text)).to.include({ fault: 'ErrorSchemaValidation' })
    }
  })
  it('answers settings that read back the same, schedule and markup in replies included', () => {
    for (const settings of [scheduled, oofDisabled, { ...oofDisabled, state: 'Enabled' as const }]) {
      expect(readOofResponse(oofResponse(settings))).to.deep.equal(settings)
    }
  })
  it('reads dates without a zone as UTC and dates with an offset', () => {
    const text = oofResponse(scheduled)
    expect(readOofResponse(text.replaceAll('.000Z', ''))).to.include({ start, end })
    expect(readOofResponse(text.replaceAll('.000Z', '+02:00'))).to.include({ start: start - 7_200_000 })
    expect(readOofResponse(text.replaceAll('.000Z', ' o clock'))).to.include({ fault: 'ErrorSchemaValidation' })
  })
  it('reads a soap:Fault and an error response as faults', () => {
    const fault = soapFault('soap:Client', 'User is not mailbox owner. <x>')
    expect(readOofResponse(fault)).to.deep.equal({ fault: 'soap:Client', text: 'User is not mailbox owner. <x>' })
    const error = oofResponse(oofDisabled).replace('Success', 'Error').replace('NoError', 'ErrorServerBusy')
    expect(readOofResponse(error)).to.include({ fault: 'ErrorServerBusy' })
    expect(readOofResponse('<html>not Exchange</html>')).to.include({ fault: 'ErrorSchemaValidation' })
  })
})

describe('out of office', () => {
  it('is active when enabled, whatever the dates say', () => {
    expect(oofActive({ ...scheduled, state: 'Enabled' }, end + 1)).to.equal(true)
    expect(oofActive({ ...scheduled, state: 'Disabled' }, start + 1)).to.equal(false)
  })
  it('is active when scheduled from the start up to, not including, the end', () => {
    const at = (wall: number): boolean => oofActive(scheduled, wall)
    expect([at(start - 1), at(start), at(end - 1), at(end)]).to.deep.equal([false, true, true, false])
  })
  it('is never active when scheduled without a window', () => {
    expect(oofActive({ ...oofDisabled, state: 'Scheduled' }, start)).to.equal(false)
  })
})
