import { child, escapeXml, isXmlFault, readXml, type XmlElement, type XmlFault } from './xml.ts'

export const namespaces = {
  soap: 'http://schemas.xmlsoap.org/soap/envelope/',
  messages: 'http://schemas.microsoft.com/exchange/services/2006/messages',
  types: 'http://schemas.microsoft.com/exchange/services/2006/types',
} as const

/** Content-Type of SOAP 1.1 over HTTP (§6). */
export const soapContentType = 'text/xml; charset=utf-8'

/** A SOAP 1.1 document around a body already in XML. */
export function envelope(body: string, header = ''): string {
  return (
    `<?xml version="1.0" encoding="utf-8"?>\n<soap:Envelope xmlns:soap="${namespaces.soap}">` +
    `${header === '' ? '' : `<soap:Header>${header}</soap:Header>`}<soap:Body>${body}</soap:Body></soap:Envelope>`
  )
}

/** The one element of a SOAP body; a soap:Fault (SOAP 1.1 §4.4) becomes a fault of its code and string. */
export function readEnvelope(document: string | Uint8Array): XmlElement | XmlFault {
  const root = readXml(document)
  if (isXmlFault(root)) return root
  if (root.name !== 'Envelope' || root.namespace !== namespaces.soap) return notSchema('a SOAP 1.1 Envelope')
  const [content, ...others] = child(root, namespaces.soap, 'Body')?.children ?? []
  if (content === undefined || others.length > 0) return notSchema('a Body with one element')
  if (content.name !== 'Fault' || content.namespace !== namespaces.soap) return content
  return { fault: child(content, '', 'faultcode')?.text ?? '', text: child(content, '', 'faultstring')?.text ?? '' }
}

/** @param code a QName of SOAP 1.1 §4.4.1, as in `soap:Client` */
export function soapFault(code: string, message: string): string {
  return envelope(
    `<soap:Fault><faultcode>${escapeXml(code)}</faultcode><faultstring>${escapeXml(message)}</faultstring>` +
      `<detail><ErrorCode xmlns="${namespaces.messages}">${errorCode}</ErrorCode></detail></soap:Fault>`,
  )
}

/** COR_E_EXCEPTION, which [MS-OXWOOF] §3.1.4.1 shows in the detail of its fault. */
const errorCode = -2_146_233_088

export const notSchema = (expected: string): XmlFault => ({
  fault: 'ErrorSchemaValidation',
  text: `The request failed schema validation: expected ${expected}.`,
})
